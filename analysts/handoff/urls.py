"""Routes for files to and from the isolated workstation (addresses in clear) and for workstations."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.accounts.permissions import ADMINISTRATORS
from analysts.handoff import batch_views, views, workstations
from analysts.incidents.permissions import ANALYSTS

ROUTES = (
    StaffRoute("handoff/", views.handoff_page, "handoff", ANALYSTS, READ),
    StaffRoute("handoff/export/", views.export_view, "handoff_export", ANALYSTS, SEND),
    StaffRoute("handoff/import/", views.import_view, "handoff_import", ANALYSTS, SEND),
    StaffRoute("batches/", batch_views.batches_page, "batches", ANALYSTS, READ),
    StaffRoute("batches/draw/", batch_views.draw_view, "draw_batch", ANALYSTS, SEND),
    StaffRoute("batches/file/", batch_views.download_view, "download_batch", ANALYSTS, SEND),
    StaffRoute("batches/return/", batch_views.return_view, "return_batch", ANALYSTS, SEND),
    StaffRoute("batches/revoke/", batch_views.revoke_view, "revoke_batch", ANALYSTS, SEND),
    StaffRoute("batches/results/", batch_views.results_view, "batch_results", ANALYSTS, SEND),
    StaffRoute("batches/ask/", batch_views.ask_view, "ask_allowance", ANALYSTS, SEND),
    StaffRoute("batches/grant/", batch_views.grant_view, "grant_allowance", ANALYSTS, SEND),
    StaffRoute("batches/decline/", batch_views.decline_view, "decline_allowance", ANALYSTS, SEND),
    StaffRoute("workstations/", workstations.workstations_page, "workstations", ADMINISTRATORS, BOTH),
    StaffRoute(
        "workstations/<uuid:workstation_id>/close/",
        workstations.close_workstation_view,
        "close_workstation",
        ADMINISTRATORS,
        SEND,
    ),
)
