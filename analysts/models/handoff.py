"""Isolated workstations, the files carried to them, and their results."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident


class Workstation(models.Model):
    """An isolated workstation, identified by the public key that verifies its signed results."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=60, unique=True)
    # Ed25519, 32 bytes.
    public_key = models.BinaryField(_("public key"), max_length=32, unique=True)
    # The key that batches are sealed to (`reports.sealing.PublicKey`); empty: it takes no batches.
    sealing_key = models.BinaryField(_("sealing key"), max_length=1216, default=b"", db_default=b"", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    closed_on = models.DateField(_("not in use since"), null=True, blank=True)

    class Meta:
        verbose_name = _("isolated workstation")
        verbose_name_plural = _("isolated workstations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Handoff(models.Model):
    """One signed workstation file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("workstation file")
        verbose_name_plural = _("workstation files")
        default_permissions = ()
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="handoff_latest")]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class WorkstationTask(models.TextChoices):
    """A task for the workstation."""

    TRACE = "trace", _("hosting")
    AVAILABLE = "available", _("availability")


class HandoffItem(models.Model):
    """One incident in a file. Results name its id. It takes one result, and is stale once a newer file asks again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    handoff = models.ForeignKey(Handoff, models.PROTECT, related_name="items")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="handoff_items")
    # The incident's round at the time; a result for an earlier round is stale.
    round = models.PositiveSmallIntegerField(_("round"))
    asked = ArrayField(models.CharField(max_length=10, choices=WorkstationTask), verbose_name=_("asked"))
    answered_at = models.DateTimeField(_("result received at"), null=True, blank=True)
    workstation = models.ForeignKey(
        Workstation, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # SHA-256 of the signed result, to recognise a repeated import.
    answer = models.BinaryField(_("digest of the result"), max_length=32, default=b"", blank=True)

    class Meta:
        verbose_name = _("workstation task")
        verbose_name_plural = _("workstation tasks")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["handoff", "incident"], name="handoff_item_once_a_file"),
            models.CheckConstraint(
                condition=Q(asked__contained_by=WorkstationTask.values), name="handoff_item_asked_known"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, workstation__isnull=True)
                | Q(answered_at__isnull=False, workstation__isnull=False),
                name="handoff_item_answered_by_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
