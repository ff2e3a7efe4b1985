"""The parts of the page of similar reports: the sample, requests to a second person, and recent closings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.formats import number_format

from analysts.assessment.flood.forms import DeclineClosing, decline_form
from analysts.assessment.permissions import check_can_undo_flood
from analysts.assessment.related.addresses import ComparedAddress, SharedReveal
from analysts.codes import Role
from analysts.incidents.display.differences import MarkedPart
from analysts.incidents.page_kit import ActionForm
from analysts.models import BulkClosing, FloodSample, Incident, User
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force

MOST_CLOSINGS = 10


@dataclass(frozen=True, slots=True)
class SampledIncident:
    incident: Incident
    is_opened: bool
    # With the difference to the page's incident marked, while that is revealed; otherwise empty.
    parts: Sequence[MarkedPart] = ()

    @property
    def address(self) -> ComparedAddress:
        return ComparedAddress(self.incident, self.parts)


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


def sample_progress(user: User, flood: bytes, shared: SharedReveal | None = None) -> SampleProgress | None:
    """The user's unfinished sample of the flood. Two queries. `shared`: None while the page's incident is masked."""
    sample = FloodSample.objects.select_related("declined_by").current(flood=flood, by=user)
    if sample is None:
        return None
    items = list(sample.items.select_related("incident__key").order_by("pk"))
    return SampleProgress(
        sample,
        rows=[
            SampledIncident(
                item.incident,
                item.opened_at is not None,
                shared.parts_of(item.incident) if shared else (),
            )
            for item in items
        ],
        number=format_count(len(sample.population)),
        opened=sum(item.opened_at is not None for item in items),
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
    latest = BulkClosing.objects.filter(at__gte=since).select_related("by", "approved_by", "undone_by")
    if flood:
        latest = latest.filter(flood=flood).visible_to(user)
    elif user.role == Role.SENIOR:
        latest = latest.filter(undone_at=None).visible_to(user)
    else:
        latest = latest.filter(undone_at=None, by=user)
    return latest.order_by("-at")[:MOST_CLOSINGS]


def format_count(number: int) -> str:
    return number_format(number, force_grouping=True)
