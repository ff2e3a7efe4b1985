"""The lanes of the menu with their numbers, and the saved views in it."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from analysts.assessment import list_section as assessment
from analysts.incidents.list_kit import ListLane
from analysts.incidents.table import MOST_SHORT, short_label
from analysts.models import User
from analysts.takedown.next_steps import list_section as next_steps
from countries.languages import language_name

MOST_VIEWS = 10
LANES: tuple[ListLane, ...] = (*assessment.LANES, *next_steps.LANES)
FLOODS = gettext_lazy("Similar reports")
LANGUAGE = "language:"
# One row for each value, of its incidents at each portal; each portal reads no more of the primary key than the menu
# shows. Then the saved views, by name, as `SavedView.objects.visible_to` gives them.
READ_MENU = """
    SELECT lane.name, lane.value, counted.number, 0 AS place
    FROM (
        SELECT at_portal.name, at_portal.value, array_agg(at_portal.portal_id) AS portals
        FROM (
            SELECT offered.name, offered.value, reach.portal_id
            FROM unnest(%(names)s::text[], %(values)s::text[]) AS offered (name, value)
            CROSS JOIN unnest(%(portals)s::bigint[]) AS reach (portal_id)
            UNION ALL
            SELECT 'lane', 'language:' || words.language, words.portal_id
            FROM countries_portaltext AS words WHERE words.portal_id = ANY(%(portals)s)
        ) AS at_portal
        GROUP BY at_portal.name, at_portal.value
    ) AS lane
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT at_portal.incident_id) AS number
        FROM unnest(lane.portals) AS reach (portal_id)
        CROSS JOIN LATERAL (
            SELECT facet.incident_id FROM analysts_incidentfacet AS facet
            WHERE facet.portal_id = reach.portal_id AND facet.name = lane.name AND facet.value = lane.value
            LIMIT %(most)s
        ) AS at_portal
    ) AS counted
    WHERE counted.number > 0
    UNION ALL
    SELECT view.name, view.query, 0, row_number() OVER (ORDER BY view.name)
    FROM (
        SELECT name, query FROM analysts_savedview WHERE owner_id = %(user)s OR is_shared
        ORDER BY name LIMIT %(most_views)s
    ) AS view
    ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class LaneEntry:
    """A lane in the menu. `number`: as text, "" for none."""

    label: str
    url: str
    number: str


class MenuParts(NamedTuple):
    """`languages`: the lanes of one language each. `views`: saved views; their number is empty."""

    lanes: list[LaneEntry]
    languages: list[LaneEntry]
    views: list[LaneEntry]


def read_menu_parts(user: User, floods: int) -> MenuParts:
    """The parts of the menu, with one query. `floods`: the number of incidents in floods of similar reports."""
    counts, views = _read_lanes_and_views(user)
    list_url = reverse("admin:incident_list")
    lanes = [
        LaneEntry(str(lane.label), f"{list_url}?{lane.query}", lane_number(counts.get((lane.name, lane.value), 0)))
        for lane in LANES
        if lane.roles is None or user.role in lane.roles
    ]
    lanes.append(LaneEntry(str(FLOODS), f"{reverse('admin:queue')}?view=alike", lane_number(floods)))
    tags = {value.removeprefix(LANGUAGE): number for (_name, value), number in counts.items() if LANGUAGE in value}
    languages = sorted((language_name(tag), tag, number) for tag, number in tags.items())
    return MenuParts(
        lanes,
        [LaneEntry(label, f"{list_url}?lane={LANGUAGE}{tag}", lane_number(number)) for label, tag, number in languages],
        [LaneEntry(name, f"{list_url}?{query}", "") for name, query in views],
    )


def _read_lanes_and_views(user: User) -> tuple[dict[tuple[str, str], int], list[tuple[str, str]]]:
    """The numbers of incidents by name and value of the lane, up to one more than the menu shows; and the names and
    query strings of saved views.
    """
    values: dict[str, Any] = {
        "names": [lane.name for lane in LANES],
        "values": [lane.value for lane in LANES],
        "portals": list(user.portal_ids),
        "most": MOST_SHORT + 1,
        "user": user.pk,
        "most_views": MOST_VIEWS,
    }
    with connection.cursor() as cursor:
        cursor.execute(READ_MENU, values)
        rows = cursor.fetchall()
    lanes = {(name, value): number for name, value, number, place in rows if not place}
    return lanes, [(name, query) for name, query, _number, place in rows if place]


def lane_heading(query: str) -> str:
    """The label of the lane with this query string; "" if there is none."""
    spoken = query.removeprefix(f"lane={quote_plus(LANGUAGE)}")
    if spoken != query:
        return gettext("To review: %(language)s") % {"language": language_name(spoken)}
    return next((str(lane.label) for lane in LANES if lane.query == query), "")


def lane_number(number: int) -> str:
    """As `short_label`; "" for none."""
    return short_label(number) if number else ""
