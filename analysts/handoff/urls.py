"""Routes for batches (addresses in clear) and for workstations."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.handoff import views, workstations
from analysts.handoff.permissions import WORKSTATION_KEEPERS
from analysts.incidents.permissions import ANALYSTS

ROUTES = (
    StaffRoute("batches/", views.batches_page, "batches", ANALYSTS, READ),
    StaffRoute("batches/draw/", views.draw_view, "draw_batch", ANALYSTS, SEND),
    StaffRoute("batches/file/", views.download_view, "download_batch", ANALYSTS, SEND),
    StaffRoute("batches/return/", views.return_view, "return_batch", ANALYSTS, SEND),
    StaffRoute("batches/revoke/", views.revoke_view, "revoke_batch", ANALYSTS, SEND),
    StaffRoute("batches/results/", views.results_view, "batch_results", ANALYSTS, SEND),
    StaffRoute("batches/ask/", views.ask_view, "ask_allowance", ANALYSTS, SEND),
    StaffRoute("batches/grant/", views.grant_view, "grant_allowance", ANALYSTS, SEND),
    StaffRoute("batches/decline/", views.decline_view, "decline_allowance", ANALYSTS, SEND),
    StaffRoute("workstations/", workstations.workstations_page, "workstations", WORKSTATION_KEEPERS, BOTH),
    StaffRoute(
        "workstations/<uuid:workstation_id>/close/",
        workstations.close_workstation_view,
        "close_workstation",
        WORKSTATION_KEEPERS,
        SEND,
    ),
)
