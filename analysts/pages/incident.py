"""The incident page: reports, decisions and available actions."""

import math
import uuid
from datetime import datetime

from django.core.paginator import Page
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.answers_section import unread_here
from analysts.assessment.entry_views import entries_of
from analysts.assessment.notes_section import build_notes
from analysts.assessment.open_drafts import ASK, Begun, last_decision, load_open_drafts
from analysts.assessment.related_addresses import record_shared, share_reveal
from analysts.assessment.relations import now_part_of
from analysts.assessment.relations_section import build_relations
from analysts.assessment.reports_section import ReportRow, open_reports, report_row
from analysts.assessment.suggestions import guess_kind
from analysts.assessment.timeline import find_disagreement
from analysts.codes import FoundOn
from analysts.incidents import contents, durations, visible_text
from analysts.incidents.attached import Attached, find_visible, read_attached
from analysts.incidents.display_safe import defang_text
from analysts.incidents.page_kit import ActionForm, PageSection, ShowSection
from analysts.incidents.permissions import check_can_see_incident
from analysts.incidents.table import MOST_COUNTED, CappedPaginator, IdPaginator, incident_rows
from analysts.incidents.visible_text import OwnLetters, TextPart
from analysts.models import Incident, IncidentKind, Report, User
from analysts.models.compiled_query import PreparedQuery
from analysts.models.compiled_together import asked_together
from analysts.pages.action_list import build_action_list
from analysts.pages.history import build_history
from analysts.pages.incident_calls import first_calls, later_calls
from analysts.pages.status_strip import build_strip
from analysts.takedown.appeals.page_section import build_appeals_section
from analysts.takedown.chasing.lists import Due
from analysts.takedown.chasing.page_section import TakedownStatus, status_section
from analysts.takedown.chasing.to_do_round import ToDoRound, find_round
from analysts.takedown.notices.outbox_section import build_notices_section
from analysts.takedown.notices.redaction_section import REDACTION, Leaving, build_redaction_section
from analysts.takedown.notices.reply_section import build_replies_section
from analysts.takedown.routing.page_section import routing_section
from analysts.takedown.tracing.page_section import hosting_section
from analysts.takedown.url_list.page_section import build_url_list_section
from analysts.welfare import viewing
from analysts.welfare.masked_words import Blanks
from analysts.welfare.page_section import masking_of
from countries.staff.requests.staff_pages import staff_page

REPORTS_A_PAGE = 5
# In the order of the page. A section is None if it has no content.
AFTER_VERDICT: tuple[ShowSection, ...] = (
    hosting_section,
    routing_section,
    build_notices_section,
    status_section,
    build_url_list_section,
    build_appeals_section,
)


