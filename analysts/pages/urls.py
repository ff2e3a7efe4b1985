"""All routes of this app on the staff site: those of the rooms, in order, and of their incident actions."""

from analysts.accounts import urls as accounts
from analysts.accounts.access import BOTH, READ, SEND, Scope, StaffRoute
from analysts.accounts.permissions import ADMINISTRATORS, AUDITORS
from analysts.assessment import urls as assessment
from analysts.exports import urls as exports
from analysts.figures import urls as figures
from analysts.handoff import urls as handoff
from analysts.imports import urls as imports
from analysts.incidents.page_kit import IncidentAction
from analysts.incidents.permissions import ANALYSTS
from analysts.operations import urls as operations
from analysts.pages import (
    approvals,
    incident,
    incident_list_views,
    list_exports,
    saved_view_views,
    search_page,
    switch_off_views,
)
from analysts.pages.incident_actions import handle_action
from analysts.retention import urls as retention
from analysts.search import urls as search
from analysts.sources import urls as sources
from analysts.takedown.alerts import urls as alerts
from analysts.takedown.appeals import urls as appeals
from analysts.takedown.chasing import urls as chasing
from analysts.takedown.inbox import urls as inbox
from analysts.takedown.next_steps import urls as next_steps
from analysts.takedown.notices import urls as notices
from analysts.takedown.recipients import urls as recipients
from analysts.takedown.routing import urls as routing
from analysts.takedown.systemic_cases import urls as systemic_cases
from analysts.takedown.tracing import urls as tracing
from analysts.takedown.url_list import urls as url_list
from analysts.welfare import urls as welfare

INCIDENT = "incidents/<uuid:incident_id>/"
VIEW = "incidents/views/<int:view_id>/"
APPROVAL = "approvals/<int:request_id>/"

ACTIONS: tuple[IncidentAction, ...] = (
    *welfare.ACTIONS,
    *url_list.ACTIONS,
    *tracing.ACTIONS,
    *next_steps.ACTIONS,
    *notices.ACTIONS,
    *routing.ACTIONS,
    *alerts.ACTIONS,
    *appeals.ACTIONS,
    *chasing.ACTIONS,
    *assessment.ACTIONS,
    *retention.ACTIONS,
    *systemic_cases.ACTIONS,
)


def action_route(action: IncidentAction) -> StaffRoute:
    return StaffRoute(f"{INCIDENT}{action.path}", handle_action(action), action.name, action.who, SEND, action.scope)


ROUTES: tuple[StaffRoute, ...] = (
    *accounts.ROUTES,
    *sources.ROUTES,
    *welfare.ROUTES,
    *recipients.ROUTES,
    *url_list.ROUTES,
    *notices.ROUTES,
    *routing.ROUTES,
    *chasing.ROUTES,
    *inbox.ROUTES,
    *systemic_cases.ROUTES,
    *assessment.ROUTES,
    *retention.ROUTES,
    *handoff.ROUTES,
    *operations.ROUTES,
    StaffRoute("search/", search_page.search_page, "search", ANALYSTS, BOTH),
    *search.ROUTES,
    StaffRoute("incidents/", incident_list_views.incident_list, "incident_list", ANALYSTS, READ),
    StaffRoute("incidents/export/", list_exports.export_incidents, "export_incidents", ANALYSTS, BOTH),
    *exports.ROUTES,
    *imports.ROUTES,
    StaffRoute("incidents/views/", saved_view_views.save_view_page, "save_view", ANALYSTS, SEND),
    StaffRoute(VIEW, saved_view_views.change_view_page, "change_view", ANALYSTS, SEND, Scope.OWN),
    StaffRoute(f"{VIEW}delete/", saved_view_views.delete_view_page, "delete_view", ANALYSTS, SEND, Scope.OWN),
    *figures.ROUTES,
    StaffRoute(INCIDENT, incident.incident_detail, "incident", ANALYSTS, READ, Scope.INCIDENT),
    *map(action_route, ACTIONS),
    StaffRoute(
        "accounts/<int:user_id>/switch-off/", switch_off_views.switch_off_page, "switch_off", ADMINISTRATORS, BOTH
    ),
    StaffRoute("approvals/", approvals.approval_list, "approvals", approvals.APPROVERS, READ),
    StaffRoute(APPROVAL, approvals.approval_detail, "approval", approvals.APPROVERS, READ, Scope.APPROVAL),
    StaffRoute(f"{APPROVAL}approve/", approvals.approve_view, "approve", approvals.APPROVERS, SEND, Scope.APPROVAL),
    StaffRoute(f"{APPROVAL}decline/", approvals.decline_view, "decline", approvals.APPROVERS, SEND, Scope.APPROVAL),
    StaffRoute("audit/auditevent/export/", list_exports.export_events, "audit_export", AUDITORS, BOTH),
)
