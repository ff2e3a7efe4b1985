"""Exports: tables that one person ordered, kept sealed in parts until they fetch them, and at most a day."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

LONGEST_KEPT = timedelta(hours=24)
LONGEST_QUERY = 1000


class ExportSubject(models.TextChoices):
    INCIDENTS = "incidents", _("Incidents")
    EVENTS = "events", _("Audit events")
    INBOX = "inbox", _("Inbox")


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class ExportState(models.TextChoices):
    WAITING = "waiting", _("waiting for the worker")
    RUNNING = "running", _("being written")
    READY = "ready", _("ready")
    FETCHED = "fetched", _("downloaded, and erased here")
    CANCELLED = "cancelled", _("cancelled")
    STOPPED = "stopped", _("not written")
    EXPIRED = "expired", _("erased after 24 hours")


UNFINISHED = (ExportState.WAITING, ExportState.RUNNING)
OPEN = (*UNFINISHED, ExportState.READY)


class ExportProblem(models.TextChoices):
    """Why an export was not written."""

    TOO_LONG = "too_long", _("An XLSX sheet holds at most 1,048,575 rows. Order it as CSV.")
    LIMIT = "limit", _("It has more addresses than you may put into files today. Narrow the filters.")
    REFUSED = "refused", _("Your account may not export this any more.")
    FILTERS = "filters", _("The filters are no longer valid. Set them again on the list.")
    NO_KEY = "no_key", _("There is no key to seal it to. Tell an administrator.")
    FAILED = "failed", _("It failed. Administrators see why on the operations page. Order it again.")


class Export(models.Model):
    """One ordered table. The order is on record; the row itself goes some days after its file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(_("table"), max_length=9, choices=ExportSubject)
    format = models.CharField(_("format"), max_length=4, choices=ExportFormat)
    columns = ArrayField(models.CharField(max_length=20), verbose_name=_("columns"), default=list, blank=True)
    # The person's portals when it was written: the person must still work for all of them.
    portals = ArrayField(models.BigIntegerField(), verbose_name=_("portals"), default=list, blank=True)
    # The query string of the list that it was ordered from.
    query = models.CharField(_("filters"), max_length=LONGEST_QUERY, blank=True)
    has_addresses = models.BooleanField(_("with addresses"), default=False)
    # The addresses that count under the person's limit of a day.
    addresses = models.PositiveIntegerField(_("addresses"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=ExportState, default=ExportState.WAITING)
    problem = models.CharField(_("problem"), max_length=8, choices=ExportProblem, blank=True)
    at = models.DateTimeField(_("ordered at"))
    # When the file is erased, fetched or not.
    until = models.DateTimeField(_("kept until"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # Incremented by each run of the job. A late write of an earlier run is refused.
    run = models.PositiveSmallIntegerField(_("run"), default=0)
    # When its run last wrote something.
    active_at = models.DateTimeField(_("active at"), null=True, blank=True)
    # None before they are counted.
    total = models.PositiveIntegerField(_("rows to write"), null=True, blank=True)
    written = models.PositiveIntegerField(_("rows written"), default=0)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)

    objects: ClassVar[models.Manager["Export"]] = models.Manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ()
        indexes = [
            models.Index(fields=["by", "-at"], name="export_of_person"),
            models.Index(fields=["until"], name="export_until"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["by"], condition=Q(state__in=UNFINISHED), name="export_one_unfinished_a_person"
            ),
            models.CheckConstraint(condition=Q(subject__in=ExportSubject.values), name="export_subject_known"),
            models.CheckConstraint(condition=Q(format__in=ExportFormat.values), name="export_format_known"),
            models.CheckConstraint(
                condition=Q(until__gt=F("at"), until__lte=F("at") + LONGEST_KEPT), name="export_kept_a_day_at_most"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at=None)
                | (Q(state__in=ExportState.values) & ~Q(state__in=OPEN) & Q(ended_at__isnull=False)),
                name="export_ended_with_time",
            ),
            models.CheckConstraint(
                condition=Q(state=ExportState.STOPPED, problem__in=ExportProblem.values)
                | (~Q(state=ExportState.STOPPED) & Q(problem="")),
                name="export_stopped_with_problem",
            ),
            models.CheckConstraint(
                condition=Q(has_addresses=True, subject=ExportSubject.INCIDENTS) | Q(has_addresses=False, addresses=0),
                name="export_addresses_of_incidents",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def is_ready(self) -> bool:
        return self.state == ExportState.READY

    @property
    def shows_count(self) -> bool:
        """Whether its rows may be counted: of the audit log, filtered by a person, they would say how much they did."""
        return self.subject != ExportSubject.EVENTS

    @property
    def written_details(self) -> dict[str, int]:
        """The number of rows, for the audit log."""
        return {"count": self.written} if self.shows_count else {}

    @property
    def percent(self) -> int:
        return 100 * self.written // self.total if self.total else 100


class SealedPart(models.Model):
    """One part of a file, sealed."""

    number = models.PositiveIntegerField(_("number"))
    # The id of the `words` key.
    key_id = models.CharField(_("key"), max_length=40)
    sealed = models.BinaryField()

    class Meta:
        abstract = True
        default_permissions = ()


class ExportPart(SealedPart):
    """Deleted as it is sent, or with the file."""

    pk = models.CompositePrimaryKey("export", "number")
    export = models.ForeignKey(Export, models.CASCADE, related_name="parts", db_index=False)

    objects: ClassVar[models.Manager["ExportPart"]] = models.Manager()

    class Meta(SealedPart.Meta):
        verbose_name = _("part of an export")
        verbose_name_plural = _("parts of exports")

    def __str__(self) -> str:
        return f"{str(self.export_id)[:8]} {self.number}"
