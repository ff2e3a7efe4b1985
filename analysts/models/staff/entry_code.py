"""The one-time code that lets a person set a new password."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from analysts.models.staff.user import User


class EntryCode(models.Model):
    """A one-time code in two halves, stored as hashes only."""

    user = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="+")
    first_half = models.CharField(_("hash of the first half"), max_length=64)
    second_half = models.CharField(_("hash of the second half"), max_length=64, blank=True)
    until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("entry code")
        verbose_name_plural = _("entry codes")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second_half="", until=None)
                | (~models.Q(second_half="") & models.Q(until__isnull=False)),
                name="entry_code_valid_when_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user_id)
