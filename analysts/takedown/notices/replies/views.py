"""Entering a reply by hand on the page of its notice."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.takedown.notices import permissions
from analysts.takedown.notices.outbox_views import find_notice, notice_page
from analysts.takedown.notices.replies import actions as reply_actions
from analysts.takedown.notices.replies.forms import RecordReply
from audit.permissions import Late


@require_POST
def record_reply(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    notice = find_notice(request, notice_id)
    permissions.check_can_record_reply(request.user, notice)
    form = RecordReply(notice, request.POST)
    if not form.is_valid():
        return notice_page(request, notice, reply_form=form, status=422)
    try:
        reply_actions.record_reply(
            by=request.user,
            notice=notice,
            answer=form.answer,
        )
    except Late as late:
        messages.warning(request, str(late.reason))
        return notice_page(request, notice, reply_form=form, status=409)
    messages.success(request, _("The reply is recorded."))
    return redirect("admin:notice", notice.pk)
