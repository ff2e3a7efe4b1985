"""Views for recording and undoing assessments, skipping incidents and saving drafts."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions, drafts
from analysts.assessment.decision_forms import Undo
from analysts.assessment.intake import reopening
from analysts.assessment.queue.views import next_incident
from analysts.codes import UndoReason
from analysts.incidents import permissions
from analysts.incidents.page_kit import Outcome, perform_action
from analysts.models import Incident

# The value of the button that also claims the next incident.
NEXT = "next"


def leave_assessment(request: StaffRequest, incident: Incident) -> HttpResponse:
    """Answer a recorded decision: by the next incident, if the button asked for it."""
    # Otherwise the draft would fill the form again and could be sent twice.
    drafts.delete_draft(by=request.user, incident=incident, act="assess")
    return next_incident(request) if request.POST.get("then") == NEXT else redirect("admin:incident", incident.pk)


def label_unchanged(incident: Incident) -> str | Promise:
    """The label of the button, with the verdict that it repeats."""
    verdict = reopening.earlier_verdict(incident)
    if verdict is None:
        return _("Unchanged")
    words = {"verdict": verdict.get_verdict_display(), "reason": verdict.get_reason_display()}

    def label() -> str:
        date = date_format(timezone.localtime(verdict.at), "j M Y")
        return _("Unchanged, as on %(date)s: %(verdict)s (%(reason)s)") % {"date": date, **words}

    # The reader's time zone is active only while the page is drawn.
    return lazy(label, str)()


def undo_assessment(request: StaffRequest, incident: Incident) -> Outcome:
    form = Undo(request.POST, auto_id="undo_%s")
    message = _("Decision undone. You have claimed the incident again.")

    def undo(*, assessment: uuid.UUID, reason: str) -> None:
        decision = get_object_or_404(incident.assessments, pk=assessment)
        actions.undo(by=request.user, incident=incident, assessment=decision, reason=UndoReason(reason))

    return perform_action(request, incident, "undo", form, undo, message)


def save_or_discard_draft(request: StaffRequest, incident: Incident, act: str) -> Outcome:
    """Save the form of the action `act` as a draft; delete it with `discard`. 204 for a script's `quiet` request."""
    permissions.check_sees_content(request.user)
    if not drafts.is_drafted(act):
        raise Http404
    if "discard" in request.POST:
        drafts.delete_draft(by=request.user, incident=incident, act=act)
        message = _("Draft discarded.")
    else:
        fields = {name: values for name, values in request.POST.lists() if name in drafts.DRAFT_FIELDS}
        drafts.save_draft(by=request.user, incident=incident, act=act, fields=fields)
        message = _("Draft saved.")
    if "quiet" in request.POST:
        return HttpResponse(status=204)
    messages.success(request, message)
    return redirect("admin:incident", incident.pk)
