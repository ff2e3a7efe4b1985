"""Where these pages stand in the staff site."""

from analysts.takedown.routing import table_views, views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("incidents/<uuid:incident_id>/route/", views.confirm_route, "confirm_route"),
    ("incidents/<uuid:incident_id>/refer/", views.refer, "refer"),
    ("incidents/<uuid:incident_id>/ask-police/", views.ask_police, "ask_police"),
    ("incidents/<uuid:incident_id>/clearance/", views.record_clearance, "record_clearance"),
    ("routing/", table_views.routing, "routing"),
    ("routing/load/", table_views.load_usual, "load_routing"),
    ("routing/rules/new/", table_views.rule, "route_rule_new"),
    ("routing/rules/<uuid:rule_id>/", table_views.rule, "route_rule"),
    ("routing/rules/<uuid:rule_id>/move/", table_views.move, "move_route_rule"),
    ("routing/examples/", table_views.write_example, "write_route_example"),
    ("routing/examples/<uuid:example_id>/remove/", table_views.remove_example, "remove_route_example"),
]
