"""Routes of exports."""

from analysts.accounts.access import READ, SEND, Scope, StaffRoute
from analysts.exports import views
from analysts.exports.permissions import EXPORTERS
from analysts.takedown.inbox.permissions import INBOX_READERS

ONE = "exports/<uuid:export_id>/"

ROUTES = (
    StaffRoute("exports/", views.exports_page, "exports", EXPORTERS, READ),
    StaffRoute("inbox/export/", views.export_inbox, "export_inbox", INBOX_READERS, SEND),
    StaffRoute(f"{ONE}cancel/", views.cancel_view, "cancel_export", EXPORTERS, SEND, Scope.OWN),
    StaffRoute(f"{ONE}fetch/", views.fetch_view, "fetch_export", EXPORTERS, SEND, Scope.OWN),
)
