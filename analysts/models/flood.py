"""Foldings of similar reports by hand, and the random samples that precede their closing."""

import uuid
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from math import ceil
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import ClosingDeclineReason, FoldReason, Reason, Verdict
from analysts.models.incident import Incident
from analysts.models.staff.user import User

# A sample has at least this many incidents and this share of those that are closed; all, if they are fewer.
LEAST_SAMPLE = 10
SAMPLE_SHARE = Fraction(5, 100)


def sample_size(number: int) -> int:
    """How many of `number` incidents must be opened before they are closed together."""
    return min(number, max(LEAST_SAMPLE, ceil(number * SAMPLE_SHARE)))


class FloodFolding(models.Model):
    """One decision to fold similar incidents by hand. It covers those that waited at the time, no later ones."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # `Incident.flood` of the folded incidents.
    flood = models.BinaryField(max_length=32, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=12, choices=FoldReason)
    number = models.PositiveIntegerField(_("number"))

    class Meta:
        verbose_name = _("folding by hand")
        verbose_name_plural = _("foldings by hand")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=FoldReason.values), name="flood_folding_reason_known")
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class FloodSampleQuerySet(models.QuerySet["FloodSample"]):
    def unfinished(self) -> Self:
        return self.filter(ended_at=None)

    def current(self, *, flood: bytes, by: User) -> "FloodSample | None":
        """The unfinished sample that `by` drew from the flood; the database allows one."""
        return self.unfinished().filter(flood=flood, by=by).first()

    def asking(self) -> Self:
        """Samples whose closing waits for a second person."""
        return self.unfinished().filter(asked_at__isnull=False)


class FloodSample(models.Model):
    """The incidents of a flood that one analyst is about to close, and a random sample that they open first.

    `population` and `seed` determine the sample, so that an auditor can draw it again (`draw`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flood = models.BinaryField(max_length=32)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    seed = models.BinaryField(max_length=32)
    population = ArrayField(models.UUIDField(), verbose_name=_("incidents"))
    # The decision that a second person is asked to approve instead; cleared when they decline or it is withdrawn.
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    # The latest answer of a second person who declined.
    declined_at = models.DateTimeField(_("declined at"), null=True, blank=True)
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decline_reason = models.CharField(
        _("reason for declining"), max_length=12, choices=ClosingDeclineReason, blank=True
    )
    # When its incidents were closed, or none of them was left to close. Until then its analyst cannot draw another.
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = FloodSampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("sample of similar reports")
        verbose_name_plural = _("samples of similar reports")
        default_permissions = ()
        indexes = [models.Index(fields=["flood", "-at"], name="flood_sample_of_flood")]
        constraints = [
            models.UniqueConstraint(
                fields=["flood", "by"], condition=Q(ended_at=None), name="flood_sample_one_unfinished"
            ),
            models.CheckConstraint(
                condition=Q(asked_at=None, verdict="", reason="")
                | (Q(asked_at__isnull=False) & ~Q(verdict="") & ~Q(reason="")),
                name="flood_sample_asked_with_decision",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None, declined_by=None, decline_reason="")
                | Q(
                    declined_at__isnull=False, declined_by__isnull=False, decline_reason__in=ClosingDeclineReason.values
                ),
                name="flood_sample_declined_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(declined_by=None) | ~Q(declined_by=F("by")), name="flood_sample_declined_by_another"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def decision(self) -> str:
        """Verdict and reason that a second person is asked to approve."""
        return f"{self.get_verdict_display()} ({self.get_reason_display()})"

    def draw(self) -> list[uuid.UUID]:
        """The sample: the ids of `population` with the lowest SHA-256 of the seed followed by the id's 16 bytes."""
        seed = bytes(self.seed)
        in_order = sorted(self.population, key=lambda pk: sha256(seed + pk.bytes).digest())
        return in_order[: sample_size(len(self.population))]


class FloodSampleItem(models.Model):
    """One incident of a sample, and when the analyst who drew the sample revealed it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sample = models.ForeignKey(FloodSample, models.PROTECT, related_name="items")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)

    class Meta:
        verbose_name = _("incident of a sample")
        verbose_name_plural = _("incidents of a sample")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["sample", "incident"], name="flood_sample_item_once")]

    def __str__(self) -> str:
        return str(self.pk)


def mark_sample_opened(*, by: User, incident: Incident, now: datetime) -> None:
    """Record in the samples that `by` drew that they have revealed the incident."""
    FloodSampleItem.objects.filter(incident=incident, sample__by=by, opened_at=None).update(opened_at=now)
