"""Bulk closings of similar reports."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import Reason, Verdict
from analysts.models.flood import FloodSample
from analysts.models.incident import Incident
from analysts.models.staff.user import User


class BulkClosingQuerySet(models.QuerySet["BulkClosing"]):
    def visible_to(self, user: User) -> Self:
        """Closings with at least one incident that the user can see."""
        from analysts.models.assessment import Assessment  # noqa: PLC0415 - Assessment points here

        visible = Incident.objects.visible_to(user).filter(pk=OuterRef("incident"))
        return self.filter(Exists(Assessment.objects.filter(Exists(visible), bulk=OuterRef("pk"))))


class BulkClosing(models.Model):
    """One decision about a flood of similar reports. Each incident closed by it has an assessment with this `bulk`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # `Incident.flood` of the closed incidents.
    flood = models.BinaryField(max_length=32)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    number = models.PositiveIntegerField(_("number"))
    # Null for closings from before samples were stored.
    sample = models.OneToOneField(FloodSample, models.PROTECT, null=True, blank=True, related_name="closing")
    # The second person, if one approved the closing instead of the sample being opened.
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["BulkClosing"]] = BulkClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk closing")
        verbose_name_plural = _("bulk closings")
        default_permissions = ()
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="bulk_closing_latest")]
        constraints = [
            models.CheckConstraint(condition=~Q(verdict=Verdict.ILLEGAL), name="bulk_closing_never_illegal"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="bulk_closing_undone_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("by")), name="bulk_closing_approved_by_another"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
