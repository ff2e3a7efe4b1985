"""The parts of the page of similar reports: the sample, requests to a second person, and recent closings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.formats import number_format

from analysts.assessment.flood.forms import DeclineClosing, decline_form
from analysts.assessment.permissions import check_can_undo_flood
from analysts.assessment.reports_section import (
    EnvelopeRow,
    characters_in_view,
    count_characters,
    envelope_order,
    envelope_row,
)
from analysts.codes import Fact, Role
from analysts.incidents import contents
from analysts.incidents.display.visible_text import OwnLetters, TextPart
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.table import mask_address
from analysts.models import BulkClosing, FloodSample, Incident, Report, User
from analysts.welfare.masked_words import Blanks
from analysts.welfare.page_section import clear_address, own_letters, warning_labels
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force
from countries.languages import language_name

MOST_CLOSINGS = 10
# The latest reports of a revealed incident; its own page has the others.
MOST_REPORTS = 5


@dataclass(frozen=True, slots=True)
class SampledIncident:
    incident: Incident
    is_opened: bool

    @property
    def address(self) -> str:
        return mask_address(self.incident)

    @property
    def warnings(self) -> list[str]:
        return warning_labels(self.incident.notices)


@dataclass(frozen=True, slots=True, repr=False)
class SampledReport:
    """`characters`: of its reporter's words, which are in `envelopes` once they are revealed."""

    report: Report
    language: str
    facts: list[str]
    characters: int
    envelopes: list[EnvelopeRow]


@dataclass(frozen=True, slots=True, repr=False)
class SampledContent:
    """Content of the revealed row of a sample. `has_more`: reports that only the incident's own page shows."""

    address: Sequence[TextPart]
    own_letters: OwnLetters | None
    reports: list[SampledReport]
    has_more: bool
    # The rows shown, by the ids of the incident and of reports (`masking.count_read`).
    characters: dict[str, int]


@dataclass(frozen=True, slots=True)
class SampleProgress:
    """The user's unfinished sample as the page shows it. `number`: of the incidents that it was drawn from."""

    sample: FloodSample
    rows: list[SampledIncident]
    number: str
    opened: int

    @property
    def is_complete(self) -> bool:
        return self.opened == len(self.rows)

    def has(self, incident: Incident) -> bool:
        return any(row.incident == incident for row in self.rows)


@dataclass(frozen=True, slots=True)
class ClosingRequestRow:
    """Another analyst's request to approve a closing. `sample` has its `size` and the number `opened` of it."""

    sample: FloodSample
    number: str
    decline_form: DeclineClosing


@dataclass(frozen=True, slots=True)
class RecentClosing:
    """A bulk closing as lists show it; `may_undo` is the result of check_can_undo_flood(), until `undo_until`."""

    closing: BulkClosing
    number: str
    may_undo: bool
    undo_until: datetime


def sample_progress(user: User, flood: bytes) -> SampleProgress | None:
    """The user's unfinished sample of the flood. Two queries."""
    sample = FloodSample.objects.select_related("declined_by").current(flood=flood, by=user)
    if sample is None:
        return None
    items = list(sample.items.select_related("incident__key").order_by("pk"))
    return SampleProgress(
        sample,
        rows=[SampledIncident(item.incident, item.opened_at is not None) for item in items],
        number=format_count(len(sample.population)),
        opened=sum(item.opened_at is not None for item in items),
    )


def read_content(user: User, incident: Incident, blanks: Blanks, *, shows_words: bool) -> SampledContent:
    """Decrypt the address and the latest reports of a revealed incident. Two queries.

    `shows_words`: whether the reporters' words are revealed, too.
    """
    legible = clear_address(incident)
    visible = Report.objects.visible_to(user).filter(sightings__incident=incident).select_related("portal")
    latest = list(visible.order_by("-received_hour", "pk")[: MOST_REPORTS + 1])
    envelopes = contents.reveal_envelopes(latest[:MOST_REPORTS])
    reports = [
        SampledReport(
            report=report,
            language=language_name(report.language),
            facts=[str(Fact(fact).label) for fact in report.facts],
            characters=count_characters(envelopes.get(report.pk, ()), ()),
            envelopes=[
                envelope_row(envelope, blanks)
                for envelope in sorted(envelopes.get(report.pk, ()), key=envelope_order)
                # Envelopes that were erased, or cannot be opened, say so beside an address alone, too.
                if shows_words or not envelope.payload
            ],
        )
        for report in latest[:MOST_REPORTS]
    ]
    words = {row.report.pk: row.characters for row in reports} if shows_words else {}
    return SampledContent(
        address=blanks.parts(legible.parts) if legible else [],
        own_letters=own_letters(legible, blanks) if legible else None,
        reports=reports,
        has_more=len(latest) > MOST_REPORTS,
        characters=characters_in_view(incident, legible, words),
    )


