"""Routes of sources."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute, Who
from analysts.sources import views
from analysts.sources.permissions import SHARE_READERS, SOURCE_KEEPERS, SOURCE_READERS

SENIORS: tuple[tuple[Who, frozenset[str]], ...] = ((SHARE_READERS, READ),)

ROUTES = (
    StaffRoute("sources/", views.source_list, "sources", SOURCE_KEEPERS, BOTH, others=SENIORS),
    StaffRoute("sources/<uuid:source_id>/", views.source_detail, "source", SOURCE_KEEPERS, BOTH, others=SENIORS),
    StaffRoute(
        "sources/keys/<uuid:source_key_id>/close/", views.close_source_key, "close_source_key", SOURCE_READERS, SEND
    ),
)
