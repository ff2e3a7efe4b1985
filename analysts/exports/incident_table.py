"""The table of exported incidents: its columns, in the words of the list of all incidents, and its rows.

Rows are read in pages by the hour of their receipt, the newest first. Each page is read by statements of its own, so
that no snapshot of the database lasts longer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.codes.next_steps import NextStepKind
from analysts.exports.actions import lock_export
from analysts.exports.files import ExportStopped, ExportTable, Rows
from analysts.exports.permissions import check_can_export_addresses
from analysts.incidents import contents
from analysts.incidents.facet_parts import FacetSearch, Place
from analysts.incidents.facet_search import find_by_received
from analysts.incidents.table import mask_address
from analysts.incidents.value_words import state_words, verdict_words
from analysts.models import Export, ExportProblem, ExportState, Incident, IncidentFacet, Recipient, User
from analysts.states import State
from analysts.welfare.exposure import work_day
from analysts.welfare.meter import Door, addresses_left, pass_door, serialise_files
from countries.languages import country_names, language_name
from countries.models import PortalText
from reports.addresses import defang_address

BATCH = 5000
# Columns of values that the list filters by, which have nothing that a later review must not know.
FACETS = ("verdict", "country", "provider")


class IncidentValues(NamedTuple):
    """The fields of `Incident` that cells are made of: a model for each of a million takes twice as long."""

    pk: UUID
    state: str
    closing: str
    severity: str
    priority: int
    child_in_danger: bool
    portals: list[int]
    portal_languages: list[str]
    first_sighted: datetime
    last_sighted: datetime
    closed_on: date | None
    next_step__kind: str | None
    next_step__review_at: datetime | None


class CellReader:
    """The cells of one export, in the words of its person's portals only."""

    def __init__(self, user: User, zone: ZoneInfo) -> None:
        """Three queries."""
        self.zone = zone
        self.portals = dict(user.visible_portals().values_list("pk", "name"))
        texts = PortalText.objects.filter(portal__in=self.portals).order_by()
        self.languages = {tag: language_name(tag) for tag in texts.values_list("language", flat=True).distinct()}
        # By the id of the recipient.
        self.providers = {str(pk): name for pk, name in Recipient.objects.values_list("pk", "name")}
        self.countries = dict(country_names("en"))
        # The first value by incident and name, for the current page of rows.
        self.facets: Mapping[tuple[UUID, str], str] = {}

    def facet(self, row: IncidentValues, name: str) -> str:
        return self.facets.get((row.pk, name), "")

    def time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def portal_names(self, row: IncidentValues) -> str:
        return ", ".join(sorted({self.portals[pk] for pk in row.portals if pk in self.portals}))

    def language_names(self, row: IncidentValues) -> str:
        """The languages used at the portals. Without a name, as after a text was deleted, their tags."""
        pairs = [pair.split(":", 1) for pair in row.portal_languages]
        return ", ".join(sorted({self.languages.get(tag, tag) for pk, tag in pairs if int(pk) in self.portals}))

    def country(self, row: IncidentValues) -> str:
        country = self.facet(row, "country")
        return self.countries.get(country, country)

    def next_step(self, row: IncidentValues) -> str:
        kind = row.next_step__kind
        return str(NextStepKind(kind).label) if kind and _has_next_step(row) else ""

    def review_day(self, row: IncidentValues) -> str:
        review_at = row.next_step__review_at
        return f"{review_at.astimezone(self.zone):%Y-%m-%d}" if review_at and _has_next_step(row) else ""


def _has_next_step(row: IncidentValues) -> bool:
    return row.state in (State.ASSESSED, State.ACTING)


class ExportColumn(NamedTuple):
    heading: str | Promise
    cell: Callable[[CellReader, IncidentValues], str]
    # Chosen if nothing else is.
    is_usual: bool = True


