"""Saying what may leave of an address."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts import veil
from analysts.notices import confirmation, outgoing
from analysts.notices.confirmation_forms import ConfirmOutgoing
from analysts.notices.confirmation_section import CONFIRM
from analysts.notices.findings import findings
from analysts.views.acts import answer
from analysts.views.incident import find
from analysts.views.shell import StaffRequest


@require_POST
def confirm_outgoing(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Of what is revealed alone: nobody confirms what they do not see."""
    incident = find(request, incident_id)
    section = f"{reverse('admin:incident', args=[incident.pk])}#leaving"
    try:
        whole = outgoing.full_address(incident)
    except outgoing.Unreadable:
        messages.error(request, _("The address cannot be opened."))
        return redirect(section)
    if not veil.is_lifted(request, incident):
        messages.error(request, _("The address is veiled. Reveal it, and say again what may leave."))
        return redirect(section)
    return answer(
        request,
        incident,
        CONFIRM,
        ConfirmOutgoing(request.POST, auto_id=f"{CONFIRM}_%s", whole=whole, found=findings(whole)),
        lambda **words: confirmation.confirm_outgoing(by=request.user, incident=incident, **words),
        _("It is confirmed what may leave of this address."),
        onward=lambda: redirect(section),
    )
