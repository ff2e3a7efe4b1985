"""The incident page: reports, decisions and available actions."""

import math
import uuid
from datetime import datetime

from django.core.paginator import Page
from django.db.models import Case, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.dashboard import count_unread_answers
from analysts.assessment.drafts import ASK, OpenDrafts, last_decision, load_open_drafts
from analysts.assessment.entry_views import entries_of
from analysts.assessment.notes_section import build_notes
from analysts.assessment.related.relations import find_merged_into
from analysts.assessment.report_readers import find_report_readers
from analysts.assessment.reports_section import ReportRow, characters_in_view, open_reports, report_row
from analysts.assessment.suggestions import guess_kind
from analysts.assessment.timeline import find_disagreement
from analysts.assessment.words_release.page_section import PROPOSE
from analysts.codes import FoundOn
from analysts.imports.page_section import hints_of
from analysts.incidents.attached import Attached, find_visible
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.display.visible_text import TextPart
from analysts.incidents.durations import duration_lines
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.permissions import check_can_see_incident
from analysts.incidents.table import MOST_COUNTED, CappedPaginator, IdPaginator, incident_rows, label_without_address
from analysts.models import Incident, Report, User
from analysts.pages.action_list import build_action_list
from analysts.pages.folded_forms import FORMS
from analysts.pages.history import build_history
from analysts.pages.incident_sections import (
    ALONE,
    HISTORY,
    OPEN,
    RELATIONS,
    PageFacts,
    ShownSection,
    read_facts,
    relations_of,
    sections_after_verdict,
    show_section,
)
from analysts.pages.status_strip import StatusStrip, build_strip
from analysts.takedown.chasing.to_do_round import ToDoRound, find_round
from analysts.takedown.next_steps.page_section import PLAN
from analysts.takedown.notices.redaction_section import REDACTION, RedactionPart
from analysts.takedown.systemic_cases.page_section import waiting_cases
from analysts.welfare import viewing
from analysts.welfare.masking import count_read
from analysts.welfare.page_section import clear_address, masking_of, own_letters
from countries.staff.requests.staff_pages import staff_page

REPORTS_PER_PAGE = 5
LATEST_FIRST = ("-received_hour", "pk")


