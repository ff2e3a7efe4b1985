"""The pages of this room."""

from analysts.accounts import views
from analysts.accounts.access import SEND, Route
from analysts.accounts.permissions import ADMINISTRATORS

ROUTES = (Route("accounts/<int:user_id>/recover/", views.recover, "recover", ADMINISTRATORS, SEND),)
