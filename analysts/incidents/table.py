"""Rows of incident lists: masked addresses, and figures from the viewer's own portals only."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, QuerySet, TextChoices
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.incidents import contents
from analysts.incidents.counted_time import count_whole_hours
from analysts.incidents.few_open import AnyOfIds
from analysts.incidents.page_urls import incident_url
from analysts.incidents.priority import PriorityReason, priority_level
from analysts.models import EnteredAddress, Incident, IncidentKind, NextStep, Sighting, User
from analysts.states import State
from countries.languages import language_name
from reports import keys, sealing

# Larger counts are not exact: counting further is expensive, and lists are not paged that far.
MOST_COUNTED = 1000
# Numbers in the menu and on the dashboard, which link to lists that count further, are exact up to this one.
MOST_SHORT = 100
# The marks of fewer rows are all shown.
LEAST_COMPARED = 5

# The stubs know Paginator as generic; at run time it is a plain class.
if TYPE_CHECKING:
    RowPaginator = Paginator[Any]
else:
    RowPaginator = Paginator


class CappedPaginator(RowPaginator):
    """Paginates the first MOST_COUNTED rows only, so that neither the count nor the last page reads all rows.

    `counts_in_order`: as `in_order` of `first_ids`.
    """

    def __init__(self, rows: "QuerySet[Any] | Sequence[Any]", per_page: int, *, counts_in_order: bool = False) -> None:
        super().__init__(rows, per_page)
        self.counts_in_order = counts_in_order

    @cached_property
    def ids(self) -> list[Any]:
        rows = cast("QuerySet[Model]", self.object_list)
        return list(first_ids(rows, in_order=self.counts_in_order))

    @cached_property
    def count(self) -> int:
        """The number of rows, at most MOST_COUNTED."""
        return len(self.ids)

    def page(self, number: int | str) -> "Page[Any]":
        """One page, of the ids that were counted where these are all, or in order.

        Otherwise PostgreSQL would walk the ordering index past all rows of other users to find a user's few rows.
        """
        page, rows = super().page(number), cast("QuerySet[Model]", self.object_list)
        start = page.start_index() - 1
        if not self.ids:
            page.object_list = rows.none()
        elif self.counts_in_order:
            page.object_list = rows.filter(pk=AnyOfIds(self.ids[start : start + self.per_page]))
        elif len(self.ids) < MOST_COUNTED:
            page.object_list = rows.filter(pk=AnyOfIds(self.ids))[start : start + self.per_page]
        return page

    @property
    def counted(self) -> str:
        return number_label(self.count)


class IdPaginator(RowPaginator):
    """Paginates the ids of the first MOST_COUNTED rows."""

    @property
    def counted(self) -> str:
        return number_label(self.count)


def first_ids[Row: Model](
    rows: QuerySet[Row], most: int | None = None, *, in_order: bool = False
) -> QuerySet[Model, UUID]:
    """The ids of at most `most` rows, by default MOST_COUNTED, to count them.

    `in_order`: keep the order, for rows that its index finds soonest. Without it PostgreSQL may read the table from its
    beginning, where the oldest rows are.
    """
    return (rows if in_order else rows.order_by()).values_list("pk", flat=True)[: most or MOST_COUNTED]


def count_label(rows: QuerySet[Model]) -> str:
    """The number of rows as text."""
    return number_label(rows.order_by()[:MOST_COUNTED].count())


def number_label(number: int) -> str:
    """A number of at most MOST_COUNTED as text: exact below that, otherwise "1,000+"."""
    return number_format(number, force_grouping=True) + ("+" if number >= MOST_COUNTED else "")


def short_label(number: int) -> str:
    """A number of the menu or the dashboard as text: exact up to MOST_SHORT, then "100+"."""
    return f"{MOST_SHORT}+" if number > MOST_SHORT else str(number)


@dataclass(frozen=True, slots=True)
class RowPlace:
    """The portals and languages of a row, of the viewer's portals only."""

    portals: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReasonMark:
    """A reason in a row of a list: a word for it, and the reason in full."""

    mark: str
    label: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident in a list. `place` and `reports` cover the viewer's portals only."""

    incident: Incident
    address: str
    reasons: list[PriorityReason]
    place: RowPlace
    reports: int
    age: str
    # `AgeMark` of the age.
    age_mark: str
    # Number of similar reports that this row represents, as text; "" for a single incident.
    alike: str = ""
    # Who handed it over to the viewer with a note; "" if it was not handed over.
    handed_over_by: str = ""
    # How many of the similar reports say that a child is in danger, as text; "" for none.
    in_danger: str = ""
    # Set for an open illegal incident.
    next_step: NextStep | None = None
    is_overdue: bool = False
    # The slug of the viewer's portal that it was reported to; "" if there are several.
    only_slug: str = ""
    # The reasons that a list marks by a word each. A child in danger is named in full beside them.
    marks: Sequence[ReasonMark] = ()
    # Reasons that most rows of the list have, so that they distinguish none of them.
    common: tuple[PriorityReason, ...] = ()
    # The place that all rows of the list have, so that it distinguishes none of them.
    shared_place: RowPlace | None = None

    @property
    def portals(self) -> list[str]:
        return list(self.place.portals)

    @property
    def url(self) -> str:
        return incident_url(self.incident.pk)

    @property
    def priority_level(self) -> int:
        return priority_level(self.incident.priority)