def closing_request_rows(user: User, flood: bytes, refused: ActionForm | None = None) -> list[ClosingRequestRow]:
    """Closings for which other analysts ask a second person, the earliest first.

    Args:
        refused: shown instead of an empty form if it is that of one of the requests.
    """
    samples = (
        FloodSample.objects.asking()
        .filter(flood=flood)
        .exclude(by=user)
        .select_related("by", "declined_by")
        .annotate(size=Count("items"), opened=Count("items__opened_at"))
    )
    return [
        ClosingRequestRow(sample, format_count(len(sample.population)), _form_of(sample, refused))
        for sample in samples.order_by("asked_at")[:MOST_CLOSINGS]
    ]


def _form_of(sample: FloodSample, refused: ActionForm | None) -> DeclineClosing:
    form = decline_form(sample)
    return refused if isinstance(refused, DeclineClosing) and refused.auto_id == form.auto_id else form


@dataclass(frozen=True, slots=True)
class ClosingRequests:
    """Requests of others that the user can decide, and the user's own that were declined and not asked again.

    Each sample has the id of one of its incidents as `incident_id`.
    """

    to_decide: list[FloodSample]
    declined: list[FloodSample]

    def __bool__(self) -> bool:
        return bool(self.to_decide or self.declined)


def closing_requests(user: User) -> ClosingRequests:
    """The requests about closings that the dashboard shows to the user. One query."""
    to_decide = Q(asked_at__isnull=False) & ~Q(by=user)
    was_declined = Q(asked_at=None, declined_at__isnull=False, by=user)
    waiting = Incident.objects.visible_to(user).waiting().alike().filter(flood=OuterRef("flood"))
    requests = (
        FloodSample.objects.unfinished()
        .filter(to_decide | was_declined)
        .select_related("by", "declined_by")
        .defer("population", "seed")
        .annotate(incident_id=Subquery(waiting.order_by("waiting_since", "pk").values("pk")[:1]))
        .exclude(incident_id=None)
        .order_by(F("asked_at").asc(nulls_first=True), "declined_at")
    )
    samples = list(requests[: 2 * MOST_CLOSINGS])
    return ClosingRequests(
        to_decide=[sample for sample in samples if sample.asked_at is not None],
        declined=[sample for sample in samples if sample.asked_at is None],
    )


def recent_closings(user: User, now: datetime, *, flood: bytes = b"") -> list[RecentClosing]:
    """The latest closings that are within the time limit for undoing. One query.

    Args:
        flood: selects all closings of this flood, including undone ones. Without it, those that the user may undo:
            their own, and for seniors also those of analysts with whom they share a portal.
    """
    since = now - timedelta(hours=number_in_force("BULK_UNDO_HOURS"))
    return [
        RecentClosing(
            closing=closing,
            number=format_count(closing.number),
            may_undo=is_allowed(check_can_undo_flood, user, closing, now=now),
            undo_until=closing.at + timedelta(hours=number_in_force("BULK_UNDO_HOURS")),
        )
        for closing in _latest_closings(user, since, flood or None)
    ]


def _latest_closings(user: User, since: datetime, flood: bytes | None) -> QuerySet[BulkClosing]:
    # Most queues have none: their people are read only if there are some.
    latest = BulkClosing.objects.filter(at__gte=since).prefetch_related("by", "approved_by")
    if flood:
        latest = latest.filter(flood=flood).visible_to(user).prefetch_related("undone_by")
    elif user.role == Role.SENIOR:
        latest = latest.filter(undone_at=None).visible_to(user)
    else:
        latest = latest.filter(undone_at=None, by=user)
    return latest.order_by("-at")[:MOST_CLOSINGS]


def format_count(number: int) -> str:
    return number_format(number, force_grouping=True)
