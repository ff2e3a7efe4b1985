"""Where these pages stand in the staff site."""

from analysts.takedown.notices import redaction_views, text_views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("incidents/<uuid:incident_id>/leaving/", redaction_views.confirm_outgoing, "confirm_outgoing"),
    ("notice-texts/", text_views.text_list, "notice_texts"),
    ("notice-texts/<slug:kind>/<slug:purpose>/<str:tag>/", text_views.text, "notice_text"),
]