def incident_rows(
    incidents: Iterable[Incident], user: User, now: datetime, *, with_steps: bool = True
) -> list[IncidentRow]:
    """Build the rows with one query; one more if any is open and illegal, and if any was only entered by staff.

    `incidents` selects `key`. `with_steps`: whether next steps are shown in the rows.
    """
    listed = list(incidents)
    if not listed:
        return []
    portals: dict[object, dict[str, None]] = defaultdict(dict)
    languages: dict[object, dict[str, None]] = defaultdict(dict)
    reports: dict[object, int] = defaultdict(int)
    slugs: dict[object, set[str]] = defaultdict(set)
    for incident_id, slug, portal, language, number in _sightings_of(listed, user):
        slugs[incident_id].add(slug)
        portals[incident_id][portal] = None
        languages[incident_id][language_name(language)] = None
        reports[incident_id] += number
    if unreported := [incident for incident in listed if not reports[incident.pk]]:
        for incident_id, name in _entries_of(unreported, user):
            portals[incident_id][name or _("Hotline")] = None
    steps = next_steps_of(listed) if with_steps else {}
    common = find_common_reasons(listed)
    # Translated once, and not in each row.
    words = {reason: ReasonMark(str(reason.mark), str(reason.label)) for reason in PriorityReason}
    places = {incident.pk: RowPlace(tuple(portals[incident.pk]), tuple(languages[incident.pk])) for incident in listed}
    shared = find_shared_place(list(places.values()))
    return [
        IncidentRow(
            incident=incident,
            address=mask_address(incident),
            reasons=[PriorityReason(reason) for reason in incident.priority_reasons],
            place=places[incident.pk],
            reports=reports[incident.pk],
            age=age_label(incident.waiting_since, now),
            age_mark=mark_age(incident.waiting_since, now),
            next_step=steps.get(incident.pk),
            marks=[words[reason] for reason in _marked_reasons(incident, common)],
            common=common,
            shared_place=shared,
            is_overdue=incident.pk in steps and steps[incident.pk].is_overdue(now),
            only_slug="".join(slugs[incident.pk]) if len(slugs[incident.pk]) == 1 else "",
        )
        for incident in listed
    ]


def _marked_reasons(incident: Incident, common: Sequence[PriorityReason]) -> list[PriorityReason]:
    in_full = PriorityReason.CHILD_IN_DANGER if incident.child_in_danger else None
    reasons = map(PriorityReason, incident.priority_reasons)
    return [reason for reason in reasons if reason not in (*common, in_full)]


