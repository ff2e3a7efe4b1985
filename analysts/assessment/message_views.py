"""Internal notes, messages to reporters and their answers: the form of a question, and the views."""

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions, drafts
from analysts.assessment.actions.questions import check_has_reporter
from analysts.assessment.drafts import ASK, OpenDrafts
from analysts.assessment.forms import Ask
from analysts.assessment.notes_section import NOTE, note_form
from analysts.assessment.standard_replies import text_in
from analysts.codes import Canned
from analysts.incidents import actions as incident_actions
from analysts.incidents.page_kit import ActionButton, ActionForm, Outcome, Redraw, perform_action
from analysts.incidents.permissions import check_can_ask
from analysts.models import Incident, Report, User
from audit.permissions import why_not
from countries.public import published


def ask_form(
    report: Report, data: Mapping[str, object] | None = None, *, initial: Mapping[str, object] | None = None
) -> Ask:
    return Ask(data, auto_id=f"{ask_name(report)}_%s", initial=dict(initial or {}))


def with_text(report: Report, data: Mapping[str, object]) -> Ask:
    """The form with the chosen standard text appended to the typed text."""
    chosen = str(data.get("canned", ""))
    # The approved texts of now: a reporter reads what is inserted here.
    published.warm_cache()
    added = text_in(report.language, Canned(chosen)) if chosen in Canned else ""
    typed = str(data.get("question", "")).rstrip()
    return ask_form(report, {"question": f"{typed}\n{added}".strip()})


def ask_button(
    report: Report, incident: Incident, user: User, bound: dict[str, ActionForm], open_drafts: OpenDrafts
) -> ActionButton:
    name = ask_name(report)
    return ActionButton(
        name="ask",
        label=_("Send to the reporter"),
        url=reverse("admin:ask", args=[incident.pk, report.pk]),
        form=bound.get(name) or ask_form(report, initial=open_drafts.fields.get(name)),
        why_not=why_not(check_can_ask, user, incident) or why_not(check_has_reporter, report),
        draft_url=reverse("admin:draft", args=[incident.pk, name]),
        saved_at=open_drafts.saved_at.get(name),
    )


def ask_name(report: Report) -> str:
    """The form's name, which is distinct for each report on the page."""
    return f"{ASK}{report.pk}"


def add_note(request: StaffRequest, incident: Incident) -> Outcome:
    def write(*, text: str) -> None:
        incident_actions.add_note(by=request.user, incident=incident, text=text)
        # Otherwise the draft would fill the form again and could be sent twice.
        drafts.delete_draft(by=request.user, incident=incident, act=NOTE)

    return perform_action(request, incident, NOTE, note_form(request.POST), write, _("Internal note saved."))


def ask_reporter(request: StaffRequest, incident: Incident, report_id: uuid.UUID) -> Outcome:
    report = get_object_or_404(
        Report.objects.visible_to(request.user).select_related("receipt"),
        pk=report_id,
        sightings__incident=incident,
    )
    name = ask_name(report)
    if "insert" in request.POST:
        # Nothing is sent yet: the page is rendered again with the text in the field.
        return Redraw({name: with_text(report, request.POST)})

    def send(*, question: str) -> None:
        actions.ask_reporter(by=request.user, incident=incident, report=report, question=question)
        drafts.delete_draft(by=request.user, incident=incident, act=name)

    return perform_action(
        request,
        incident,
        name,
        ask_form(report, request.POST),
        send,
        _("Message sent. The reporter sees it when they look up their receipt."),
    )


def read_answers(request: StaffRequest, incident: Incident) -> HttpResponse:
    actions.read_answers(by=request.user, incident=incident)
    messages.success(request, _("Answers marked as read."))
    return redirect("admin:incident", incident.pk)
