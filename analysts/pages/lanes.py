"""The lanes of the menu with their numbers, and the saved views in it: parts of the one statement of the frame."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote_plus

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy

from analysts.assessment import list_section as assessment
from analysts.assessment.forms import View
from analysts.assessment.queue_filters import of_view
from analysts.incidents.list_kit import ListLane
from analysts.incidents.row_markup import NOTHING
from analysts.incidents.table import MOST_SHORT, first_ids, short_label
from analysts.models import Incident, User
from analysts.models.compiled_arguments import pad_list
from analysts.models.compiled_query import write_counts
from analysts.takedown.next_steps import list_section as next_steps
from countries.languages import language_name

MOST_VIEWS = 10
LANES: tuple[ListLane, ...] = (*assessment.LANES, *next_steps.LANES)
FLOODS = gettext_lazy("Similar reports")
LANGUAGE = "language:"
# One row for each value, of its incidents at each portal; each portal reads no more of the primary key than the menu
# shows.
PARTS = """
    ARRAY(
        SELECT jsonb_build_array(lane.name, lane.value, counted.number)::text
        FROM (
            SELECT at_portal.name, at_portal.value, array_agg(at_portal.portal_id) AS portals
            FROM (
                SELECT offered.name, offered.value, reach.portal_id
                FROM unnest(%s::text[], %s::text[]) AS offered (name, value)
                CROSS JOIN (SELECT DISTINCT unnest(ARRAY[{portals}]::bigint[])) AS reach (portal_id)
                UNION ALL
                SELECT 'lane', 'language:' || words.language, words.portal_id
                FROM countries_portaltext AS words WHERE words.portal_id IN ({portals})
            ) AS at_portal
            GROUP BY at_portal.name, at_portal.value
        ) AS lane
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT found.incident_id) AS number
            FROM unnest(lane.portals) AS reach (portal_id)
            CROSS JOIN LATERAL (
                SELECT facet.incident_id FROM analysts_incidentfacet AS facet
                WHERE facet.portal_id = reach.portal_id AND facet.name = lane.name AND facet.value = lane.value
                LIMIT {most}
            ) AS found
        ) AS counted
        WHERE counted.number > 0
        UNION ALL
        SELECT jsonb_build_array('flood', '', ({floods}))::text
        UNION ALL (
            SELECT jsonb_build_array('view', view.name, view.query)::text FROM analysts_savedview AS view
            WHERE view.owner_id = %s OR view.is_shared ORDER BY view.name LIMIT {views}
        )
    )
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

    @property
    def lanes_markup(self) -> str:
        return draw_lanes(self.lanes)

    @property
    def languages_markup(self) -> str:
        return draw_lanes(self.languages)

    @property
    def views_markup(self) -> str:
        return draw_lanes(self.views)


def draw_lanes(lanes: Iterable[LaneEntry]) -> str:
    """A list of links. Written here and not in a template: every page has it two or three times."""
    return format_html("<ul>\n{}</ul>\n", format_html_join("", "{}", ((_draw_lane(lane),) for lane in lanes)))


def _draw_lane(lane: LaneEntry) -> str:
    return format_html(
        '<li>\n<a href="{}"><bdi>{}</bdi>{}</a>\n</li>\n',
        lane.url,
        lane.label,
        format_html(' <strong class="lane-number">{}</strong>', lane.number) if lane.number else NOTHING,
    )


def write_menu_parts(user: User) -> tuple[str, list[object]]:
    """An expression whose value is what `read_menu_parts` reads, and its parameters."""
    portals = pad_list(user.portal_ids)
    floods, of_floods = write_counts(
        {"floods": first_ids(of_view(View.ALIKE, Incident.objects.visible_to(user)), MOST_SHORT + 1)}
    )
    places = ", ".join(["%s"] * len(portals)) or "NULL"
    text = PARTS.format(portals=places, most=MOST_SHORT + 1, floods=floods, views=MOST_VIEWS)
    names, values = [lane.name for lane in LANES], [lane.value for lane in LANES]
    return text, [names, values, *portals, *portals, *of_floods, user.pk]


def read_menu_parts(parts: Iterable[str], user: User) -> MenuParts:
    found: dict[tuple[str, str], int] = {}
    views = []
    for name, value, rest in map(json.loads, parts):
        if name == "view":
            views.append(LaneEntry(value, f"{reverse('admin:incident_list')}?{rest}", ""))
        else:
            found[name, value] = rest
    here = reverse("admin:incident_list")
    lanes = [
        LaneEntry(str(lane.label), f"{here}?{lane.query}", lane_number(found.get((lane.name, lane.value), 0)))
        for lane in LANES
        if lane.roles is None or user.role in lane.roles
    ]
    lanes.append(LaneEntry(str(FLOODS), f"{reverse('admin:queue')}?view=alike", lane_number(found["flood", ""])))
    spoken = [(value.removeprefix(LANGUAGE), number) for (_name, value), number in found.items() if LANGUAGE in value]
    named = sorted((language_name(tag), tag, number) for tag, number in spoken)
    return MenuParts(
        lanes,
        [LaneEntry(label, f"{here}?lane={LANGUAGE}{tag}", lane_number(number)) for label, tag, number in named],
        views,
    )


def lane_heading(query: str) -> str:
    """The label of the lane with this query string; "" if there is none."""
    spoken = query.removeprefix(f"lane={quote_plus(LANGUAGE)}")
    if spoken != query:
        return gettext("To review: %(language)s") % {"language": language_name(spoken)}
    return next((str(lane.label) for lane in LANES if lane.query == query), "")


def lane_number(number: int) -> str:
    """As `short_label`; "" for none."""
    return short_label(number) if number else ""
