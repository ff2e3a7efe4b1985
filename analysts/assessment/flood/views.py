"""The page of similar reports: folding by hand, the sample, closing with or without a second person, and undo."""

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
from analysts.assessment.flood.rows import closing_request_rows, format_count, recent_closings, sample_progress
from analysts.assessment.related.addresses import ComparedAddress, SharedReveal, record_shared, share_reveal
from analysts.codes import ClosingDeclineReason
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.permissions import check_can_see_queue, check_sees_content
from analysts.incidents.queries import find_incident
from analysts.incidents.table import count_label
from analysts.models import BulkClosing, FloodFolding, FloodSample, Incident, User
from analysts.states import State
from analysts.welfare import viewing
from analysts.welfare.page_section import masking_of
from analysts.welfare.reveal_views import FLOOD, THEN
from audit.permissions import Denied, Late
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page

# Where the page goes on after folding and closing.
GROUP = "#group-title"
# The addresses of a sample that are legible; the rest stay masked.
MOST_OF_SAMPLE = 50


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
        return _("Sample drawn. Open each incident of it."), _url(incident)

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
    masking = masking_of(request, incident, {})
    shared = (
        share_reveal(
            request,
            incident,
            blanks=masking.blanks,
            related=masking.related,
            # The page reveals to compare, and says so.
            is_asked=True,
            now=now,
            most=MOST_OF_SAMPLE,
        )
        if flood and masking.is_lifted
        else None
    )
    context = _flood_context(user, flood, now, form, shared) if flood else _apart_context(user, incident, form)
    if shared:
        record_shared(request, incident, shared, now)
    context |= {
        "title": _("Close similar reports") if flood else _("Fold similar reports"),
        "address": ComparedAddress(incident, shared.own_parts if shared else ()),
        "incident": incident,
        "refused": form if form is not None and form.errors else None,
        "close_form": form if isinstance(form, CloseFlood) else CloseFlood(auto_id="flood_%s"),
        "offered": bulk_verdicts(),
        "undo_hours": number_in_force("BULK_UNDO_HOURS"),
        "masking": masking,
        "hidden_inputs": {THEN: FLOOD},
    }
    viewing.view_queue(by=user, filters={"like": str(incident.pk)}, now=now)
    return staff_page(request, "analysts/assessment/flood.html", context, status=status)


def _flood_context(
    user: User, flood: bytes, now: datetime, form: ActionForm | None, shared: SharedReveal | None
) -> dict[str, object]:
    number = number_of(closable_incidents(user, flood))
    of_flood = Incident.objects.visible_to(user).filter(flood=flood)
    waiting = of_flood.waiting().alike()
    return {
        "number": number,
        "shown": format_count(min(number, MOST_AT_ONCE)),
        "more": number > MOST_AT_ONCE,
        "in_danger": count_label(waiting.filter(child_in_danger=True)),
        "held": count_label(of_flood.filter(state=State.CLAIMED)),
        "sample": sample_progress(user, flood, shared),
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
