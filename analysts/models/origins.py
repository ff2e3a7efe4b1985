"""Addresses that came otherwise than by a public report: entered by staff, or imported from a former system."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import AgeBand, EntryOrigin, Severity, Sex, SiteType, Verdict
from analysts.codes.imports import RowOutcome
from analysts.models.export import SealedPart
from analysts.models.incident import Incident
from analysts.models.staff.user import User
from countries.models import Portal
from reports.models import SealingKey, WholeHour

UNDO_FOR = timedelta(days=7)
# A file that is not imported by then is erased.
PREPARED_FOR = timedelta(days=7)


class EnteredAddressQuerySet(models.QuerySet["EnteredAddress"]):
    def visible_to(self, user: User) -> Self:
        """Entries for the user's portals, and those for the hotline as a whole."""
        return self.filter(Q(portal__in=user.portal_ids) | Q(portal=None))


class EnteredAddress(models.Model):
    """One address entered for an incident, which keeps it sealed. It is no report: nothing that counts reports has it.

    A trigger adds its portal to those of the incident, or `HOTLINE` (`analysts.models.staff.user`) if it has none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="entries")
    # None: for the hotline, so that analysts of all portals see it.
    portal = models.ForeignKey(Portal, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    origin = models.CharField(_("origin"), max_length=10, choices=EntryOrigin)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    entered_hour = models.DateTimeField(_("entered (hour)"))
    in_danger = models.BooleanField(_("says a child is in danger now"), default=False)
    # The incident it belonged to before that was merged into this one.
    merged_from = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    objects: ClassVar[models.Manager["EnteredAddress"]] = EnteredAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("entered address")
        verbose_name_plural = _("entered addresses")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(origin__in=EntryOrigin.values), name="entered_origin_known"),
            models.CheckConstraint(condition=WholeHour("entered_hour"), name="entered_whole_hour"),
            # The same form sent twice is one entry.
            models.UniqueConstraint(
                fields=["incident", "portal", "origin", "by", "entered_hour", "in_danger"],
                nulls_distinct=False,
                name="entered_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class ImportFormat(models.TextChoices):
    CSV = "csv", _("Spreadsheet as CSV")
    XLSX = "xlsx", _("Spreadsheet as XLSX")
    SCART = "scart", _("Database export of SCARt")


class ImportState(models.TextChoices):
    MAPPING = "mapping", _("codes are to be mapped")
    COUNTING = "counting", _("being counted")
    COUNTED = "counted", _("counted; nothing is imported yet")
    REQUESTED = "requested", _("waits for a second person")
    RUNNING = "running", _("being imported")
    DONE = "done", _("imported")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")
    DISCARDED = "discarded", _("discarded")


# States in which the file is kept, sealed.
PREPARED = (ImportState.MAPPING, ImportState.COUNTING, ImportState.COUNTED, ImportState.REQUESTED, ImportState.RUNNING)
# States in which the worker has something to do.
WORKING = (ImportState.COUNTING, ImportState.RUNNING, ImportState.UNDOING)
APPROVED = (ImportState.RUNNING, ImportState.DONE, ImportState.UNDOING, ImportState.UNDONE)


class HistoryImport(models.Model):
    """One file of a former system. Its number identifies it to staff."""

    source = models.SlugField(_("former system"), max_length=40, db_index=False)
    format = models.CharField(_("format"), max_length=5, choices=ImportFormat)
    # Whose analysts see open cases; None: the hotline's.
    portal = models.ForeignKey(Portal, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    rows = models.PositiveIntegerField(_("rows"))
    # Columns that are not listed, so that nothing of them was read.
    ignored_columns = models.PositiveIntegerField(_("columns that were not read"), default=0)
    parts_done = models.PositiveIntegerField(_("parts done"), default=0)
    # By code list, how often each code occurs; and ours for each, "" if it is left empty.
    codes = models.JSONField(_("codes"), default=dict, blank=True)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    # By `RowOutcome`.
    counts = models.JSONField(_("rows by outcome"), default=dict, blank=True)
    # By `RowRefusal`, the numbers of the rows.
    refusals = models.JSONField(_("rows that cannot be taken"), default=dict, blank=True)
    # References of rows that outlived the undoing.
    kept = models.JSONField(_("rows kept"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=ImportState, default=ImportState.MAPPING)
    # None for a file given to the command.
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    prepared_at = models.DateTimeField(_("prepared at"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    requested_at = models.DateTimeField(_("requested at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    # When the last row was imported.
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects: ClassVar[models.Manager["HistoryImport"]] = models.Manager()

    class Meta:
        verbose_name = _("history import")
        verbose_name_plural = _("history imports")
        default_permissions = ()
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="history_import_state_known"),
            models.CheckConstraint(condition=Q(format__in=ImportFormat.values), name="history_import_format_known"),
            models.CheckConstraint(
                condition=Q(requested_by=None, requested_at=None)
                | Q(requested_by__isnull=False, requested_at__isnull=False),
                name="history_import_requested_with_time",
            ),
            models.CheckConstraint(
                condition=(~Q(state__in=APPROVED) & Q(approved_by=None, approved_at=None))
                | Q(
                    state__in=APPROVED,
                    requested_by__isnull=False,
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                ),
                name="history_import_approved_with_time",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("requested_by")),
                name="history_import_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(undone_by=None) ^ Q(state__in=[ImportState.UNDOING, ImportState.UNDONE]),
                name="history_import_undone_by_somebody",
            ),
            # Two at once could import one row twice.
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=ImportState.RUNNING), name="history_import_one_running"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_prepared(self) -> bool:
        return self.state in PREPARED

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    @property
    def imported(self) -> int:
        """The cases that it brought."""
        return sum(number for outcome, number in self.counts.items() if outcome != RowOutcome.REPEATED)

    @property
    def taken(self) -> int:
        """The rows of the file that can be taken."""
        return self.rows - self.refused

    @property
    def refused(self) -> int:
        return sum(len(numbers) for numbers in self.refusals.values())


class HistoryPart(SealedPart):
    """Some rows of a file that is prepared. Deleted as they are imported, or with the file."""

    pk = models.CompositePrimaryKey("source_import", "number")
    source_import = models.ForeignKey(HistoryImport, models.CASCADE, related_name="parts", db_index=False)

    objects: ClassVar[models.Manager["HistoryPart"]] = models.Manager()

    class Meta(SealedPart.Meta):
        verbose_name = _("part of a history import")
        verbose_name_plural = _("parts of history imports")

    def __str__(self) -> str:
        return f"{self.source_import_id} {self.number}"


class HistoryRow(models.Model):
    """One case of a former system, as that system classified it. It is no verdict of this hotline.

    An open case has an `incident` in the queue, which keeps its address; of others the address is here, while the
    retention period lasts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source_import = models.ForeignKey(HistoryImport, models.PROTECT, related_name="history_rows")
    source = models.SlugField(_("former system"), max_length=40, db_index=False)
    # The case's number in that system.
    reference = models.CharField(_("reference"), max_length=64)
    # As `Incident.fingerprint`; empty for a row without an address.
    fingerprint = models.BinaryField(max_length=32, default=b"", blank=True)
    key = models.ForeignKey(SealingKey, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sealed = models.BinaryField(default=b"", blank=True)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict, blank=True)
    severity = models.CharField(_("severity"), max_length=1, choices=Severity, blank=True)
    age_band = models.CharField(_("age of the youngest child"), max_length=5, choices=AgeBand, blank=True)
    sex = models.CharField(_("sex"), max_length=16, choices=Sex, blank=True)
    site_type = models.CharField(_("site type"), max_length=16, choices=SiteType, blank=True)
    # The last date of the case there, from which the retention period counts.
    decided_on = models.DateField(_("last date in the former system"))
    # For open cases: the state's code there, who was notified of it, and when last.
    old_state = models.CharField(_("state in the former system"), max_length=80, blank=True)
    host = models.CharField(_("host"), max_length=100, blank=True)
    notified_on = models.DateField(_("last notice"), null=True, blank=True)
    # The incident that this row put in the queue.
    incident = models.OneToOneField(Incident, models.PROTECT, null=True, blank=True, related_name="history_row")

    objects: ClassVar[models.Manager["HistoryRow"]] = models.Manager()

    class Meta:
        verbose_name = _("imported case")
        verbose_name_plural = _("imported cases")
        default_permissions = ()
        indexes = [
            models.Index(fields=["fingerprint"], name="history_row_address", condition=~Q(fingerprint=b"")),
            models.Index(fields=["key", "id"], name="history_row_readable", condition=~Q(sealed=b"")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "reference"], name="history_row_once"),
            models.CheckConstraint(
                condition=Q(sealed=b"") | Q(key__isnull=False, incident=None), name="history_row_sealed_has_key"
            ),
            models.CheckConstraint(
                condition=Q(fingerprint=b"", sealed=b"", incident=None) | ~Q(fingerprint=b""),
                name="history_row_address_has_fingerprint",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.ILLEGAL) | Q(severity="", age_band="", sex=""),
                name="history_row_classified_is_illegal",
            ),
            models.CheckConstraint(
                condition=Q(
                    verdict__in=["", *Verdict.values],
                    severity__in=["", *Severity.values],
                    age_band__in=["", *AgeBand.values],
                    sex__in=["", *Sex.values],
                    site_type__in=["", *SiteType.values],
                ),
                name="history_row_codes_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.reference}"
