"""Where these pages stand in the staff site."""

from analysts.takedown.tracing import views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("incidents/<uuid:incident_id>/trace/", views.trace, "trace"),
    ("incidents/<uuid:incident_id>/look-up-network/", views.look_up_network, "look_up_network"),
]
