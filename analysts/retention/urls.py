"""Routes of retention, and its actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import READ, StaffRoute
from analysts.incidents.page_kit import ActionFold, plain_action
from analysts.retention import actions, views
from analysts.retention.forms import PlaceHold
from analysts.retention.permissions import KEY_READERS, SENIORS, check_can_hold, check_can_release_hold

ROUTES = (StaffRoute("keys/", views.keys_page, "keys", KEY_READERS, READ),)

HOLD = ActionFold(_("Legal hold"), "H", name="hold")

# Only the applicable one of the two is offered.
ACTIONS = (
    plain_action(
        "hold",
        "hold/",
        actions.place_hold,
        _("Legal hold placed."),
        who=SENIORS,
        label=_("Place legal hold"),
        check=check_can_hold,
        form_class=PlaceHold,
        is_offered=lambda incident: incident.open_hold is None,
        fold=HOLD,
        recorded_as=_("Legal hold placed"),
    ),
    plain_action(
        "release_hold",
        "release-hold/",
        actions.release_hold,
        _("Legal hold released."),
        who=SENIORS,
        label=_("Release legal hold"),
        check=check_can_release_hold,
        is_offered=lambda incident: incident.open_hold is not None,
        fold=HOLD,
        recorded_as=_("Legal hold released"),
    ),
)
