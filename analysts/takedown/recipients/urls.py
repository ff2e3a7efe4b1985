"""Routes of the recipient pages."""

from analysts.accounts.access import BOTH, READ, SEND, StaffRoute
from analysts.takedown.recipients import import_page, performance_page, views
from analysts.takedown.recipients.permissions import RECIPIENT_EDITORS, RECIPIENT_READERS, RECIPIENT_VERIFIERS

ONE = "recipients/<uuid:recipient_id>/"

ROUTES = (
    StaffRoute("recipients/", views.recipient_list, "recipients", RECIPIENT_READERS, READ),
    StaffRoute("recipients/add/", views.edit_page, "recipient_add", RECIPIENT_EDITORS, BOTH),
    StaffRoute("recipients/import/", import_page.import_page, "recipient_import", RECIPIENT_EDITORS, BOTH),
    StaffRoute("recipients/example.csv", import_page.example_file, "recipient_example", RECIPIENT_EDITORS, READ),
    StaffRoute(
        "recipients/performance/", performance_page.ranking_page, "provider_performance", RECIPIENT_READERS, READ
    ),
    StaffRoute(ONE, views.recipient_page, "recipient", RECIPIENT_READERS, READ),
    StaffRoute(f"{ONE}change/", views.edit_page, "recipient_change", RECIPIENT_EDITORS, BOTH),
    StaffRoute(f"{ONE}verify/", views.verify_recipient, "recipient_verify", RECIPIENT_VERIFIERS, SEND),
    StaffRoute(f"{ONE}contact/", views.decide_contact, "recipient_contact", RECIPIENT_VERIFIERS, SEND),
    StaffRoute(f"{ONE}close-down/", views.close_down, "recipient_close_down", RECIPIENT_EDITORS, SEND),
    StaffRoute(f"{ONE}reopen/", views.reopen_recipient, "recipient_reopen", RECIPIENT_EDITORS, SEND),
)
