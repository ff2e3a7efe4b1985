"""The columns of exported incidents: what each says of one incident, in the words of the list of all incidents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.codes.next_steps import NextStepKind
from analysts.incidents.value_words import state_words, verdict_words
from analysts.models import Recipient, User
from analysts.states import State
from countries.languages import country_names, language_name
from countries.models import PortalText

# Columns of values that the list filters by, read for a whole batch: without what a later review must not know.
FACTS = ("verdict", "country", "provider")


class IncidentFact(TypedDict, total=False):
    """The first value of each of FACTS that an incident has."""

    verdict: str
    country: str
    provider: str


@dataclass(frozen=True, slots=True)
class CellWords:
    """The words of one export: of its person's portals only. `providers`: names by the id of the recipient."""

    portals: Mapping[int, str]
    languages: Mapping[str, str]
    providers: Mapping[str, str]
    countries: Mapping[str, str]
    zone: ZoneInfo


def read_cell_words(user: User, zone: ZoneInfo) -> CellWords:
    """Three queries."""
    portals = dict(user.visible_portals().values_list("pk", "name"))
    tags = PortalText.objects.filter(portal__in=portals).order_by().values_list("language", flat=True).distinct()
    providers = {str(pk): name for pk, name in Recipient.objects.values_list("pk", "name")}
    languages = {tag: language_name(tag) for tag in tags}
    return CellWords(portals, languages, providers, dict(country_names("en")), zone)


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


@dataclass(frozen=True, slots=True)
class ExportedIncident:
    """An incident with what its cells need beside it."""

    incident: IncidentValues
    facts: IncidentFact

    @property
    def is_open(self) -> bool:
        """Whether it has a next step."""
        return self.incident.state in (State.ASSESSED, State.ACTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    name: str
    heading: str | Promise
    cell: Callable[[ExportedIncident, CellWords], str]
    # Chosen if nothing else is.
    is_usual: bool = True


def _time(moment: datetime, words: CellWords) -> str:
    return f"{moment.astimezone(words.zone):%Y-%m-%d %H:%M}"


def _portals(row: ExportedIncident, words: CellWords) -> str:
    """The names of the person's portals."""
    return ", ".join(sorted({words.portals[pk] for pk in row.incident.portals if pk in words.portals}))


def _languages(row: ExportedIncident, words: CellWords) -> str:
    """The languages used at the person's portals. Without a name, as after a text was deleted, their tags."""
    pairs = [pair.split(":", 1) for pair in row.incident.portal_languages]
    return ", ".join(sorted({words.languages.get(tag, tag) for pk, tag in pairs if int(pk) in words.portals}))


def _provider(row: ExportedIncident, words: CellWords) -> str:
    return words.providers.get(row.facts.get("provider", ""), "")


def _country(row: ExportedIncident, words: CellWords) -> str:
    country = row.facts.get("country", "")
    return words.countries.get(country, country)


def _next_step(row: ExportedIncident, _words: CellWords) -> str:
    kind = row.incident.next_step__kind
    return str(NextStepKind(kind).label) if row.is_open and kind else ""


def _review(row: ExportedIncident, words: CellWords) -> str:
    review_at = row.incident.next_step__review_at
    return f"{review_at.astimezone(words.zone):%Y-%m-%d}" if row.is_open and review_at else ""


def _danger(row: ExportedIncident, _words: CellWords) -> str:
    return gettext("yes") if row.incident.child_in_danger else gettext("no")


# In the order of the table.
COLUMNS: tuple[ExportColumn, ...] = (
    ExportColumn(name="incident", heading=_("Incident"), cell=lambda row, _words: str(row.incident.pk)[:8]),
    ExportColumn(
        name="state",
        heading=_("State"),
        cell=lambda row, _words: state_words(row.incident.state, row.incident.closing),
    ),
    ExportColumn(
        name="verdict",
        heading=_("Verdict"),
        cell=lambda row, _words: verdict_words(row.facts.get("verdict", ""), row.incident.severity),
    ),
    ExportColumn(name="priority", heading=_("Priority"), cell=lambda row, _words: str(row.incident.priority)),
    ExportColumn(name="danger", heading=_("Child in danger now"), cell=_danger, is_usual=False),
    ExportColumn(name="portals", heading=_("Portals"), cell=_portals),
    ExportColumn(name="languages", heading=_("Languages"), cell=_languages),
    ExportColumn(
        name="received", heading=_("Received"), cell=lambda row, words: _time(row.incident.first_sighted, words)
    ),
    ExportColumn(
        name="last_received",
        heading=_("Last received"),
        cell=lambda row, words: _time(row.incident.last_sighted, words),
        is_usual=False,
    ),
    ExportColumn(name="country", heading=_("Hosting country"), cell=_country),
    ExportColumn(name="provider", heading=_("Provider"), cell=_provider),
    ExportColumn(name="next_step", heading=_("Next step"), cell=_next_step),
    ExportColumn(name="review", heading=_("Date of review"), cell=_review, is_usual=False),
    ExportColumn(
        name="closed",
        heading=_("Closed on"),
        cell=lambda row, _words: str(row.incident.closed_on or ""),
        is_usual=False,
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}
