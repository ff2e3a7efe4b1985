"""Where these pages stand in the staff site."""

from analysts.takedown.notices import reply_views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [("incidents/<uuid:incident_id>/replies-read/", reply_views.read_replies, "read_replies")]
