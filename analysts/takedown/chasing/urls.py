"""Where these pages stand in the staff site."""

from analysts.takedown.chasing import views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("due/", views.due, "due"),
    ("incidents/<uuid:incident_id>/check/", views.check, "check"),
    ("incidents/<uuid:incident_id>/escalate/", views.escalate, "escalate"),
]
