"""Pages of an inbox: the list, one referral, opening its address, and answering."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.table import CappedPaginator
from analysts.models import Referral
from analysts.models.notice import answerer_about
from analysts.takedown.inbox import actions
from analysts.takedown.inbox.actions import OpenedReferral
from analysts.takedown.inbox.inbox_rows import (
    LONGEST_SEARCH,
    inbox_rows,
    referrals_of,
    sentences_before_referral,
)
from analysts.takedown.inbox.permissions import check_has_inbox, open_access
from audit.permissions import Denied
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page
from reports.addresses import defang_address
from reports.fields import Posted
from reports.notice_form import NoticeForm
from reports.notices import Answerer

ROWS_PER_PAGE = 30


@require_safe
def inbox_list(request: StaffRequest) -> HttpResponse:
    check_has_inbox(request.user)
    now, typed = timezone.now(), request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    page = CappedPaginator(referrals_of(request.user, now, typed), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    access = open_access(request.user, now.date())
    context = {
        "title": _("Inbox"),
        "access": access,
        "sentences": sentences_before_referral(access, now).count() if access else 0,
        "typed": typed,
        "page": page,
        "rows": inbox_rows(list(page), now),
    }
    return staff_page(request, "analysts/takedown/inbox/inbox.html", context)


def _find_referral(request: StaffRequest, referral_id: UUID) -> Referral:
    """The referral, if it is in the user's inbox; otherwise a 404."""
    check_has_inbox(request.user)
    return get_object_or_404(referrals_of(request.user, timezone.now()), pk=referral_id)


@require_safe
def inbox_referral(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    return _referral_page(request, _find_referral(request, referral_id))


@require_POST
@needs_recent_sign_in(second_factor=True)
def open_address(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    """Show the page with the address. Only this response contains it."""
    referral = _find_referral(request, referral_id)
    opened = actions.open_address(by=request.user, referral_id=referral.pk)
    if opened is None:
        messages.warning(request, _("This address has been erased. Ask your contact at the hotline."))
    return _referral_page(request, referral, opened=opened)


@require_POST
@needs_recent_sign_in(second_factor=True)
def open_sentences(request: StaffRequest) -> HttpResponse:
    """Show the sentences about reports that were not referred yet. Only this response contains them."""
    check_has_inbox(request.user)
    context = {
        "title": _("Sentences of reports, released to you"),
        "sentences": actions.open_sentences(by=request.user),
        "seconds": number_in_force("VEIL_MINUTES") * 60,
    }
    return staff_page(request, "analysts/takedown/inbox/sentences.html", context)


@require_POST
def answer_referral(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    referral = _find_referral(request, referral_id)
    form = _form_of(referral, request.POST)
    if not form.is_valid():
        return _referral_page(request, referral, form=form, status=422)
    answer = form.answer
    try:
        actions.answer_referral(
            by=request.user,
            referral_id=referral.pk,
            kind=answer.kind,
            text=answer.text,
            decision=answer.decision,
            case_number=answer.case_number,
        )
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        return _referral_page(request, referral, form=form, status=409)
    messages.success(request, _("Your answer is recorded. The hotline reads it."))
    return redirect("admin:inbox_referral", referral.pk)


def _form_of(referral: Referral, data: Posted | None = None) -> NoticeForm:
    to = referral.to
    return NoticeForm(data, answerer=answerer_about(to, [referral.incident_id]) if to else Answerer.HOST)


def _referral_page(
    request: StaffRequest,
    referral: Referral,
    *,
    opened: OpenedReferral | None = None,
    form: NoticeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    [row] = inbox_rows([referral], timezone.now())
    context = {
        "title": _("Reference %(reference)s") % {"reference": row.reference},
        "row": row,
        "opened": opened,
        "address": defang_address(opened.address) if opened and opened.address else "",
        "seconds": number_in_force("VEIL_MINUTES") * 60,
        "form": form or _form_of(referral),
    }
    return staff_page(request, "analysts/takedown/inbox/referral.html", context, status=status)
