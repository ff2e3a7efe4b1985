"""What analysts do. Each view finds the incident, binds the act's form, calls the verb and answers."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions, drafts
from analysts.assessment.forms import Act
from analysts.assessment.notes_section import NOTE, note_form
from analysts.incidents import actions as incident_actions
from analysts.incidents.locking import Late
from analysts.incidents.permissions import check_can_see_queue
from analysts.models import Incident, Report
from analysts.pages.buttons import act_form, ask_form, ask_name, with_text
from analysts.pages.incident import find, incident_page
from analysts.retention import actions as retention_actions
from analysts.welfare.break_views import stopped
from audit.permissions import Denied
from countries.models import Portal


@require_POST
def claim_next(request: StaffRequest) -> HttpResponse:
    """Takes the best waiting incident, of the portal that the queue was narrowed down to."""
    check_can_see_queue(request.user)
    if pause := stopped(request):
        return pause
    slug = request.POST.get("portal", "")
    portal = get_object_or_404(request.user.portals, slug=slug) if slug else None
    return to_next(request, portal)


def next_incident(request: StaffRequest) -> HttpResponse:
    """The next one after an act, unless it is time for a pause."""
    return stopped(request, onward=reverse("admin:claim_next")) or to_next(request, None)


def to_next(request: StaffRequest, portal: Portal | None) -> HttpResponse:
    """To the best waiting incident, which is theirs now; to the queue where there is none for them."""
    incident = actions.claim_next(by=request.user, portal=portal)
    if incident is None:
        messages.info(request, _("Nothing more is waiting for you."))
        return redirect("admin:queue")
    return redirect("admin:incident", incident.pk)


@require_POST
def claim(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "claim", actions.claim, _("It is yours now."))


@require_POST
def release(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "release", actions.release, _("It is back in the queue."))


@require_POST
def hand_over(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "hand_over", actions.hand_over, _("Your colleague has it now."))


@require_POST
def close(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "close", actions.close, _("The incident is closed."))


@require_POST
def reopen(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "reopen", actions.reopen, _("The incident is back in the queue."))


@require_POST
def hold(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "hold", retention_actions.hold, _("The incident is under legal hold."))


@require_POST
def release_hold(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "release_hold", retention_actions.release_hold, _("The legal hold is released."))


@require_POST
def note(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find(request, incident_id)
    return answer(
        request,
        incident,
        NOTE,
        note_form(request.POST),
        lambda **words: incident_actions.note(by=request.user, incident=incident, **words),
        _("Your note is kept. Only staff see it."),
    )


@require_POST
def ask(request: StaffRequest, incident_id: uuid.UUID, report_id: uuid.UUID) -> HttpResponse:
    incident = find(request, incident_id)
    report = get_object_or_404(
        Report.objects.visible_to(request.user).select_related("receipt"),
        pk=report_id,
        sightings__incident=incident,
    )
    if "insert" in request.POST:
        # Nothing is sent yet: the page comes back with the text in the field.
        return incident_page(request, incident, bound={ask_name(report): with_text(report, request.POST)})
    form = ask_form(report, request.POST)
    return answer(
        request,
        incident,
        ask_name(report),
        form,
        lambda **words: actions.ask(by=request.user, incident=incident, report=report, **words),
        _("The reporter sees your question when they look their receipt up."),
    )


@require_POST
def read_answers(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find(request, incident_id)
    actions.read_answers(by=request.user, incident=incident)
    messages.success(request, _("The answers are off your list."))
    return redirect("admin:incident", incident.pk)


def act(
    request: StaffRequest,
    incident_id: uuid.UUID,
    name: str,
    verb: Callable[..., Any],
    done: str,
    *,
    onward: Callable[[], HttpResponse] | None = None,
) -> HttpResponse:
    incident = find(request, incident_id)
    form = act_form(name, incident, request.user, request.POST)

    def called(**words: Any) -> None:
        verb(by=request.user, incident=incident, **words)

    return answer(request, incident, name, form, called, done, onward=onward)


def answer(
    request: StaffRequest,
    incident: Incident,
    name: str,
    form: Act,
    verb: Callable[..., Any],
    done: str,
    *,
    onward: Callable[[], HttpResponse] | None = None,
) -> HttpResponse:
    """Calls the verb with what a valid form holds and goes `onward`, by default back to the incident.

    A form that is not valid, or a verb that refuses, shows the page again with what was typed and the reason:
    422, 403, or 409 where somebody was faster.
    """
    status = 422
    if form.is_valid():
        try:
            verb(**form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
            status = 409 if isinstance(denied, Late) else 403
        else:
            # Else it would be in the form again, and be sent twice.
            drafts.drop(by=request.user, incident=incident, act=name)
            messages.success(request, done)
            return onward() if onward else redirect("admin:incident", incident.pk)
    # As it is now: perhaps somebody else has just changed it.
    return incident_page(request, find(request, incident.pk), bound={name: form}, status=status)
