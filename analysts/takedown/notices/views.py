"""Notice-related actions on an incident: confirming the redaction, and marking replies as read."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.bulk_actions import BulkResult, check_is_free, report_result
from analysts.incidents.page_kit import Outcome, perform_action, to_section
from analysts.models import Incident
from analysts.takedown.facts import redaction
from analysts.takedown.notices import redaction_review
from analysts.takedown.notices.redaction_forms import ConfirmOutgoing
from analysts.takedown.notices.redaction_section import CONFIRM
from analysts.takedown.notices.replies import actions as reply_actions
from analysts.takedown.notices.replies.page_section import READ
from analysts.takedown.notices.replies.section_forms import ReadReplies
from analysts.takedown.notices.to_do import REPLY, next_unread
from analysts.takedown.to_do_kinds import incident_number
from analysts.welfare import masking
from audit.permissions import Denied
from reports.addresses.identifying import find_identifying_parts

# Replies about incidents that colleagues have claimed, which reading in a row passes over.
MOST_PASSED = 20


def confirm_redaction(request: StaffRequest, incident: Incident) -> Outcome:
    """Confirm the redaction. The incident has to be revealed, so that the user sees what they confirm."""
    try:
        whole = redaction.full_address(incident)
    except redaction.AddressUnreadable:
        messages.error(request, _("The address cannot be decrypted."))
        return to_section(incident, "redaction")
    if not masking.is_lifted(request, incident):
        messages.error(request, _("The address is masked. Reveal it, then confirm the redaction again."))
        return to_section(incident, "redaction")
    return perform_action(
        request,
        incident,
        CONFIRM,
        ConfirmOutgoing(request.POST, auto_id=f"{CONFIRM}_%s", whole=whole, findings=find_identifying_parts(whole)),
        lambda **words: redaction_review.confirm_redaction(by=request.user, incident=incident, **words),
        _("Redaction confirmed."),
        onward=lambda: to_section(incident, "redaction"),
    )


def read_replies(request: StaffRequest, incident: Incident) -> Outcome:
    """Mark the replies as read; from the to-do list, go on to the next reply."""
    in_a_row = request.POST.get("todo") == REPLY.name
    return perform_action(
        request,
        incident,
        READ,
        ReadReplies(request.POST, incident=incident, auto_id=f"{READ}_%s"),
        lambda **words: reply_actions.read_replies(by=request.user, incident=incident, **words),
        _("Marked as read."),
        onward=lambda: _next_reply(request) if in_a_row else to_section(incident, "replies"),
    )


def _next_reply(request: StaffRequest) -> HttpResponse:
    """The incident of the next unread reply that the user may read; the to-do list if there is none.

    Incidents that a colleague has claimed are left out and named.
    """
    now, passed = timezone.now(), BulkResult()
    lines = [REPLY.line(reply, now) for reply in next_unread(request.user, most=MOST_PASSED)]
    incidents = Incident.objects.select_related("claimed_by").in_bulk([line.incident for line in lines])
    onward = reverse("admin:to_do", query={"what": REPLY.name})
    for line in lines:
        try:
            check_is_free(request.user, incidents[line.incident], blocked=())
        except Denied as denied:
            passed.left_out[str(denied.reason)].append(incident_number(line.incident))
        else:
            page = reverse("admin:incident", args=[line.incident], query={"todo": REPLY.name})
            onward = f"{page}#{REPLY.section}"
            break
    if passed.left_out:
        report_result(request, passed, "")
    return redirect(onward)
