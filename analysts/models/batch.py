"""Batches: incidents that one person takes to an isolated workstation for some hours, and what came back."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.models.incident import Incident
from analysts.models.staff.user import User
from analysts.models.workstation import Workstation

LONGEST_LEASE = timedelta(hours=24)


class BatchKind(models.TextChoices):
    """The work on an incident of a batch."""

    FIRST = "first", _("first assessments")
    SECOND = "second", _("second reviews")
    TRACES = "traces", _("hosting traces")
    CHECKS = "checks", _("availability checks")

    @property
    def is_assessment(self) -> bool:
        """Whether the incident is claimed."""
        return self in (BatchKind.FIRST, BatchKind.SECOND)


# Kinds whose incidents are not claimed: several people may find out about them.
FINDINGS = tuple(kind for kind in BatchKind if not kind.is_assessment)


class BatchState(models.TextChoices):
    DRAWN = "drawn", _("on the workstation")
    RETURNED = "returned", _("returned")
    LATE = "late", _("late")
    REVOKED = "revoked", _("revoked")


class BatchQuerySet(models.QuerySet["Batch"]):
    def open(self) -> Self:
        """Not ended yet."""
        return self.filter(state=BatchState.DRAWN)

    def visible_to(self, user: User) -> Self:
        """The user's own; of senior analysts, who supervise, all."""
        return self if user.role == Role.SENIOR else self.filter(by=user)


class Batch(models.Model):
    """Incidents drawn by one person for one workstation, until a fixed time that nothing extends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    workstation = models.ForeignKey(Workstation, models.PROTECT, related_name="batches", db_index=False)
    state = models.CharField(_("state"), max_length=8, choices=BatchState, default=BatchState.DRAWN)
    at = models.DateTimeField(_("drawn at"))
    until = models.DateTimeField(_("back in the queue at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # None: it was late.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects: ClassVar[models.Manager["Batch"]] = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        default_permissions = ()
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["by", "-at"], name="batch_of_person"),
            models.Index(fields=["-at"], name="batch_latest"),
            models.Index(fields=["until"], name="batch_leases", condition=Q(state=BatchState.DRAWN)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("at"), until__lte=F("at") + LONGEST_LEASE), name="batch_lease_within_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state=BatchState.DRAWN, ended_at=None, ended_by=None)
                | Q(state=BatchState.LATE, ended_at__isnull=False, ended_by=None)
                | Q(
                    state__in=[BatchState.RETURNED, BatchState.REVOKED],
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                ),
                name="batch_ended_with_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def is_open(self) -> bool:
        return self.state == BatchState.DRAWN


class BatchItemQuerySet(models.QuerySet["BatchItem"]):
    def open(self) -> Self:
        """Without a result, in a batch that has not ended."""
        return self.filter(answered_at=None, batch__state=BatchState.DRAWN)


class BatchItem(models.Model):
    """One incident of a batch. It takes one result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items", db_index=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="batch_items")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=6, choices=BatchKind)
    # Round and fence of the incident when it was drawn; results for an earlier round or claim are stale.
    round = models.PositiveSmallIntegerField(_("round"))
    fence = models.PositiveIntegerField(_("claim number"))
    answered_at = models.DateTimeField(_("result received at"), null=True, blank=True)
    # SHA-256 of the signed result, to recognise a repeated import.
    answer = models.BinaryField(_("digest of the result"), max_length=32, default=b"", blank=True)
    # How long it was looked at, as the workstation says.
    seconds = models.PositiveIntegerField(_("seconds of exposure"), default=0)
    # Why its latest result, or a part of it, was refused. It quotes nothing from the result.
    refusal = models.CharField(_("refused"), max_length=300, blank=True)

    objects: ClassVar[models.Manager["BatchItem"]] = BatchItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident of a batch")
        verbose_name_plural = _("incidents of batches")
        default_permissions = ()
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "incident"], name="batch_item_once_a_batch"),
            models.CheckConstraint(condition=Q(kind__in=BatchKind.values), name="batch_item_kind_known"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer=b"") | (Q(answered_at__isnull=False) & ~Q(answer=b"")),
                name="batch_item_answered_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class AllowanceState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    GRANTED = "granted", _("approved")
    DECLINED = "declined", _("declined")


class AddressAllowance(models.Model):
    """A request for more addresses in files on one day than the limit of a day; a senior analyst decides."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # In WORK_TIME_ZONE.
    day = models.DateField(_("day"))
    number = models.PositiveSmallIntegerField(_("number of addresses"))
    at = models.DateTimeField(_("requested at"))
    state = models.CharField(_("state"), max_length=9, choices=AllowanceState, default=AllowanceState.REQUESTED)
    # The person who asked, if they withdrew the request.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for more addresses")
        verbose_name_plural = _("requests for more addresses")
        default_permissions = ()
        ordering = ["at"]
        indexes = [models.Index(fields=["day", "by"], name="address_allowance_of_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["by", "day"],
                condition=Q(state=AllowanceState.REQUESTED),
                name="address_allowance_one_open_a_day",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=1000), name="address_allowance_number_bounded"
            ),
            models.CheckConstraint(
                condition=Q(state=AllowanceState.REQUESTED, decided_by=None, decided_at=None)
                | Q(
                    state__in=[AllowanceState.GRANTED, AllowanceState.DECLINED],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="address_allowance_decided_with_name",
            ),
            models.CheckConstraint(
                condition=~Q(state=AllowanceState.GRANTED) | ~Q(decided_by=F("by")),
                name="address_allowance_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
