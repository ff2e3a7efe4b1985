"""Routes of the routing pages, and routing actions on incidents."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.incidents.page_kit import IncidentAction
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.routing import like_route_views, table_views, views
from analysts.takedown.routing.permissions import RULE_KEEPERS, RULE_READERS

ROUTES = (
    StaffRoute("to-do/routes/", like_route_views.like_routes, "like_routes", ANALYSTS, BOTH),
    StaffRoute("routing/", table_views.routing_page, "routing", RULE_READERS, READ),
    StaffRoute("routing/load/", table_views.load_usual, "load_routing", RULE_KEEPERS, SEND),
    StaffRoute("routing/rules/new/", table_views.rule_page, "route_rule_new", RULE_KEEPERS, BOTH),
    StaffRoute("routing/rules/<uuid:rule_id>/", table_views.rule_page, "route_rule", RULE_KEEPERS, BOTH),
    StaffRoute(
        "routing/rules/<uuid:rule_id>/move/", table_views.move_route_rule, "move_route_rule", RULE_KEEPERS, SEND
    ),
    StaffRoute("routing/examples/", table_views.write_example, "write_route_example", RULE_KEEPERS, SEND),
    StaffRoute(
        "routing/examples/<uuid:example_id>/remove/",
        table_views.remove_example,
        "remove_route_example",
        RULE_KEEPERS,
        SEND,
    ),
)

ACTIONS = (
    IncidentAction("confirm_route", "route/", views.confirm_route, recorded_as=_("Route confirmed")),
    IncidentAction("refer", "refer/", views.refer_incident, recorded_as=_("Referral added")),
    IncidentAction("ask_police", "ask-police/", views.ask_police, recorded_as=_("Police clearance requested")),
    IncidentAction(
        "record_clearance", "clearance/", views.record_clearance, recorded_as=_("Police clearance decision recorded")
    ),
)
