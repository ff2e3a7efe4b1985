"""Settings that administrators decide over the server's: what is in force. `setting_change` has who changed it when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_VALUE = 40


class DecidedSetting(models.Model):
    """The decided value of one setting. The public surface reads the view `countries_visiblesetting` of it.

    A value is text as in the environment; "" means the server's own.
    """

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    value = models.CharField(_("value"), max_length=LONGEST_VALUE, blank=True)
    effective_at = models.DateTimeField(_("effective at"))
    # In force before that moment.
    previous = models.CharField(_("value before"), max_length=LONGEST_VALUE, blank=True)
    # When `returns_to` replaces the value; None: until administrators change it.
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    returns_to = models.CharField(_("value afterwards"), max_length=LONGEST_VALUE, blank=True, db_default="")

    class Meta:
        verbose_name = _("decided setting")
        verbose_name_plural = _("decided settings")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(name__regex=r"^[A-Z][A-Z_]{2,39}$"), name="decided_setting_has_a_setting_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