def rows_by_id(incident_ids: Collection[UUID], user: User, now: datetime) -> dict[UUID, IncidentRow]:
    """The rows of those incidents among these that the user may see."""
    incidents = Incident.objects.visible_to(user).filter(pk__in=incident_ids)
    return {row.incident.pk: row for row in incident_rows(incidents.select_related("key"), user, now)}


def _sightings_of(incidents: list[Incident], user: User) -> QuerySet[Sighting, tuple[UUID, str, str, str, int]]:
    return (
        Sighting.objects.filter(incident__in=incidents, portal__in=user.portal_ids)
        .values_list("incident_id", "portal__slug", "portal__name", "report__language")
        .annotate(number=Count("pk"))
        .order_by("portal__name", "report__language")
    )


def _entries_of(incidents: list[Incident], user: User) -> QuerySet[EnteredAddress, tuple[UUID, str | None]]:
    entries = EnteredAddress.objects.visible_to(user).filter(incident__in=incidents)
    return entries.order_by("portal__name").values_list("incident_id", "portal__name")


def next_steps_of(incidents: Iterable[Incident]) -> dict[UUID, NextStep]:
    """The next steps of those that are open and illegal."""
    is_open = [incident.pk for incident in incidents if incident.state in (State.ASSESSED, State.ACTING)]
    return NextStep.objects.select_related("owner").in_bulk(is_open)


def find_common_reasons(listed: Sequence[Incident]) -> tuple[PriorityReason, ...]:
    """The reasons that more than half of the rows have, of a list of at least LEAST_COMPARED; never danger."""
    numbers = Counter(reason for incident in listed for reason in incident.priority_reasons)
    if len(listed) < LEAST_COMPARED:
        return ()
    numbers.pop(PriorityReason.CHILD_IN_DANGER, None)
    return tuple(reason for reason in PriorityReason if 2 * numbers[reason] > len(listed))


def find_shared_place(places: Sequence[RowPlace]) -> RowPlace | None:
    """The place of all rows, of a list of at least LEAST_COMPARED; None if they differ."""
    return places[0] if len(places) >= LEAST_COMPARED and len(set(places)) == 1 else None


def age_label(since: datetime, now: datetime) -> str:
    """The age of what is known to the hour; of what comes later, when its turn begins."""
    if since > now:
        return _("comes later, from %(date)s") % {"date": date_format(since, "j M")}
    return count_whole_hours(now - since)


class AgeMark(TextChoices):
    """How long an incident has been waiting, as a mark beside its age."""

    NEW = "new", gettext_lazy("less than a day")
    DAY = "day", gettext_lazy("a day or longer")
    DAYS = "days", gettext_lazy("three days or longer")
    WEEK = "week", gettext_lazy("a week or longer")


# The least days of each mark but the first, the longest first.
_MARKED_FROM = ((7, AgeMark.WEEK), (3, AgeMark.DAYS), (1, AgeMark.DAY))


def mark_age(since: datetime, now: datetime) -> AgeMark:
    days = (now - since) / timedelta(days=1)
    return next((mark for least, mark in _MARKED_FROM if days >= least), AgeMark.NEW)


def mask_address(incident: Incident) -> str:
    """The masked address, which can be shown before a reveal: distinguishes incidents without exposing any word."""
    if incident.kind == IncidentKind.ADDRESS and not incident.erased_on:
        with suppress(sealing.UnsealError, keys.KeyMissing):
            return contents.mask_row(incident)
    return label_without_address(incident)


def label_without_address(incident: Incident) -> str:
    """Why there is no address to show: also where only its mask opens."""
    if incident.kind == IncidentKind.WORDS:
        return _("Account on an app") if incident.address_kind else _("Words without an address")
    if incident.erased_on:
        return _("Address erased on %(date)s") % {"date": date_format(incident.erased_on, "j M Y")}
    return _("Address no longer readable")
