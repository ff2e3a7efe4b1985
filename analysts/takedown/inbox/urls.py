"""Routes of an inbox, and of the pages on which accounts get one."""

from analysts.accounts.access import BOTH, READ, SEND, Scope, StaffRoute
from analysts.accounts.permissions import ADMINISTRATORS
from analysts.takedown.inbox import access_views, views
from analysts.takedown.inbox.permissions import ACCESS_SUSPENDERS, INBOX_READERS

ONE = "inbox/<uuid:referral_id>/"
ACCOUNT = "accounts/<int:user_id>/recipient/"
ACCESS = "recipient-accounts/<int:access_id>/"

ROUTES = (
    StaffRoute("inbox/", views.inbox_list, "inbox", INBOX_READERS, READ),
    StaffRoute("inbox/sentences/", views.open_sentences, "open_inbox_sentences", INBOX_READERS, SEND),
    StaffRoute(ONE, views.inbox_referral, "inbox_referral", INBOX_READERS, READ, Scope.INBOX),
    StaffRoute(f"{ONE}open/", views.open_address, "open_inbox_address", INBOX_READERS, SEND, Scope.INBOX),
    StaffRoute(f"{ONE}answer/", views.answer_referral, "answer_inbox", INBOX_READERS, SEND, Scope.INBOX),
    StaffRoute(ACCOUNT, access_views.account_page, "account_recipient", ADMINISTRATORS, BOTH),
    StaffRoute("recipient-accounts/", access_views.account_list, "recipient_accounts", ACCESS_SUSPENDERS, READ),
    StaffRoute(f"{ACCESS}confirm/", access_views.confirm_view, "confirm_recipient", ADMINISTRATORS, SEND),
    StaffRoute(f"{ACCESS}suspend/", access_views.suspend_view, "suspend_recipient", ACCESS_SUSPENDERS, SEND),
)
