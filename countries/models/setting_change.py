"""A change of a decided setting. Only the staff surface loads this model: it names accounts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models.decided_setting import LONGEST_VALUE, DecidedSetting


class SettingChange(models.Model):
    """One change of a decided setting. Kept for good."""

    setting = models.ForeignKey(
        DecidedSetting, models.PROTECT, related_name="changes", verbose_name=_("decided setting")
    )
    value = models.CharField(_("value"), max_length=LONGEST_VALUE, blank=True)
    previous = models.CharField(_("value before"), max_length=LONGEST_VALUE, blank=True)
    reason = models.TextField(_("reason"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by")
    )
    # The second person, for changes that need one.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    changed_at = models.DateTimeField(_("changed at"))
    effective_at = models.DateTimeField(_("effective at"))

    class Meta:
        verbose_name = _("change of a setting")
        verbose_name_plural = _("changes of settings")
        default_permissions = ()
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("changed_by")), name="setting_change_approved_by_another"
            ),
            models.CheckConstraint(
                condition=models.Q(effective_at__gte=models.F("changed_at")), name="setting_change_not_backdated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.setting_id}: {self.previous or '–'} → {self.value or '–'}"
