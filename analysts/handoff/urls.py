"""Routes for files to and from the isolated workstation (addresses in clear) and for workstations."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.accounts.permissions import ADMINISTRATORS
from analysts.handoff import views, workstations
from analysts.incidents.permissions import ANALYSTS

ROUTES = (
    StaffRoute("handoff/", views.handoff_page, "handoff", ANALYSTS, READ),
    StaffRoute("handoff/export/", views.export_view, "handoff_export", ANALYSTS, SEND),
    StaffRoute("handoff/import/", views.take_in, "handoff_import", ANALYSTS, SEND),
    StaffRoute("workstations/", workstations.workstations_page, "workstations", ADMINISTRATORS, BOTH),
    StaffRoute(
        "workstations/<uuid:workstation_id>/close/",
        workstations.close_workstation_view,
        "close_workstation",
        ADMINISTRATORS,
        SEND,
    ),
)
