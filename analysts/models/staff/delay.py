"""Sign-in delays after failed attempts. No row identifies an account: see `analysts.accounts.sign_in.delays`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# Maximum number of rows, which limits what arbitrary user names can create.
BUCKETS = 2**18


class Delay(models.Model):
    """Failed attempts of one bucket: a keyed hash of a user name, existing or not, or of one browser of an account."""

    bucket = models.PositiveIntegerField(_("bucket"), primary_key=True)
    failures = models.PositiveSmallIntegerField(_("failed attempts, one under way included"), default=0)
    # Whole seconds: a finer time would reveal typing speed.
    until = models.DateTimeField(_("no attempt before"))
    unrecorded = models.PositiveIntegerField(_("failed attempts that are not on record yet"), default=0)

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(bucket__lt=BUCKETS), name="delay_bucket_bounded"),
        ]

    def __str__(self) -> str:
        return str(self.bucket)
