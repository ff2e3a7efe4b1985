"""Reading what addressees answered."""

from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import Outcome, perform, to_section
from analysts.models import Incident
from analysts.takedown.notices import reply_actions
from analysts.takedown.notices.reply_forms import ReadReplies
from analysts.takedown.notices.reply_section import READ


def read_replies(request: StaffRequest, incident: Incident) -> Outcome:
    return perform(
        request,
        incident,
        READ,
        ReadReplies(request.POST, incident=incident, auto_id=f"{READ}_%s"),
        lambda **words: reply_actions.read_replies(by=request.user, incident=incident, **words),
        _("It is noted that you have read it."),
        onward=lambda: to_section(incident, "replies"),
    )
