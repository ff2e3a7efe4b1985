"""Routes of history imports."""

from analysts.accounts.access import BOTH, SEND, StaffRoute
from analysts.imports import views
from analysts.imports.permissions import IMPORTERS

ONE = "history/<int:history_id>/"

ROUTES = (
    StaffRoute("history/", views.imports_page, "history_imports", IMPORTERS, BOTH),
    StaffRoute(ONE, views.import_page, "history_import", IMPORTERS, BOTH),
    StaffRoute(f"{ONE}request/", views.request_view, "request_history", IMPORTERS, SEND),
    StaffRoute(f"{ONE}approve/", views.approve_view, "approve_history", IMPORTERS, SEND),
    StaffRoute(f"{ONE}discard/", views.discard_view, "discard_history", IMPORTERS, SEND),
    StaffRoute(f"{ONE}open/", views.open_view, "open_history_case", IMPORTERS, SEND),
    StaffRoute(f"{ONE}undo/", views.undo_view, "undo_history", IMPORTERS, SEND),
)
