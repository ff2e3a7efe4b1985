"""Routes of accounts."""

from analysts.accounts import views
from analysts.accounts.access import SEND, StaffRoute
from analysts.accounts.permissions import ADMINISTRATORS

ROUTES = (StaffRoute("accounts/<int:user_id>/recover/", views.recover_account, "recover", ADMINISTRATORS, SEND),)
