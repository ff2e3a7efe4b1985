"""Saying what may leave of an address."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.pages.incident import find
from analysts.pages.incident_actions import answer
from analysts.takedown.facts import redaction
from analysts.takedown.facts.findings import findings
from analysts.takedown.notices import redaction_review
from analysts.takedown.notices.redaction_forms import ConfirmOutgoing
from analysts.takedown.notices.redaction_section import CONFIRM
from analysts.welfare import masking


@require_POST
def confirm_outgoing(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Of what is revealed alone: nobody confirms what they do not see."""
    incident = find(request, incident_id)
    section = f"{reverse('admin:incident', args=[incident.pk])}#leaving"
    try:
        whole = redaction.full_address(incident)
    except redaction.Unreadable:
        messages.error(request, _("The address cannot be opened."))
        return redirect(section)
    if not masking.is_lifted(request, incident):
        messages.error(request, _("The address is veiled. Reveal it, and say again what may leave."))
        return redirect(section)
    return answer(
        request,
        incident,
        CONFIRM,
        ConfirmOutgoing(request.POST, auto_id=f"{CONFIRM}_%s", whole=whole, found=findings(whole)),
        lambda **words: redaction_review.confirm_outgoing(by=request.user, incident=incident, **words),
        _("It is confirmed what may leave of this address."),
        onward=lambda: redirect(section),
    )
