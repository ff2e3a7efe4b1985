"""The columns of exported incidents: what each says, in the words of the list of all incidents, as SQL.

A cell is an expression over `incident`, `facts`, `provider` and `step`. `facts` are values that the list filters by
(`IncidentFacet`): read for a whole batch at once, and without what a later review must not know.

A cell is part of a line of CSV as it is, or NULL. Words come from tables that Python builds, with quotation marks; what
staff typed gets them in SQL; codes and times need none.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing, Severity, Verdict
from analysts.codes.next_steps import NextStepKind
from analysts.models import User
from analysts.states import State
from audit.exports import FORMULAS, csv_line
from countries.languages import country_names, language_name
from countries.models import PortalText

MOST_COMPARED = 20

type SqlParam = int | str | list[int] | list[str]


@dataclass(frozen=True, slots=True)
class Sql:
    text: str
    params: tuple[SqlParam, ...] = ()


@dataclass(frozen=True, slots=True)
class CellWords:
    """The words of one export: of its person's portals only."""

    portals: Mapping[int, str]
    languages: Mapping[str, str]
    zone: ZoneInfo


def read_cell_words(user: User, zone: ZoneInfo) -> CellWords:
    """Two queries."""
    portals = dict(user.visible_portals().values_list("pk", "name"))
    tags = PortalText.objects.filter(portal__in=portals).order_by().values_list("language", flat=True).distinct()
    return CellWords(portals, {tag: language_name(tag) for tag in tags}, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    """`facts` and `joins`: what `cell` reads beside the incident."""

    name: str
    heading: str | Promise
    cell: Callable[[CellWords], Sql]
    facts: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    # Chosen if nothing else is.
    is_usual: bool = True


def write_cell(word: str) -> str:
    return csv_line([word]).removesuffix("\r\n")


def look_up(code: str, words: Iterable[tuple[object, object]]) -> Sql:
    """The word of a code; the code itself if it has none. Of few words, comparing is faster than looking up."""
    table = {str(key): write_cell(str(word)) for key, word in words}
    if len(table) <= MOST_COMPARED:
        branches = " ".join(["WHEN %s THEN %s"] * len(table))
        params = tuple(text for pair in table.items() for text in pair)
        return Sql(f"CASE ({code})::text {branches} ELSE coalesce(({code})::text, '') END", params)
    return Sql(f"coalesce(%s::jsonb ->> ({code})::text, ({code})::text, '')", (json.dumps(table, ensure_ascii=False),))


def quote_in_sql(text: str) -> str:
    """Text as a cell, in quotation marks; no formula."""
    first = ", ".join(str(ord(sign)) for sign in FORMULAS)
    return f"""concat('"', CASE WHEN ascii({text}) IN ({first}) THEN '''' END, replace({text}, '"', '""'), '"')"""


# Of a moment as ISO 8601, which PostgreSQL writes several times faster than a pattern.
DAY, MINUTE = 10, 16


def _in_zone(moment: str, length: int) -> Callable[[CellWords], Sql]:
    """The statement is run in the zone of the export."""
    return _plain(f"left({moment}::text, {length})")


def _plain(text: str) -> Callable[[CellWords], Sql]:
    return lambda _words: Sql(text)


def _state(_words: CellWords) -> Sql:
    state, closing = look_up("incident.state", State.choices), look_up("incident.closing", Closing.choices)
    return Sql(
        f"CASE incident.closing WHEN '' THEN {state.text} ELSE {closing.text} END", (*state.params, *closing.params)
    )


def _verdict(_words: CellWords) -> Sql:
    named = [*Severity.choices, *Verdict.choices]
    return look_up(
        "CASE WHEN facts.verdict <> '' THEN coalesce(nullif(incident.severity, ''), facts.verdict) END", named
    )


def _list_words(array: str, words: Mapping[str, str], unknown: str = "NULL") -> Sql:
    """The words of the keys in an array, each once and in order, without keys that have none.

    `unknown`: an expression over `{key}` for these. One or two, as most arrays have, need no sorting.
    """
    cells = {key: write_cell(word) for key, word in words.items()}
    names = {key: cell[1:-1] for key, cell in cells.items()}

    def look(key: str) -> str:
        return f"coalesce(%s::jsonb ->> ({key})::text, {unknown.format(key=key)})"

    one, two = look(f"{array}[1]"), look(f"{array}[2]")
    text = f"""CASE cardinality({array})
        WHEN 1 THEN {one}
        WHEN 2 THEN concat(
            '"', least({one}, {two}), CASE WHEN {one} <> {two} THEN ', ' || greatest({one}, {two}) END, '"'
        )
        ELSE (
            SELECT concat('"', string_agg(DISTINCT {look("each.key")}, ', '), '"') FROM unnest({array}) AS each (key)
        ) END"""  # noqa: S608 - of constants
    return Sql(text, tuple(json.dumps(table, ensure_ascii=False) for table in (cells, *[names] * 7)))


def _portals(words: CellWords) -> Sql:
    """The names of the person's portals."""
    return _list_words("incident.portals", {str(pk): name for pk, name in words.portals.items()})


def _languages(words: CellWords) -> Sql:
    """The languages used at the person's portals. Without a name, as after a text was deleted, their tags."""
    named = {f"{pk}:{tag}": name for pk in words.portals for tag, name in words.languages.items()}
    mine = ", ".join(f"'{pk}'" for pk in words.portals)
    unknown = f"CASE WHEN split_part({{key}}, ':', 1) IN ({mine}) THEN split_part({{key}}, ':', 2) END"
    return _list_words("incident.portal_languages", named, unknown)


def _yes_or_no(condition: str) -> Callable[[CellWords], Sql]:
    return lambda _words: Sql(
        f"CASE WHEN {condition} THEN %s ELSE %s END", (write_cell(str(_("yes"))), write_cell(str(_("no"))))
    )


JOINS: Mapping[str, str] = {
    # Quoted once for each provider and not for each row, which OFFSET prevents.
    "provider": f"""
        LEFT JOIN (
            SELECT id::text AS id, {quote_in_sql("name")} AS name FROM analysts_recipient OFFSET 0
        ) AS provider ON provider.id = facts.provider""",  # noqa: S608 - of constants
    "step": """
        LEFT JOIN LATERAL (
            SELECT kind, review_at FROM analysts_nextstep
            WHERE incident_id = incident.id AND incident.state IN ('assessed', 'acting') OFFSET 0
        ) AS step ON true""",
}
# In the order of the table.
COLUMNS: tuple[ExportColumn, ...] = (
    ExportColumn(name="incident", heading=_("Incident"), cell=_plain("left(incident.id::text, 8)")),
    ExportColumn(name="state", heading=_("State"), cell=_state),
    ExportColumn(name="verdict", heading=_("Verdict"), cell=_verdict, facts=("verdict",)),
    ExportColumn(name="priority", heading=_("Priority"), cell=_plain("incident.priority::text")),
    ExportColumn(
        name="danger",
        heading=_("Child in danger now"),
        cell=_yes_or_no("incident.child_in_danger"),
        is_usual=False,
    ),
    ExportColumn(name="portals", heading=_("Portals"), cell=_portals),
    ExportColumn(name="languages", heading=_("Languages"), cell=_languages),
    ExportColumn(name="received", heading=_("Received"), cell=_in_zone("incident.first_sighted", MINUTE)),
    ExportColumn(
        name="last_received",
        heading=_("Last received"),
        cell=_in_zone("incident.last_sighted", MINUTE),
        is_usual=False,
    ),
    ExportColumn(
        name="country",
        heading=_("Hosting country"),
        cell=lambda _words: look_up("facts.country", country_names("en")),
        facts=("country",),
    ),
    ExportColumn(
        name="provider",
        heading=_("Provider"),
        cell=_plain("provider.name"),
        facts=("provider",),
        joins=("provider",),
    ),
    ExportColumn(
        name="next_step",
        heading=_("Next step"),
        cell=lambda _words: look_up("step.kind", NextStepKind.choices),
        joins=("step",),
    ),
    ExportColumn(
        name="review",
        heading=_("Date of review"),
        cell=_in_zone("step.review_at", DAY),
        joins=("step",),
        is_usual=False,
    ),
    ExportColumn(name="closed", heading=_("Closed on"), cell=_plain("incident.closed_on::text"), is_usual=False),
)
BY_NAME = {column.name: column for column in COLUMNS}


def facts_of(columns: Iterable[ExportColumn]) -> list[str]:
    return sorted({fact for column in columns for fact in column.facts})


def joins_of(columns: Iterable[ExportColumn]) -> str:
    """The joins that any of the columns needs, each once, in the order of JOINS."""
    needed = {join for column in columns for join in column.joins}
    return " ".join(text for name, text in JOINS.items() if name in needed)
