"""URLs of the URL list pages, actions on an incident, and access rules of the API for members' systems."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import BOTH, GET, MEMBERS, READ, SEND, AccessRow, StaffRoute
from analysts.incidents.page_kit import plain_action
from analysts.takedown.url_list import actions, views
from analysts.takedown.url_list.forms import TakeOff
from analysts.takedown.url_list.permissions import LIST_READERS, MEMBER_KEEPERS

ROUTES = (
    StaffRoute("url-list/", views.url_list, "url_list", LIST_READERS, READ),
    StaffRoute("url-list/members/", views.member_keys, "members", MEMBER_KEEPERS, BOTH),
    StaffRoute(
        "url-list/members/<uuid:key_id>/close/", views.close_member_key, "close_member_key", MEMBER_KEEPERS, SEND
    ),
)

ACTIONS = (
    plain_action(
        "list_address",
        "url-list/add/",
        actions.list_address,
        _("Listing requested. The status is shown below."),
        section="url-list",
    ),
    plain_action(
        "keep_listed",
        "url-list/keep/",
        actions.keep_listed,
        _("Kept on the URL list."),
        section="url-list",
        recorded_as=_("URL list entry reviewed and kept"),
    ),
    plain_action(
        "take_off",
        "url-list/take-off/",
        actions.take_off,
        _("Taken off the URL list."),
        section="url-list",
        form_class=TakeOff,
        recorded_as=_("Taken off the URL list"),
    ),
)

API_ACCESS = (
    AccessRow("api/url-list/", MEMBERS, GET),
    AccessRow("api/url-list/changes", MEMBERS, GET),
)
