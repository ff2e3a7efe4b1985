"""Where these pages stand in the staff site."""

from analysts.answering import views
from countries.staff_pages import Page

PAGES: list[Page] = [("incidents/<uuid:incident_id>/replies-read/", views.read_replies, "read_replies")]
