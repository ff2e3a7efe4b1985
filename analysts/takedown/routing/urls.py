"""Routes of the routing pages, and routing actions on incidents."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import BOTH, SEND, StaffRoute
from analysts.incidents.page_kit import IncidentAction, plain_action
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.notices.replies.section_forms import CallBack
from analysts.takedown.routing import actions, host_views, like_route_views, views
from analysts.takedown.routing.permissions import RULE_KEEPERS

ROUTES = (
    StaffRoute("to-do/routes/", like_route_views.like_routes, "like_routes", ANALYSTS, BOTH),
    StaffRoute("routing/load/", views.load_usual, "load_routing", RULE_KEEPERS, SEND),
)

ACTIONS = (
    IncidentAction("trace_host", "trace-host/", host_views.trace_host),
    IncidentAction("confirm_route", "route/", views.confirm_route, recorded_as=_("Route confirmed")),
    IncidentAction("refer", "refer/", views.refer_incident, recorded_as=_("Referral added")),
    IncidentAction(
        "withdraw_referral", "withdraw-referral/", views.withdraw_referral, recorded_as=_("Referral withdrawn")
    ),
    IncidentAction("ask_police", "ask-police/", views.ask_police, recorded_as=_("Police clearance requested")),
    IncidentAction(
        "record_clearance", "clearance/", views.record_clearance, recorded_as=_("Police clearance decision recorded")
    ),
    plain_action(
        "call_back",
        "call-back/",
        actions.call_back,
        _("The call is recorded."),
        section="replies",
        form_class=CallBack,
        recorded_as=_("Police called back about their answer"),
    ),
)
