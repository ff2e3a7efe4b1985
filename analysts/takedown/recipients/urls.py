"""The pages of this room."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.takedown.recipients import import_page, performance_page, views
from analysts.takedown.recipients.permissions import RECIPIENT_EDITORS, RECIPIENT_READERS, RECIPIENT_VERIFIERS

ONE = "addressees/<uuid:addressee_id>/"

ROUTES = (
    StaffRoute("addressees/", views.addressee_list, "addressees", RECIPIENT_READERS, READ),
    StaffRoute("addressees/add/", views.add_page, "addressee_add", RECIPIENT_EDITORS, BOTH),
    StaffRoute("addressees/import/", import_page.import_page, "addressee_import", RECIPIENT_EDITORS, BOTH),
    StaffRoute("addressees/example.csv", import_page.example_file, "addressee_example", RECIPIENT_EDITORS, READ),
    StaffRoute("addressees/league/", performance_page.ranking_page, "addressee_league", RECIPIENT_READERS, READ),
    StaffRoute(ONE, views.recipient_page, "addressee", RECIPIENT_READERS, READ),
    StaffRoute(f"{ONE}change/", views.change_page, "addressee_change", RECIPIENT_EDITORS, BOTH),
    StaffRoute(f"{ONE}verify/", views.verify_recipient, "addressee_verify", RECIPIENT_VERIFIERS, SEND),
    StaffRoute(f"{ONE}close-down/", views.close_down, "addressee_close_down", RECIPIENT_EDITORS, SEND),
    StaffRoute(f"{ONE}reopen/", views.reopen_recipient, "addressee_reopen", RECIPIENT_EDITORS, SEND),
)
