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
from analysts.assessment.decision_forms import Assess, Undo
from analysts.assessment.intake import reopening
from analysts.assessment.open_drafts import DRAFT_FIELDS, is_drafted
from analysts.assessment.queue.claim_views import next_incident
from analysts.codes import UndoReason
from analysts.incidents import permissions
from analysts.incidents.page_kit import ClaimActionForm, Outcome, perform_action
from analysts.models import Incident

# The value of the button that also claims the next incident.
NEXT = "next"


def record_assessment(request: StaffRequest, incident: Incident) -> Outcome:
    def onward() -> HttpResponse:
        # Otherwise the draft would fill the form again and could be sent twice.
        drafts.delete_draft(by=request.user, incident=incident, act="assess")
        return next_incident(request) if request.POST.get("then") == NEXT else redirect("admin:incident", incident.pk)

    return perform_action(
        request,
        incident,
        "assess",
        Assess(request.POST, auto_id="assess_%s", incident=incident),
        lambda **words: actions.assess(by=request.user, incident=incident, **words),
        _("Assessment recorded."),
        onward=onward,
    )


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


def confirm_unchanged(request: StaffRequest, incident: Incident) -> Outcome:
    def onward() -> HttpResponse:
        drafts.delete_draft(by=request.user, incident=incident, act="assess")
        return redirect("admin:incident", incident.pk)

    return perform_action(
        request,
        incident,
        "unchanged",
        ClaimActionForm(request.POST, auto_id="unchanged_%s", incident=incident),
        lambda **words: actions.confirm_unchanged(by=request.user, incident=incident, **words),
        _("Earlier verdict confirmed."),
        onward=onward,
    )


def undo_assessment(request: StaffRequest, incident: Incident) -> Outcome:
    form = Undo(request.POST, auto_id="undo_%s")
    message = _("Decision undone. You have claimed the incident again.")

    def undo(*, assessment: uuid.UUID, reason: str) -> None:
        decision = get_object_or_404(incident.assessments, pk=assessment)
        actions.undo(by=request.user, incident=incident, assessment=decision, reason=UndoReason(reason))

    return perform_action(request, incident, "undo", form, undo, message)


def skip_incident(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        "skip",
        ClaimActionForm(request.POST, auto_id="skip_%s", incident=incident),
        lambda **words: actions.skip(by=request.user, incident=incident, **words),
        _("Incident skipped. It will not be offered to you again today."),
        onward=lambda: next_incident(request),
    )


def save_or_discard_draft(request: StaffRequest, incident: Incident, act: str) -> Outcome:
    """Save the form of the action `act` as a draft; delete it with `discard`. 204 for a script's `quiet` request."""
    permissions.check_sees_content(request.user)
    if not is_drafted(act):
        raise Http404
    if "discard" in request.POST:
        drafts.delete_draft(by=request.user, incident=incident, act=act)
        message = _("Draft discarded.")
    else:
        fields = {name: values for name, values in request.POST.lists() if name in DRAFT_FIELDS}
        drafts.save_draft(by=request.user, incident=incident, act=act, fields=fields)
        message = _("Draft saved.")
    if "quiet" in request.POST:
        return HttpResponse(status=204)
    messages.success(request, message)
    return redirect("admin:incident", incident.pk)