@require_safe
def incident_detail(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The page, or one section of it alone, which is fetched when it is unfolded."""
    check_can_see_incident(request.user)
    if ALONE not in request.GET:
        return incident_page(request, incident_id)
    if visible := find_visible(incident_id, request.user):
        return _draw_section(request, *visible, request.GET.get(OPEN, ""))
    raise Http404


def incident_page(
    request: StaffRequest, incident_id: uuid.UUID, *, bound: dict[str, ActionForm] | None = None, status: int = 200
) -> HttpResponse:
    """Render the page. `bound`: a refused form by the name of its action, to be shown again with its input."""
    if visible := find_visible(incident_id, request.user):
        return _draw_page(request, *visible, bound or {}, status)
    # A merged incident has no sightings left. Old links to it redirect to the incident that has its reports.
    into = find_merged_into(incident_id, request.user)
    if into is None:
        raise Http404
    return redirect("admin:incident", into.pk)


def _draw_page(
    request: StaffRequest, incident: Incident, attached: Attached, bound: dict[str, ActionForm], status: int
) -> HttpResponse:
    user, now = request.user, timezone.now()
    to_do = find_round(request.POST or request.GET, incident.pk, user, now)
    masking = masking_of(request, incident, bound, reason=to_do.kind.reveal_reason if to_do and to_do.is_due else None)
    revealed = masking.is_lifted
    drafts = load_open_drafts(incident, user) if may_have_drafts(incident, user, attached) else OpenDrafts({}, {})
    [row] = incident_rows([incident], user, now, with_steps=False)
    open_names = request.GET.getlist(OPEN)
    facts = read_facts(request, incident, attached, bound, masking, open_names, to_do, now)
    legible = clear_address(incident) if revealed else None
    masked = label_without_address(incident) if revealed else row.address
    page, reports = find_reports(incident, user, row.reports, bound, request.GET.get("page"))
    report_rows = build_report_rows(facts, reports, drafts)
    words = {row.report.pk: row.characters for row in report_rows} if facts.shows_words else {}
    unread = count_read(request, incident, characters_in_view(incident, legible, words))
    with_address = str(incident.pk) in unread
    drafts = drafts.with_suggestions(is_revealed=revealed, **suggestions_for(report_rows))
    notes = build_notes(incident, user, bound, drafts, masking.blanks, latest=facts.notes, revealed=revealed)
    strip = strip_of(facts)
    opened = {*open_names, open_section(incident, to_do, facts.redaction, now)}
    sections = [show_section(section, facts, opened) for section in sections_after_verdict(incident)]
    context: dict[str, object] = {
        "title": _("Incident %(id)s") % {"id": incident},
        "incident": incident,
        "row": row,
        "masking": masking,
        "revealed": revealed,
        "address": masking.blanks.parts(legible.parts) if legible else [TextPart(masked, masked)],
        "own_letters": own_letters(legible, masking.blanks) if legible else None,
        "minutes_left": minutes_left(incident, now),
        "acts": build_action_list(incident, user, bound, drafts, facts.fold),
        "last": last_decision(user, bound=bound.get("undo")),
        "page": page,
        "reports": report_rows,
        # Words that were asked for by a key of their own are in view; those that came with the address stay folded.
        "unfolded": [row.report.pk for row in report_rows if str(row.report.pk) in unread and not with_address],
        "readers": find_report_readers(incident, user, report_rows, revealed=revealed),
        "has_masked_words": not facts.shows_words and any(row.characters for row in report_rows),
        "entered": entries_of(incident, user) if attached.entries else [],
        "imported": hints_of(incident) if attached.imported else [],
        "hold": incident.open_hold,
        "systemic_cases": waiting_cases(incident) if incident.has_systemic_case else [],
        "hold_note": defang_text(incident.open_hold.note) if incident.open_hold else "",
        "unread_answers": count_unread_answers(incident, user) if attached.unread_answers else 0,
        "notes": notes,
        "facts": facts,
        "strip": strip,
        "sections": [section for section in sections if section],
        **(show_folded(facts, opened) if strip else show_unfolded(facts)),
        "dispute": find_disagreement(incident),
        "form": next(iter(bound.values()), None),
        "to_do": to_do,
        "hidden_inputs": to_do.query if to_do else {},
    }
    viewing.view_incident(by=user, incident=incident, revealed=revealed, portal=row.only_slug, now=now)
    return staff_page(request, "analysts/pages/incident.html", context, status=status)


def strip_of(page: PageFacts) -> StatusStrip | None:
    if page.decided is None and not page.incident.known_chases:
        return None
    folded = page.fold(PLAN)
    return build_strip(page.incident, page.user, page.bound, page.decided, page.due, page.hold, page.now, folded)


def may_have_drafts(incident: Incident, user: User, attached: Attached) -> bool:
    """Whether the user has drafts about it, or has undone an assessment, whose form is filled in again."""
    return attached.drafts or (attached.own_assessments and incident.claimed_by_id == user.pk)


def show_folded(facts: PageFacts, opened: set[str]) -> dict[str, ShownSection | None]:
    """Relations and history of an incident with a verdict."""
    return {
        "relations_section": show_section(RELATIONS, facts, opened),
        "history_section": show_section(HISTORY, facts, opened),
    }


def show_unfolded(facts: PageFacts) -> dict[str, object]:
    """Relations and history of an incident without a verdict."""
    incident, user = facts.incident, facts.user
    return {
        "relations": relations_of(facts),
        "history": build_history(incident, user, facts.attached, facts.notes),
        "durations": duration_lines(incident, facts.decided, now=facts.now),
    }


def _draw_section(request: StaffRequest, incident: Incident, attached: Attached, name: str) -> HttpResponse:
    """The content of one section, always masked, because the page itself shows revealed content.

    Like the page, it is recorded as viewed.
    """
    user, now = request.user, timezone.now()
    offered = (*sections_after_verdict(incident), RELATIONS, HISTORY, *FORMS)
    section = next((row for row in offered if row.name == name), None)
    to_do = find_round(request.GET, incident.pk, user, now)
    facts = read_facts(request, incident, attached, {}, None, [name], to_do, now)
    heading = section.show(facts) if section else None
    if heading is None:
        raise Http404
    content = heading.build()
    context = {
        "part": content.context,
        "incident": incident,
        "revealed": False,
        "hidden_inputs": to_do.query if to_do else {},
    }
    viewing.view_incident(by=user, incident=incident, revealed=False, now=now)
    return TemplateResponse(request, content.template, context)


def build_report_rows(facts: PageFacts, reports: list[Report], drafts: OpenDrafts) -> list[ReportRow]:
    opened = None
    if facts.revealed:
        opened = open_reports(reports, facts.incident, facts.attached, shows_words=facts.shows_words)
    return [
        report_row(
            report,
            facts.incident,
            facts.user,
            facts.bound,
            drafts,
            address=facts.address,
            opened=opened,
            blanks=facts.blanks,
        )
        for report in reports
    ]


def open_section(incident: Incident, to_do: ToDoRound | None, redaction: RedactionPart | None, now: datetime) -> str:
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
    reports = Report.objects.visible_to(user).filter(sightings__incident=incident)
    reports = reports.select_related("portal", "receipt", "source")
    if not first and page in (None, "", "1"):
        numbered = IdPaginator(range(min(number, MOST_COUNTED)), REPORTS_PER_PAGE)
        return numbered.get_page(1), list(reports.order_by(*LATEST_FIRST)[:REPORTS_PER_PAGE])
    paginated = CappedPaginator(reports.order_by(*first, *LATEST_FIRST), REPORTS_PER_PAGE).get_page(page)
    return paginated, list(paginated)


def suggestions_for(rows: list[ReportRow]) -> dict[str, str]:
    """Suggested values from the reports on the page, for the analyst to confirm or correct."""
    facts = {fact for row in rows for fact in row.report.facts}
    places = [row.found_on for row in rows if row.found_on != FoundOn.NOT_DETERMINED]
    return {"found_on": places[0] if places else "", "content_kind": guess_kind(facts)}


def order_refused_first(bound: dict[str, ActionForm]) -> list[Case]:
    """Ordering that puts a report with a refused form first, so that its input is on the page shown."""
    report_ids = [name.removeprefix(form) for form in (ASK, PROPOSE) for name in bound if name.startswith(form)]
    return [Case(When(pk=pk, then=0), default=1) for pk in report_ids]


def minutes_left(incident: Incident, now: datetime) -> int:
    """Minutes left of the claim, rounded up; 0 if it has expired or there is none."""
    if incident.claimed_until is None:
        return 0
    return max(0, math.ceil((incident.claimed_until - now).total_seconds() / 60))
