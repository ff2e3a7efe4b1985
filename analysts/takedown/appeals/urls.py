"""The action that enters an appeal."""

from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import plain_action
from analysts.takedown.appeals.actions import file_appeal
from analysts.takedown.appeals.forms import FileAppeal
from analysts.takedown.appeals.permissions import check_can_file

ACTIONS = (
    plain_action(
        "file_appeal",
        "appeals/",
        file_appeal,
        _("Appeal entered."),
        check=check_can_file,
        form_class=FileAppeal,
        recorded_as=_("Appeal entered"),
    ),
)
