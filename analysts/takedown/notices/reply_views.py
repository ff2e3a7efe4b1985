"""Reading what addressees answered."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.pages.incident import find
from analysts.pages.incident_actions import answer
from analysts.takedown.notices import reply_actions
from analysts.takedown.notices.reply_forms import ReadReplies
from analysts.takedown.notices.reply_section import READ


@require_POST
def read_replies(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find(request, incident_id)
    return answer(
        request,
        incident,
        READ,
        ReadReplies(request.POST, incident=incident, auto_id=f"{READ}_%s"),
        lambda **words: reply_actions.read_replies(by=request.user, incident=incident, **words),
        _("It is noted that you have read it."),
        onward=lambda: redirect(f"{reverse('admin:incident', args=[incident.pk])}#replies"),
    )
