"""The markup of one row of an incident list (`analysts/incidents/_rows.html`).

Written here and not in a template: thirty rows of nested templates took a third of the queue's time.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from analysts.codes import ReviewStage
from analysts.incidents.markup_cache import MarkupCache
from analysts.incidents.page_urls import incident_url
from analysts.incidents.priority import MARKS, PriorityReason
from analysts.incidents.time_markup import draw_local_day
from analysts.states import State
from reports.addresses import AddressKind

if TYPE_CHECKING:
    from analysts.incidents.table import IncidentRow

NOTHING = format_html("{}", "")
# Thirty rows share a few priorities with the same reasons, and a few kinds of address.
DRAWN_PRIORITIES = MarkupCache(most=500)
DRAWN_KINDS = MarkupCache(most=50)


def draw_row(row: "IncidentRow") -> str:
    incident = row.incident
    return format_html(
        '<tr role="row"{}>'
        '<th scope="row" role="rowheader"><a href="{}" data-row>{}</a>{}</th>'
        '<td role="cell">{}</td>'
        '<td role="cell"><code dir="ltr">{}</code>{}</td>'
        '<td role="cell">{} <span class="quiet">{}</span></td>'
        '<td role="cell" class="number"><span class="narrow-label">{}</span> {}</td>'
        '<td role="cell"><span class="narrow-label">{}</span> {}<time datetime="{}">{}</time></td>'
        "</tr>\n",
        format_html(' class="{}"', "danger") if incident.child_in_danger else NOTHING,
        incident_url(incident.pk),
        incident,
        _draw_state(row),
        draw_priority(row, marked=True),
        row.address,
        _draw_address_notes(row),
        ", ".join(row.portals),
        format_html_join(", ", "<bdi>{}</bdi>", ((language,) for language in row.languages)),
        _("Reports:"),
        row.reports,
        _("Age:"),
        format_html('<span class="age-mark" data-age="{}"></span>', row.age_mark),
        timezone.localtime(incident.waiting_since).isoformat(),
        row.age,
    )


def _draw_mark(text: str | Promise) -> str:
    return format_html(' <span class="state">{}</span>', text)


def _draw_state(row: "IncidentRow") -> str:
    """The state where it is not waiting, the stage of a later review, and the next step."""
    incident = row.incident
    if incident.state == State.WAITING and incident.stage == ReviewStage.FIRST and not row.next_step:
        return NOTHING
    later = incident.stage != ReviewStage.FIRST and incident.is_open_to_review
    return format_html(
        "{}{}{}",
        _draw_mark(State(incident.state).label) if incident.state != State.WAITING else NOTHING,
        _draw_mark(ReviewStage(incident.stage).label) if later else NOTHING,
        _draw_next_step(row) if row.next_step else NOTHING,
    )


def _draw_next_step(row: "IncidentRow") -> str:
    step = row.next_step
    if step is None:
        return NOTHING
    words = {
        "what": step.waits_for.label,
        "step": step.what.label,
        "date": draw_local_day(step.review_at),
    }
    said = (
        _("Waiting for %(what)s: %(step)s, due since %(date)s")
        if row.is_overdue
        else _("Waiting for %(what)s: %(step)s, review %(date)s")
    )
    return format_html(
        ' <span class="quiet next-step">{}{}</span>{}',
        said % words,
        f" ({step.owner})" if step.owner else "",
        format_html(' <span class="badge">{}</span>', _("due")) if row.is_overdue else NOTHING,
    )


def draw_priority(row: "IncidentRow", *, marked: bool = False) -> str:
    """The priority with its reasons: in full, or `marked` by a word each that says the rest when it is asked."""
    priority, in_danger, reasons = row.incident.priority, row.incident.child_in_danger, tuple(row.reasons)
    return DRAWN_PRIORITIES.draw_once(
        (priority, in_danger, reasons, marked),
        lambda: format_html(
            '<span class="priority" data-level="{}">{}</span>{}{}',
            10 if priority >= 10 else 5 if priority >= 5 else 0,
            priority,
            format_html(' <strong class="danger-mark">{}</strong>', _("Child in danger")) if in_danger else NOTHING,
            _draw_reasons(reasons, marked=marked, in_danger=in_danger),
        ),
    )


def _draw_reasons(reasons: Sequence[PriorityReason], *, marked: bool, in_danger: bool) -> str:
    if not reasons:
        return NOTHING
    if not marked:
        return format_html(' <span class="quiet">{}</span>', ", ".join(str(each.label) for each in reasons))
    return format_html(
        ' <span class="reason-marks">{}</span>',
        format_html_join(
            " ",
            '<span class="reason-mark" title="{}"><span aria-hidden="true">{}</span>'
            '<span class="visually-hidden">{}</span></span>',
            (
                (reason.label, MARKS[reason], reason.label)
                for reason in reasons
                # In full beside it already.
                if not (in_danger and reason == PriorityReason.CHILD_IN_DANGER)
            ),
        ),
    )


def _draw_address_notes(row: "IncidentRow") -> str:
    """The kind of the address; for a flood, the links to its incidents."""
    kind = row.incident.address_kind
    said = DRAWN_KINDS.draw_once(kind, lambda: _draw_kind(AddressKind(kind))) if kind else NOTHING
    if not row.alike:
        return said
    pk, queue = row.incident.pk, reverse("admin:queue")
    danger = NOTHING
    if row.in_danger:
        danger = format_html(
            ' <a class="alike danger-mark" href="{}?view=danger&amp;like={}">{}</a>',
            queue,
            pk,
            _("Reports of a child in danger among these: %(number)s") % {"number": row.in_danger},
        )
    return format_html(
        '{} <a class="alike" href="{}?like={}">{}</a> <a class="alike" href="{}">{}</a>{}',
        said,
        queue,
        pk,
        _("Show all %(number)s similar reports") % {"number": row.alike},
        incident_url(pk, "admin:flood"),
        _("Close all together"),
        danger,
    )


def _draw_kind(kind: AddressKind) -> str:
    return format_html(' <span class="quiet">{}</span>', kind.label)
