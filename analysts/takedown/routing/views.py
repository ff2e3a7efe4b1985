"""Views for confirming routes, adding recipients, and requesting and recording police clearance."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import Outcome, perform_action, to_section
from analysts.models import Incident, IncidentKind
from analysts.takedown.routing import actions, clearance, holds, page_section, permissions, proposing, table
from analysts.takedown.routing.rules import propose_route


def confirm_route(request: StaffRequest, incident: Incident) -> Outcome:
    permissions.check_can_route(request.user, incident)
    chase = permissions.chase_of(incident)
    return perform_action(
        request,
        incident,
        proposing.CONFIRM,
        proposing.confirm_form(chase, propose_route(chase.country), request.POST),
        lambda **words: actions.confirm_route(by=request.user, incident=incident, **words),
        _("Route confirmed. Notices that can be sent now are in the outbox."),
        onward=lambda: to_section(incident, "route"),
    )


def refer_incident(request: StaffRequest, incident: Incident) -> Outcome:
    is_words = incident.kind == IncidentKind.WORDS
    return perform_action(
        request,
        incident,
        page_section.REFER,
        page_section.add_recipient_form(request.POST),
        lambda **words: actions.refer(by=request.user, incident=incident, **words),
        _("Referral recorded.") if is_words else _("Recipient added. The incident will be in the next notice to them."),
        onward=lambda: to_section(incident, "route"),
    )


def withdraw_referral(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        page_section.WITHDRAW,
        page_section.withdraw_form(incident, request.POST),
        lambda **words: actions.withdraw_referral(by=request.user, incident=incident, **words),
        _("Referral withdrawn. If a letter had left, a correction is in the outbox."),
        onward=lambda: to_section(incident, "route"),
    )


def ask_police(request: StaffRequest, incident: Incident) -> Outcome:
    hold = holds.latest_hold(incident)
    permissions.check_can_ask_police(request.user, incident, hold)
    return perform_action(
        request,
        incident,
        clearance.ASK,
        clearance.ask_form(permissions.chase_of(incident), hold, request.POST),
        lambda **words: actions.ask_police(by=request.user, incident=incident, **words),
        _("Clearance requested. Nothing else is sent until it is granted."),
        onward=lambda: to_section(incident, "route"),
    )


def record_clearance(request: StaffRequest, incident: Incident) -> Outcome:
    hold = permissions.require_unanswered_hold(request.user, holds.latest_hold(incident))
    return perform_action(
        request,
        incident,
        clearance.RECORD,
        clearance.record_form(hold, request.POST, now=timezone.now()),
        lambda **words: actions.record_clearance(by=request.user, incident=incident, **words),
        _("Decision recorded."),
        onward=lambda: to_section(incident, "route"),
    )


@require_POST
def load_usual(request: StaffRequest) -> HttpResponse:
    table.load_usual(by=request.user)
    messages.success(request, _("Default rules loaded. Change any that do not fit."))
    return redirect("admin:analysts_routerule_changelist")
