"""The pages of this room: what is carried to the isolated workstation holds addresses in clear."""

from analysts.accounts.access import BOTH, READ, SEND, Route
from analysts.accounts.permissions import ADMINISTRATORS
from analysts.handoff import views, workstations
from analysts.incidents.permissions import ANALYSTS

ROUTES = (
    Route("handoff/", views.handoff, "handoff", ANALYSTS, READ),
    Route("handoff/export/", views.export, "handoff_export", ANALYSTS, SEND),
    Route("handoff/import/", views.take_in, "handoff_import", ANALYSTS, SEND),
    Route("workstations/", workstations.workstations, "workstations", ADMINISTRATORS, BOTH),
    Route("workstations/<uuid:workstation_id>/close/", workstations.close, "close_workstation", ADMINISTRATORS, SEND),
)
