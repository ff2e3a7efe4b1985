"""Routes of accounts."""

from analysts.accounts import group_views, language_views, mode_views, views, vouching_views
from analysts.accounts.access import BOTH, READ, SEND, Scope, StaffRoute
from analysts.accounts.log_ids import views as log_id_views
from analysts.accounts.modes import MODE_SETTERS
from analysts.accounts.permissions import ADMINISTRATORS, AUDITORS

ROUTES = (
    StaffRoute("accounts/<int:user_id>/recover/", views.recover_account, "recover", ADMINISTRATORS, SEND),
    StaffRoute(
        "accounts/<int:user_id>/languages/", language_views.account_languages, "account_languages", ADMINISTRATORS, BOTH
    ),
    StaffRoute("accounts/vouching/", vouching_views.vouching_page, "vouching", ADMINISTRATORS, BOTH),
    StaffRoute("audit/ids/<str:log_id>/", log_id_views.log_id_page, "log_id", AUDITORS, BOTH),
    StaffRoute(
        "approvals/<int:answer_id>/answer/", log_id_views.log_id_answer, "log_id_answer", AUDITORS, READ, Scope.OWN
    ),
    StaffRoute("portal-groups/", group_views.group_list, "portal_groups", ADMINISTRATORS, BOTH),
    StaffRoute("portal-groups/<int:group_id>/", group_views.group_detail, "portal_group", ADMINISTRATORS, BOTH),
    StaffRoute("modes/", mode_views.mode_page, "modes", MODE_SETTERS, BOTH),
    StaffRoute("modes/<int:mode_id>/approve/", mode_views.banner_approval, "approve_banner", MODE_SETTERS, SEND),
    StaffRoute("modes/<int:mode_id>/end/", mode_views.mode_end, "end_mode", MODE_SETTERS, SEND),
)
