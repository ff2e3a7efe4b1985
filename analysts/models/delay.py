"""How long guessing at a sign-in has to wait. No row names anybody: see `analysts.accounts.delays`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# How many rows there can ever be, whatever names strangers type.
BUCKETS = 2**18


class Delay(models.Model):
    """Failed attempts of one lane: a keyed hash of an account's name, known or not, or of one browser of an account."""

    bucket = models.PositiveIntegerField(_("bucket"), primary_key=True)
    failures = models.PositiveSmallIntegerField(_("failed attempts, one under way included"), default=0)
    # Whole seconds: a finer time would tell how fast somebody types.
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
