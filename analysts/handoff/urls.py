"""Where these pages stand in the staff site."""

from analysts.handoff import views, workstations
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("handoff/", views.handoff, "handoff"),
    ("handoff/export/", views.export, "handoff_export"),
    ("handoff/import/", views.take_in, "handoff_import"),
    ("workstations/", workstations.workstations, "workstations"),
    ("workstations/<uuid:workstation_id>/close/", workstations.close, "close_workstation"),
]
