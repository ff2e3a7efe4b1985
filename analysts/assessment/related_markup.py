"""The markup of one related incident in a list of them. Written here and not in a template: a page has up to sixty."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.html import escape, format_html
from django.utils.translation import gettext as _

from analysts.incidents.differences import MarkedPart
from analysts.incidents.markup_cache import NOTHING
from analysts.incidents.page_urls import incident_url
from analysts.incidents.table import mask_address
from analysts.incidents.time_markup import draw_local_day
from analysts.incidents.visible_text import TextPartKind
from analysts.models import Incident
from analysts.states import State

if TYPE_CHECKING:
    from analysts.assessment.relations_section import Neighbour


def draw_address(incident: Incident, parts: Sequence[MarkedPart]) -> str:
    """The address, with what differs from that of the page in <mark>; masked if `parts` is empty."""
    if not parts:
        return format_html('<code dir="ltr">{}</code>', mask_address(incident))
    drawn = format_html("{}" * len(parts), *map(_draw_part, parts))
    return format_html('<code class="address compared" dir="ltr" data-revealed>{}</code>', drawn)


def _draw_part(each: MarkedPart) -> str:
    part = each.part
    if part.kind == TextPartKind.BLANK:
        label = _("masked word")
        return format_html('<bdi class="blank" dir="ltr" role="img" aria-label="{}">{}</bdi>', label, part.shown)
    if part.kind:
        return format_html('<bdi class="{}" dir="ltr">{}</bdi>', part.kind, part.shown)
    return format_html("<mark>{}</mark>", part.shown) if each.differs else escape(part.shown)


def draw_neighbour(other: "Neighbour", page: Incident) -> str:
    """A list item. Its button belongs to the form around the list."""
    incident = other.incident
    return format_html(
        '<li><a href="{}">{}</a> {} <span>{}{}</span> <span class="quiet">{}</span>{}</li>\n',
        incident_url(incident.pk),
        incident,
        other.address_markup,
        State(incident.state).label,
        format_html(" <strong>{}</strong>", other.verdict) if other.verdict else NOTHING,
        draw_local_day(incident.last_sighted),
        _draw_merging(other, page),
    )


def _draw_merging(other: "Neighbour", page: Incident) -> str:
    if not other.merges:
        return NOTHING
    is_away = other.merges == "merge"
    return format_html(
        ' <button type="submit" formaction="{}" name="{}" value="{}">{} '
        '<span class="visually-hidden">{}</span></button>',
        incident_url(page.pk, f"admin:{other.merges}"),
        "into" if is_away else "other",
        other.incident.pk,
        _("Merge into it") if is_away else _("Merge into this one"),
        other.incident,
    )
