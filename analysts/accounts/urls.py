"""Routes of accounts."""

from analysts.accounts import group_views, language_views, views
from analysts.accounts.access import BOTH, SEND, StaffRoute
from analysts.accounts.permissions import ADMINISTRATORS

ROUTES = (
    StaffRoute("accounts/<int:user_id>/recover/", views.recover_account, "recover", ADMINISTRATORS, SEND),
    StaffRoute(
        "accounts/<int:user_id>/languages/", language_views.account_languages, "account_languages", ADMINISTRATORS, BOTH
    ),
    StaffRoute("portal-groups/", group_views.group_list, "portal_groups", ADMINISTRATORS, BOTH),
    StaffRoute("portal-groups/<int:group_id>/", group_views.group_detail, "portal_group", ADMINISTRATORS, BOTH),
)
