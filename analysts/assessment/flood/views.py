"""The page of similar reports: folding by hand, the sample, closing with or without a second person, and undo.

The sample is read on this page: its URL names the incident whose row is revealed, and only that one is.
"""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions
from analysts.assessment.actions.bulk import MOST_AT_ONCE, closable_incidents, number_of
from analysts.assessment.actions.folding import foldable_incidents
from analysts.assessment.flood.forms import CloseFlood, FoldFlood, bulk_verdicts, decline_form
from analysts.assessment.flood.rows import (
    SampleProgress,
    closing_request_rows,
    format_count,
    read_content,
    recent_closings,
    sample_progress,
)
from analysts.codes import ClosingDeclineReason
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.permissions import check_can_see_queue, check_sees_content
from analysts.incidents.queries import find_incident
from analysts.incidents.table import count_label, mask_address
from analysts.models import BulkClosing, FloodFolding, FloodSample, Incident, User
from analysts.states import State
from analysts.welfare import masking, viewing
from analysts.welfare.page_section import masking_of, notices_of_site, warning_labels
from analysts.welfare.reveal_views import FLOOD, THEN
from audit.permissions import Denied, Late
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page

# Where the page goes on after an action.
GROUP, SAMPLE = "#group-title", "#sample-title"


@require_safe
def flood_detail(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return flood_page(request, find_incident(request, incident_id))


@require_POST
def fold_flood(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find_incident(request, incident_id)
    form = FoldFlood(request.POST, auto_id="fold_%s")

    def fold() -> tuple[str, str]:
        folding = actions.fold_flood(by=request.user, incident=incident, **form.cleaned_data)
        message = ngettext("%(number)s incident folded.", "%(number)s incidents folded.", folding.number)
        # The incident of the page may be none of those folded.
        url = _group_url(request.user, bytes(folding.flood), incident)
        return message % {"number": format_count(folding.number)}, url

    return _act(request, incident, form, fold)


@require_POST
def unfold_flood(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find_incident(request, incident_id)

    def unfold() -> tuple[str, str]:
        number = actions.unfold_flood(by=request.user, flood=bytes(incident.flood))
        message = ngettext(
            "%(number)s incident has its own priority again.",
            "%(number)s incidents have their own priority again.",
            number,
        )
        return message % {"number": format_count(number)}, _url(incident)

    return _act(request, incident, ActionForm(request.POST), unfold)


@require_POST
def draw_sample(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find_incident(request, incident_id)

    def draw() -> tuple[str, str]:
        actions.draw_sample(by=request.user, flood=bytes(incident.flood))
        return _("Sample drawn. Reveal each incident of it."), _url(incident, SAMPLE)

    return _act(request, incident, ActionForm(request.POST), draw)


@require_POST
def close_flood(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find_incident(request, incident_id)
    form = CloseFlood(request.POST, auto_id="flood_%s")

    def close() -> tuple[str, str]:
        sample = _own_sample(request.user, incident)
        closing = actions.close_flood(by=request.user, sample=sample, **form.cleaned_data)
        return _after_closing(request.user, closing, incident)

    return _act(request, incident, form, close)


@require_POST
def ask_approval(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find_incident(request, incident_id)
    form = CloseFlood(request.POST, auto_id="flood_%s")

    def ask() -> tuple[str, str]:
        actions.ask_approval(by=request.user, sample=_own_sample(request.user, incident), **form.cleaned_data)
        return _("Another analyst can approve the closing now. Their dashboard shows the request."), _url(incident)

    return _act(request, incident, form, ask)


@require_POST
def approve_closing(request: StaffRequest, incident_id: uuid.UUID, sample_id: uuid.UUID) -> HttpResponse:
    incident = find_incident(request, incident_id)
    sample = get_object_or_404(FloodSample, pk=sample_id, flood=incident.flood)
    return _act(
        request,
        incident,
        ActionForm(request.POST),
        lambda: _after_closing(request.user, actions.approve_closing(by=request.user, sample=sample), incident),
    )


@require_POST
def decline_closing(request: StaffRequest, incident_id: uuid.UUID, sample_id: uuid.UUID) -> HttpResponse:
    """Decline another analyst's request, with a reason; withdraw one's own."""
    incident = find_incident(request, incident_id)
    sample = get_object_or_404(FloodSample, pk=sample_id, flood=incident.flood)
    is_own = sample.by_id == request.user.pk
    form = ActionForm(request.POST) if is_own else decline_form(sample, request.POST)

    def decline() -> tuple[str, str]:
        reason = None if is_own else ClosingDeclineReason(form.cleaned_data["reason"])
        actions.decline_closing(by=request.user, sample=sample, reason=reason)
        message = _("Withdrawn: nothing has changed.") if is_own else _("Declined: nothing has changed.")
        return message, _url(incident)

    return _act(request, incident, form, decline)


def _act(
    request: StaffRequest, incident: Incident, form: ActionForm, act: Callable[[], tuple[str, str]]
) -> HttpResponse:
    """Call the verb if the form is valid, then redirect with its message, or show the page again with the refusal."""
    if not form.is_valid():
        return flood_page(request, incident, form, status=422)
    try:
        message, url = act()
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        return flood_page(request, incident, form, status=409 if isinstance(denied, Late) else 403)
    messages.success(request, message)
    return redirect(url)


def _url(incident: Incident, fragment: str = "") -> str:
    return reverse("admin:flood", args=[incident.pk]) + fragment


def _group_url(user: User, flood: bytes, incident: Incident) -> str:
    """The page of the group, by `incident` if that is in it; the queue if none of it waits."""
    waiting = Incident.objects.visible_to(user).waiting().alike().filter(flood=flood)
    first = waiting.filter(pk=incident.pk).first() or waiting.order_by("waiting_since", "pk").first()
    return _url(first, GROUP) if first else reverse("admin:queue")


def _own_sample(user: User, incident: Incident) -> FloodSample:
    sample = FloodSample.objects.current(flood=bytes(incident.flood), by=user)
    if sample is None:
        raise Late(_("Draw a sample first."))
    return sample


def _after_closing(user: User, closing: BulkClosing, incident: Incident) -> tuple[str, str]:
    """The message, and where to go on: the rest of the group, or the queue, which lists the closing."""
    message = ngettext("%(number)s incident closed.", "%(number)s incidents closed.", closing.number)
    return message % {"number": format_count(closing.number)}, _group_url(user, bytes(closing.flood), incident)


@require_POST
def undo_flood(request: StaffRequest, closing_id: uuid.UUID) -> HttpResponse:
    check_sees_content(request.user)
    closing = get_object_or_404(BulkClosing.objects.visible_to(request.user), pk=closing_id)
    back = actions.undo_flood(by=request.user, closing=closing)
    messages.success(
        request,
        ngettext("%(number)s incident returned to the queue.", "%(number)s incidents returned to the queue.", back)
        % {"number": format_count(back)},
    )
    if remaining := closing.number - back:
        messages.warning(
            request,
            ngettext(
                "%(number)s incident has changed since and was not returned.",
                "%(number)s incidents have changed since and were not returned.",
                remaining,
            )
            % {"number": format_count(remaining)},
        )
    return redirect("admin:queue")


def flood_page(
    request: StaffRequest, incident: Incident, form: ActionForm | None = None, *, status: int = 200
) -> HttpResponse:
    """The page in its current state. A refused form keeps its input, except for the number of incidents."""
    user, now = request.user, timezone.now()
    check_can_see_queue(user)
    flood = bytes(incident.flood)
    sample = sample_progress(user, flood) if flood else None
    context = _flood_context(user, flood, now, form) if flood else _apart_context(user, incident, form)
    context |= _sample_context(request, incident, sample)
    context |= {
        "title": _("Close similar reports") if flood else _("Fold similar reports"),
        "address": mask_address(incident),
        "incident": incident,
        "refused": form if form is not None and form.errors else None,
        "close_form": form if isinstance(form, CloseFlood) else CloseFlood(auto_id="flood_%s"),
        "offered": bulk_verdicts(),
        "undo_hours": number_in_force("BULK_UNDO_HOURS"),
    }
    viewing.view_queue(by=user, filters={"like": str(incident.pk)}, now=now)
    return staff_page(request, "analysts/assessment/flood.html", context, status=status)


def _sample_context(request: StaffRequest, incident: Incident, sample: SampleProgress | None) -> dict[str, object]:
    """The sample, and the content of its row that is revealed. Any other incident is hidden: no row would show it."""
    if sample is None or not sample.has(incident):
        masking.hide_incident(request)
    context: dict[str, object] = {
        "sample": sample,
        "site_warnings": warning_labels(notices_of_site(incident)) if sample else [],
    }
    if not masking.is_lifted(request, incident):
        return context
    page_masking = masking_of(request, incident, {})
    shows_words = page_masking.reports_shown
    content = read_content(request.user, incident, page_masking.blanks, shows_words=shows_words)
    masking.count_read(request, incident, content.characters)
    viewing.view_incident(by=request.user, incident=incident, revealed=True)
    return context | {
        "masking": page_masking,
        "content": content,
        "has_masked_words": not shows_words and any(row.characters for row in content.reports),
        "hidden_inputs": {THEN: FLOOD},
        "masked_page": _url(incident, f"#row-{incident.pk}"),
    }


def _flood_context(user: User, flood: bytes, now: datetime, form: ActionForm | None) -> dict[str, object]:
    number = number_of(closable_incidents(user, flood))
    of_flood = Incident.objects.visible_to(user).filter(flood=flood)
    waiting = of_flood.waiting().alike()
    return {
        "number": number,
        "shown": format_count(min(number, MOST_AT_ONCE)),
        "more": number > MOST_AT_ONCE,
        "in_danger": count_label(waiting.filter(child_in_danger=True)),
        "held": count_label(of_flood.filter(state=State.CLAIMED)),
        "requests": closing_request_rows(user, flood, refused=form),
        "folding": FloodFolding.objects.filter(flood=flood).select_related("by").first(),
        "can_unfold": number > 0 or waiting.exists(),
        "closings": recent_closings(user, now, flood=flood),
    }


def _apart_context(user: User, incident: Incident, form: ActionForm | None) -> dict[str, object]:
    number = number_of(foldable_incidents(user, incident))
    if isinstance(form, FoldFlood):
        form.data = {**form.data, "number": str(number)}
    else:
        form = FoldFlood(auto_id="fold_%s", initial={"number": number})
    return {"fold_form": form, "foldable": number, "foldable_shown": format_count(min(number, MOST_AT_ONCE))}