@require_safe
def incident_detail(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    check_can_see_incident(request.user)
    found = find_visible(incident_id, request.user)
    if found is not None:
        incident, attached = found
        return incident_page(request, incident, attached)
    # A merged incident has no sightings left. Old links to it redirect to the incident that has its reports.
    into = now_part_of(incident_id, request.user)
    if into is None:
        raise Http404
    return redirect("admin:incident", into.pk)


def incident_page(
    request: StaffRequest,
    incident: Incident,
    attached: Attached | None = None,
    *,
    bound: dict[str, ActionForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page. `bound`: a refused form by the name of its action, to be shown again with its input."""
    attached = attached or read_attached(incident, request.user)
    first = [*first_calls(incident, request.user), latest_reports.call(incident.pk, request.user)]
    # The later ones depend on what the first have found.
    with asked_together(first), asked_together(later_calls(incident, request.user, attached)):
        return _draw_page(request, incident, attached, bound or {}, status)


def _draw_page(
    request: StaffRequest, incident: Incident, attached: Attached, bound: dict[str, ActionForm], status: int
) -> HttpResponse:
    user, now = request.user, timezone.now()
    masking = masking_of(request, incident, bound)
    revealed = masking.is_lifted
    started = load_open_drafts(incident, user) if attached.drafts or attached.own_assessments else Begun({}, {})
    [row] = incident_rows([incident], user, now)
    page, reports = find_reports(incident, user, row.reports, bound, request.GET.get("page"))
    clear = clear_address(incident) if revealed else None
    shared = (
        share_reveal(request, incident, blanks=masking.blanks, related=masking.related, now=now) if revealed else None
    )
    related = build_relations(incident, user, bound, masking.blanks, has_merged=attached.merged, shared=shared)
    if shared:
        record_shared(request, incident, shared, now)
    opened = open_reports(reports, has_messages=attached.messages) if revealed else None
    shown = [
        report_row(report, incident, user, bound, started, relations=related, opened=opened, blanks=masking.blanks)
        for report in reports
    ]
    notes = build_notes(
        incident,
        user,
        bound,
        started,
        masking.blanks,
        merged=related.merged,
        has_notes=attached.notes,
        revealed=revealed,
    )
    decided = durations.find_decided(incident)
    sections = after_verdict(incident, user, bound, now)
    redaction = build_redaction_section(incident, user, bound, masking)
    to_do = find_round(request.POST or request.GET, incident.pk, user, now)
    context = {
        "title": _("Incident %(id)s") % {"id": incident},
        "incident": incident,
        "row": row,
        "masking": masking,
        "revealed": revealed,
        "address": masking.blanks.parts(clear.parts) if clear else [TextPart(row.address, row.address)],
        "own_letters": own_letters(clear, masking.blanks) if clear else None,
        "minutes_left": minutes_left(incident, now),
        "acts": build_action_list(incident, user, bound, started.guessing(**suggestions_for(shown))),
        "last": last_decision(user, bound=bound.get("undo")),
        "page": page,
        "reports": shown,
        "entered": entries_of(incident, user) if attached.entries else [],
        "hold": incident.open_hold,
        "hold_note": defang_text(incident.open_hold.note) if incident.open_hold else "",
        "unread_answers": unread_here(incident, user) if attached.unread_answers else 0,
        "notes": notes,
        "history": build_history(incident, user, attached, notes.shown),
        "durations": durations.duration_lines(incident, decided, now=now),
        "redaction": redaction,
        "strip": build_strip(incident, user, bound, decided, due_of(sections), now),
        "after_verdict": sections,
        "open_section": open_section(incident, to_do, redaction, now),
        "replies": build_replies_section(incident, user, bound, masking.blanks, revealed=revealed),
        "dispute": find_disagreement(incident),
        "relations": related,
        "form": next(iter(bound.values()), None),
        "to_do": to_do,
        "kept_inputs": to_do.query if to_do else {},
    }
    viewing.view_incident(by=user, incident=incident, revealed=revealed, portal=row.only_slug, now=now)
    return staff_page(request, "analysts/pages/incident.html", context, status=status)


def open_section(incident: Incident, to_do: ToDoRound | None, redaction: Leaving | None, now: datetime) -> str:
    """The id of the section whose form is open from the start, so that the page has one next step and stays short.

    It is the section of a due row of the to-do list that led here, else of the due next step. Without either it is the
    redaction, once the address is revealed and an analyst has to confirm it.
    """
    if to_do and to_do.is_due:
        return to_do.kind.section
    step = incident.known_next_step
    if step and (due := step.due_section(now)):
        return due
    return REDACTION if redaction and redaction.form and redaction.is_open else ""


def find_reports(
    incident: Incident, user: User, number: int, bound: dict[str, ActionForm], page: str | None
) -> tuple["Page[Report]", list[Report]]:
    """The page of reports to the user's portals, of which there are `number`, and the reports on it."""
    first = order_refused_first(bound)
    if not first and page in (None, "", "1"):
        numbered = IdPaginator(range(min(number, MOST_COUNTED)), REPORTS_A_PAGE)
        return numbered.get_page(1), latest_reports(incident.pk, user)
    found = CappedPaginator(
        Report.objects.visible_to(user)
        .filter(sightings__incident=incident)
        .select_related("portal", "receipt")
        .order_by(*first, "-received_hour", "pk"),
        REPORTS_A_PAGE,
    ).get_page(page)
    return found, list(found)


@PreparedQuery
def latest_reports(incident_id: uuid.UUID, user: User) -> QuerySet[Report]:
    found = Report.objects.visible_to(user).filter(sightings__incident=incident_id)
    return found.select_related("portal", "receipt").order_by("-received_hour", "pk")[:REPORTS_A_PAGE]


def suggestions_for(shown: list[ReportRow]) -> dict[str, str]:
    """Suggested values from the reports on the page, for the analyst to confirm or correct."""
    facts = {fact for row in shown for fact in row.report.facts}
    places = [row.found_on for row in shown if row.found_on != FoundOn.NOT_DETERMINED]
    return {"found_on": places[0] if places else "", "content_kind": guess_kind(facts)}


def order_refused_first(bound: dict[str, ActionForm]) -> list[Case]:
    """Ordering that puts a report with a refused question first, so that its input is on the page shown."""
    asked = [name.removeprefix(ASK) for name in bound if name.startswith(ASK)]
    return [Case(When(pk=pk, then=0), default=1) for pk in asked]


def clear_address(incident: Incident) -> visible_text.LegibleAddress | None:
    """The decrypted address; None if there is none or it cannot be decrypted."""
    opened = contents.unseal_address(incident)
    return visible_text.legible_address(opened.normalised) if opened else None


def own_letters(clear: visible_text.LegibleAddress, blanks: Blanks) -> OwnLetters | None:
    """The host in its own script, masked like the address; None if it is plain ASCII."""
    found = clear.own_letters
    return OwnLetters(blanks.parts(found.parts), found.is_mixed) if found else None


def minutes_left(incident: Incident, now: datetime) -> int:
    """Minutes left of the claim, rounded up; 0 if it has expired or there is none."""
    if incident.claimed_until is None:
        return 0
    return max(0, math.ceil((incident.claimed_until - now).total_seconds() / 60))


def after_verdict(incident: Incident, user: User, bound: dict[str, ActionForm], now: datetime) -> list[PageSection]:
    """The sections of an incident with an illegal verdict; empty without one."""
    shown = AFTER_VERDICT if incident.known_chases else ()
    if incident.kind == IncidentKind.WORDS and incident.severity:
        # Not hosted anywhere, so only its referrals are relevant.
        shown = (routing_section,)
    return [part for shows in shown if (part := shows(incident, user, bound, now)) is not None]


def due_of(sections: list[PageSection]) -> list[Due]:
    """The due to-dos that the status section found."""
    return next((part.context.due for part in sections if isinstance(part.context, TakedownStatus)), [])
