"""The decision: recorded, followed by the next incident, taken back; and what is begun of it, kept."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions, drafts
from analysts.assessment.decision_forms import Undo
from analysts.assessment.open_drafts import KEPT
from analysts.incidents import permissions
from analysts.pages.buttons import is_drafted
from analysts.pages.incident import find
from analysts.pages.incident_actions import act, answer, next_incident

# The button that takes the next one as well.
NEXT = "next"


@require_POST
def assess(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    def onward() -> HttpResponse:
        drafts.drop(by=request.user, incident=incident, act="assess")
        return next_incident(request) if request.POST.get("then") == NEXT else redirect("admin:incident", incident.pk)

    incident = find(request, incident_id)
    return act(request, incident_id, "assess", actions.assess, _("Your assessment is recorded."), onward=onward)


@require_POST
def undo(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find(request, incident_id)
    form = Undo(request.POST, auto_id="undo_%s")
    done = _("It is yours again, and nothing of the decision holds.")

    def take_back(*, assessment: uuid.UUID, **words: Any) -> None:
        made = get_object_or_404(incident.assessments, pk=assessment)
        actions.undo(by=request.user, incident=incident, assessment=made, **words)

    return answer(request, incident, "undo", form, take_back, done)


@require_POST
def skip(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    done = _("Skipped. It does not come to you again today.")
    return act(request, incident_id, "skip", actions.skip, done, onward=lambda: next_incident(request))


@require_POST
def renew(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return act(request, incident_id, "renew", actions.renew, _("It stays yours for longer."))


@require_POST
def draft(request: StaffRequest, incident_id: uuid.UUID, act: str) -> HttpResponse:
    """Keeps, or with `discard` forgets, what stands in the form of that act. 204 where a script asked quietly."""
    incident = find(request, incident_id)
    permissions.check_sees_content(request.user)
    if not is_drafted(act):
        raise Http404
    if "discard" in request.POST:
        drafts.drop(by=request.user, incident=incident, act=act)
        said = _("The draft is gone.")
    else:
        fields = {name: values for name, values in request.POST.lists() if name in KEPT}
        drafts.keep(by=request.user, incident=incident, act=act, fields=fields)
        said = _("Kept as a draft. It is here when you come back.")
    if "quiet" in request.POST:
        return HttpResponse(status=204)
    messages.success(request, said)
    return redirect("admin:incident", incident.pk)
