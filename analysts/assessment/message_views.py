"""Views for internal notes, messages to reporters, and their answers."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions, drafts
from analysts.assessment.messages import ask_form, ask_name, with_text
from analysts.assessment.notes_section import NOTE, note_form
from analysts.incidents import actions as incident_actions
from analysts.incidents.page_kit import Outcome, Redraw, perform_action
from analysts.models import Incident, Report


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
