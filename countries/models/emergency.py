"""An emergency suspension: one operator suspends a live portal at once, and a second one confirms or lifts that.

Only the staff surface loads this model: it names accounts, and the public surface has none.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models.portal import Portal


class EmergencyOutcome(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    LIFTED = "lifted", _("lifted")


class EmergencySuspensionQuerySet(models.QuerySet["EmergencySuspension"]):
    def waiting(self) -> "EmergencySuspensionQuerySet":
        """Suspensions that no second person has confirmed or lifted."""
        return self.filter(outcome="")


class EmergencySuspension(models.Model):
    """One suspension by one person. The reasons are for staff only; no public page shows them."""

    portal = models.ForeignKey(Portal, models.PROTECT, related_name="emergency_suspensions", verbose_name=_("portal"))
    reason = models.TextField(_("reason"))
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("suspended by")
    )
    suspended_at = models.DateTimeField(_("suspended at"))
    # When the latest alarm about it was raised; None before the first one.
    alarmed_at = models.DateTimeField(_("alarmed at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=EmergencyOutcome, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects: ClassVar[models.Manager["EmergencySuspension"]] = EmergencySuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency suspension")
        verbose_name_plural = _("emergency suspensions")
        default_permissions = ()
        ordering = ["suspended_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["portal"], condition=models.Q(outcome=""), name="emergency_suspension_one_waiting"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_by=None, decided_at=None)
                | models.Q(outcome__in=EmergencyOutcome.values, decided_by__isnull=False, decided_at__isnull=False),
                name="emergency_suspension_decided_with_name_and_time",
            ),
            # Two people, enforced for all code.
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("suspended_by")), name="emergency_suspension_decided_by_another"
            ),
        ]

    def __str__(self) -> str:
        return str(self.portal)
