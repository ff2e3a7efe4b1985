"""The pages of this room."""

from analysts.accounts import views
from analysts.accounts.access import READ, SEND, Route
from analysts.accounts.permissions import ADMINISTRATORS

ROUTES = (
    Route("confirmations/", views.confirmations, "confirmations", ADMINISTRATORS, READ),
    Route("confirmations/<int:proposal_id>/confirm/", views.confirm, "confirm", ADMINISTRATORS, SEND),
    Route("confirmations/<int:proposal_id>/refuse/", views.refuse, "refuse", ADMINISTRATORS, SEND),
    Route("accounts/<int:user_id>/recover/", views.recover, "recover", ADMINISTRATORS, SEND),
)
