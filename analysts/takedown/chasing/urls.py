"""The to-do page, and the actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import READ, SEND, StaffRoute
from analysts.incidents.page_kit import plain_action
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.chasing import actions, bulk_views, due_page, to_do_round, views
from analysts.takedown.chasing.forms import Check, Escalate

ROUTES = (
    StaffRoute("to-do/", due_page.due_page, "to_do", ANALYSTS, READ),
    StaffRoute("to-do/next/", to_do_round.next_to_do, "next_to_do", ANALYSTS, READ),
    StaffRoute("to-do/hand-over/", bulk_views.hand_over_due, "hand_over_due", ANALYSTS, SEND),
    StaffRoute("url-list/review/", bulk_views.review_entries, "review_entries", ANALYSTS, SEND),
)

ACTIONS = (
    plain_action(
        "check",
        "check/",
        actions.check,
        _("The availability check is recorded."),
        onward=views.report_check,
        form_class=Check,
        recorded_as=_("Availability checked"),
    ),
    plain_action(
        "escalate",
        "escalate/",
        actions.escalate,
        _("The next notice to this recipient will include this incident."),
        section="status",
        form_class=Escalate,
        recorded_as=_("Escalated"),
    ),
)
