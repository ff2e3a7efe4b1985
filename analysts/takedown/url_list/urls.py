"""URLs of the URL list pages, actions on an incident, and access rules of the API for members' systems."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import BOTH, GET, MEMBERS, READ, SEND, AccessRow, StaffRoute
from analysts.incidents.page_kit import IncidentAction
from analysts.takedown.url_list import views
from analysts.takedown.url_list.permissions import LIST_READERS, MEMBER_KEEPERS

ROUTES = (
    StaffRoute("url-list/", views.url_list, "url_list", LIST_READERS, READ),
    StaffRoute("url-list/members/", views.member_keys, "members", MEMBER_KEEPERS, BOTH),
    StaffRoute(
        "url-list/members/<uuid:key_id>/close/", views.close_member_key, "close_member_key", MEMBER_KEEPERS, SEND
    ),
)

ACTIONS = (
    IncidentAction("list_address", "url-list/add/", views.list_address),
    IncidentAction(
        "keep_listed", "url-list/keep/", views.keep_listed, recorded_as=_("URL list entry reviewed and kept")
    ),
    IncidentAction("take_off", "url-list/take-off/", views.take_off, recorded_as=_("Taken off the URL list")),
)

API_ACCESS = (
    AccessRow("api/url-list/", MEMBERS, GET),
    AccessRow("api/url-list/changes", MEMBERS, GET),
)