# By name, in the order of the table.
COLUMNS = {
    "incident": ExportColumn(_("Incident"), lambda _reader, row: str(row.pk)[:8]),
    "state": ExportColumn(_("State"), lambda _reader, row: state_words(row.state, row.closing)),
    "verdict": ExportColumn(
        _("Verdict"), lambda reader, row: verdict_words(reader.facet(row, "verdict"), row.severity)
    ),
    "priority": ExportColumn(_("Priority"), lambda _reader, row: str(row.priority)),
    "danger": ExportColumn(
        _("Child in danger now"), lambda _reader, row: gettext("yes") if row.child_in_danger else gettext("no"), False
    ),
    "portals": ExportColumn(_("Portals"), CellReader.portal_names),
    "languages": ExportColumn(_("Languages"), CellReader.language_names),
    "received": ExportColumn(_("Received"), lambda reader, row: reader.time(row.first_sighted)),
    "last_received": ExportColumn(_("Last received"), lambda reader, row: reader.time(row.last_sighted), False),
    "country": ExportColumn(_("Hosting country"), CellReader.country),
    "provider": ExportColumn(
        _("Provider"), lambda reader, row: reader.providers.get(reader.facet(row, "provider"), "")
    ),
    "next_step": ExportColumn(_("Next step"), CellReader.next_step),
    "review": ExportColumn(_("Date of review"), CellReader.review_day, False),
    "closed": ExportColumn(_("Closed on"), lambda _reader, row: str(row.closed_on or ""), False),
}


def read_incidents(
    search: FacetSearch,
    names: Sequence[str],
    *,
    user: User,
    zone: ZoneInfo,
    addresses: Mapping[UUID, str] | None = None,
) -> ExportTable:
    """The incidents that match, with the columns `names`.

    `addresses`: None for a table without them; the words in place of an address that is not there are included.
    """
    headings = [str(COLUMNS[name].heading) for name in names]
    if addresses is not None:
        headings.append(gettext("Address (defanged)"))
    return ExportTable(
        headings, _count_incidents(search), _read_batches(search, names, CellReader(user, zone), addresses)
    )


def _count_incidents(search: FacetSearch) -> int:
    """One statement; of a million it takes about a second."""
    if search.is_empty:
        return 0
    facets = IncidentFacet.objects.filter(portal__in=search.portals)
    if search.since:
        facets = facets.filter(received__gte=search.since)
    if search.until:
        facets = facets.filter(received__lt=search.until)
    first, *others = [facets.filter(name=choice.name, value__in=choice.values) for choice in search.choices]
    for other in others:
        first = first.filter(incident__in=other.values("incident"))
    return first.values("incident").distinct().count()


def _read_batches(
    search: FacetSearch, names: Sequence[str], reader: CellReader, addresses: Mapping[UUID, str] | None
) -> Iterator[Rows]:
    cells = [COLUMNS[name].cell for name in names]
    last: Place | None = None
    while places := find_by_received(search, most=BATCH, after=last):
        ids = [place.incident for place in places]
        facets = IncidentFacet.objects.filter(
            incident__in=ids, portal__in=search.portals, name__in=[name for name in FACETS if name in names]
        )
        in_order = facets.order_by("-value").values_list("incident", "name", "value")
        reader.facets = {(incident, name): value for incident, name, value in in_order}
        values = Incident.objects.filter(pk__in=ids).values_list(*IncidentValues._fields)
        rows = {row[0]: IncidentValues(*row) for row in values}
        # Incidents deleted since are not missed.
        yield [
            [cell(reader, rows[pk]) for cell in cells] + ([] if addresses is None else [addresses.get(pk, "")])
            for pk in ids
            if pk in rows
        ]
        last = places[-1]


@transaction.atomic
def open_addresses(export: Export, search: FacetSearch, *, now: datetime) -> Mapping[UUID, str]:
    """Defanged addresses by incident, or words why there is none: opened within the person's limit of a day.

    Checked as when the export was ordered, without counting its own addresses. Raises Denied, ExportStopped.
    """
    serialise_files()
    locked, by = lock_export(export), export.by
    check_can_export_addresses(by, now=now)
    locked_today = locked.addresses if work_day(locked.at) == work_day(now) else 0
    remaining = addresses_left(by, now=now) + locked_today
    places = find_by_received(search, most=remaining + 1)
    if len(places) > remaining or locked.state != ExportState.RUNNING:
        raise ExportStopped(ExportProblem.LIMIT)
    incidents = list(Incident.objects.filter(pk__in=[place.incident for place in places]).select_related("key"))
    opened = {incident.pk: contents.export_address(incident) for incident in incidents}
    revealed = [incident for incident in incidents if opened[incident.pk]]
    locked.addresses = len(revealed)
    locked.save(update_fields=["addresses"])
    pass_door(Door.EXPORT, by=by, incidents=revealed, now=now, details={"export": str(export.pk)})
    return {
        incident.pk: defang_address(address.normalised) if address else mask_address(incident)
        for incident in incidents
        for address in [opened[incident.pk]]
    }
