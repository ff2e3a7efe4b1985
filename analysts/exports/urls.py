"""Routes of exports."""

from analysts.accounts.access import READ, SEND, Scope, StaffRoute
from analysts.exports import views
from analysts.exports.permissions import EXPORTERS

ONE = "exports/<uuid:export_id>/"

ROUTES = (
    StaffRoute("exports/", views.exports_page, "exports", EXPORTERS, READ),
    StaffRoute(f"{ONE}cancel/", views.cancel_view, "cancel_export", EXPORTERS, SEND, Scope.OWN),
    StaffRoute(f"{ONE}fetch/", views.fetch_view, "fetch_export", EXPORTERS, SEND, Scope.OWN),
)
