"""Views of the notice lists, of one notice, and of the staff actions on it."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.recent_sign_in import needs_recent_sign_in, reveal_minutes
from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.permissions import check_sees_content
from analysts.incidents.table import CappedPaginator, count_label, mask_address
from analysts.models import Incident, Notice, NoticeItem, NoticeState, User
from analysts.takedown.facts import redaction
from analysts.takedown.notices import manual_actions, permissions, rendering
from analysts.takedown.notices.manual_actions import LetterPage
from analysts.takedown.notices.outbox import find_hold_up
from analysts.takedown.notices.outbox_lists import Box, box_of, notices_in_box, outbox_rows
from analysts.takedown.notices.replies.forms import RecordReply
from analysts.takedown.notices.replies.page_section import notice_replies
from analysts.takedown.notices.status import DROPPED, notice_status
from analysts.welfare import masking
from analysts.welfare.break_views import pause_redirect
from analysts.welfare.meter import MOST_AN_EVENT
from audit.permissions import Denied, Late, why_not
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page

ROWS_PER_PAGE = 30
ITEMS_PER_PAGE = 50
# The page of the letter in the query string: `page` is that of the masked addresses.
PAGE = "letter"


class RecordSent(forms.Form):
    """Confirms that the letter was sent by hand. `digest`: `mark_of` the letter that was on the screen."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    is_sent = forms.BooleanField(label=gettext_lazy("I have sent this text to the recipient"))


@require_safe
def notice_list(request: StaffRequest) -> HttpResponse:
    check_sees_content(request.user)
    now, box = timezone.now(), box_of(request.GET.get("box", ""))
    page = CappedPaginator(notices_in_box(box, request.user), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    manual_actions.view_list(by=request.user, box=box, now=now)
    context = {
        "title": _("Notices"),
        "box": box,
        "tabs": [(box, tab_number(box, request.user)) for box in Box],
        "page": page,
        "rows": outbox_rows(page, now),
    }
    return staff_page(request, "analysts/takedown/notices/outbox.html", context)


def tab_number(box: Box, user: User) -> str:
    """The count of a box that needs action; "" for the others."""
    if box not in (Box.BY_HAND, Box.DEAD):
        return ""
    return count_label(notices_in_box(box, user))


@require_safe
def notice_detail(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    return notice_page(request, find_notice(request, notice_id))


@require_POST
@needs_recent_sign_in(reveal_minutes)
def read_notice(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Show the notice with a page of its text. Only this response and a failed `record_sent` contain the text."""
    return letter_page(request, find_notice(request, notice_id))


@require_POST
@needs_recent_sign_in(reveal_minutes)
def record_sent(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    notice = find_notice(request, notice_id)
    permissions.check_can_record_sent(request.user, notice, now=timezone.now())
    form = RecordSent(request.POST)
    if not form.is_valid():
        return letter_page(request, notice, form, status=422)
    try:
        manual_actions.record_sent(by=request.user, notice=notice, digest_on_page=form.cleaned_data["digest"])
    except Late as late:
        messages.warning(request, str(late.reason))
        return letter_page(request, find_notice(request, notice_id), status=409)
    messages.success(request, _("Recorded as sent by you."))
    return redirect("admin:notice", notice.pk)


@require_POST
def send_now(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    return handle_notice_action(
        request, notice_id, manual_actions.send_now, lambda _notice: _("The notice will be sent within a minute.")
    )


@require_POST
def cancel(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    return handle_notice_action(request, notice_id, manual_actions.cancel, cancel_message)


def cancel_message(notice: Notice) -> str:
    if notice.state == NoticeState.DROPPED:
        return _("The notice is cancelled.")
    return _("Addresses from your portals are left out. The notice is still sent with the addresses of other portals.")


@require_POST
def try_again(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    return handle_notice_action(
        request, notice_id, manual_actions.try_again, lambda _notice: _("Sending will be retried.")
    )


@require_POST
def send_by_hand(request: StaffRequest, notice_id: uuid.UUID) -> HttpResponse:
    return handle_notice_action(
        request, notice_id, manual_actions.send_by_hand, lambda _notice: _("The notice is ready to be sent by hand.")
    )


@require_POST
def leave_out(request: StaffRequest, notice_id: uuid.UUID, item_id: uuid.UUID) -> HttpResponse:
    notice = find_notice(request, notice_id)
    items = notice.items.filter(incident__in=Incident.objects.visible_to(request.user)).select_related("notice")
    manual_actions.leave_out(by=request.user, item=get_object_or_404(items, pk=item_id))
    messages.success(request, _("The address is left out of this notice."))
    return redirect("admin:notice", notice.pk)


def handle_notice_action(
    request: StaffRequest, notice_id: uuid.UUID, verb: Callable[..., Notice], message: Callable[[Notice], str]
) -> HttpResponse:
    notice = find_notice(request, notice_id)
    try:
        notice = verb(by=request.user, notice=notice)
    except Denied as denied:
        # Reload the notice: it may have been sent in the meantime.
        messages.error(request, str(denied.reason))
        return notice_page(request, find_notice(request, notice_id), status=403)
    messages.success(request, message(notice))
    return redirect("admin:notice", notice.pk)


def find_notice(request: StaffRequest, notice_id: uuid.UUID) -> Notice:
    """The notice, if it includes an incident that the user may see; otherwise a 404."""
    check_sees_content(request.user)
    notices = Notice.objects.visible_to(request.user).select_related("recipient", "by", "sent_by")
    return get_object_or_404(notices, pk=notice_id)


@dataclass(frozen=True, slots=True)
class NoticeButton:
    """A button of the page. `why_not`: why it is disabled; "" if it is enabled."""

    name: str
    label: str
    url: str
    why_not: str


@dataclass(frozen=True, slots=True)
class MaskedItem:
    """A masked address in the notice."""

    item: NoticeItem
    address: str
    left_out: str
    leave_out_url: str


@dataclass(frozen=True, slots=True, repr=False)
class LetterWords:
    """A page of the letter of a notice, and the form that records that it was sent by hand.

    `first`, `last`: the numbers of its addresses. `others`: the page before and the one after, by their labels.
    """

    page: LetterPage
    form: RecordSent
    may_record: bool
    first: int
    last: int
    others: list[tuple[str, str]]
    seconds: int


def notice_page(
    request: StaffRequest,
    notice: Notice,
    words: LetterWords | None = None,
    *,
    reply_form: RecordReply | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page of a notice. `words`: the letter, if the user asked to see it. `reply_form`: refused input."""
    user, now = request.user, timezone.now()
    items = notice.items.filter(incident__in=Incident.objects.visible_to(user))
    ordered = items.select_related("incident__key").order_by("dropped", "pk")
    page = CappedPaginator(ordered, ITEMS_PER_PAGE).get_page(request.GET.get("page"))
    status_row = notice_status(notice, now, hold_up=find_hold_up([notice], now))
    context = {
        "title": _("Notice %(reference)s") % {"reference": notice.reference},
        "notice": notice,
        "recipient": defang_text(notice.recipient.name),
        "status": status_row,
        "page": page,
        "items": [item_row(item, user, notice, now) for item in page],
        "elsewhere": notice.items.filter(dropped="").exclude(incident__portals__overlap=user.portal_array).count(),
        "acts": action_buttons(notice, user, now),
        "read": NoticeButton(
            "read",
            _("Show the text"),
            reverse("admin:read_notice", args=[notice.pk]),
            why_not(permissions.check_can_read, user, notice),
        ),
        "words": words,
        "form": words.form if words else None,
        "replies": notice_replies(notice) if notice.state == NoticeState.SENT else [],
        "reply_form": reply_form or RecordReply(notice),
        "why_no_reply": why_not(permissions.check_can_record_reply, user, notice),
    }
    manual_actions.view_notice(by=user, notice=notice, now=now)
    return staff_page(request, "analysts/takedown/notices/notice.html", context, status=status)


def letter_page(
    request: StaffRequest, notice: Notice, form: RecordSent | None = None, *, status: int = 200
) -> HttpResponse:
    """Render the notice with the page of its letter that the query string asks for, or redirect to the break page if a
    break is due.

    Requires a recent sign-in, which the calling views enforce.
    """
    number = int(request.GET[PAGE]) if re.fullmatch(r"\d{1,3}", request.GET.get(PAGE, ""), re.ASCII) else 1
    if pause := pause_redirect(request, onward=letter_url(notice, number)):
        return pause
    try:
        page = manual_actions.read_letter(by=request.user, notice=notice, page=number)
    except rendering.CannotRender as missing:
        messages.error(request, _("The notice text cannot be generated: %(why)s.") % {"why": missing.reason.label})
        return notice_page(request, notice, status=409)
    except redaction.Unconfirmed:
        messages.error(request, _("Confirm the redaction of the addresses in this notice first."))
        return notice_page(request, notice, status=409)
    if page is None:
        messages.warning(request, _("Nothing is left to send in this notice."))
        return notice_page(request, find_notice(request, notice.pk), status=409)
    masking.reveal_letter(request)
    first = (page.number - 1) * MOST_AN_EVENT + 1
    words = LetterWords(
        page=page,
        form=form or RecordSent(initial={"digest": manual_actions.mark_of(page.letter)}),
        may_record=not why_not(permissions.check_can_record_sent, request.user, notice, now=timezone.now()),
        first=first,
        last=first + len(page.items) - 1,
        others=[
            (other_page_label(other, len(page.letter.items)), letter_url(notice, other))
            for other in (page.number - 1, page.number + 1)
            if 1 <= other <= page.pages
        ],
        seconds=number_in_force("VEIL_MINUTES") * 60,
    )
    return notice_page(request, notice, words, status=status)


def letter_url(notice: Notice, page: int) -> str:
    """The path that reveals this page of the letter."""
    return reverse("admin:read_notice", args=[notice.pk], query={PAGE: page} if page > 1 else None)


def other_page_label(page: int, total: int) -> str:
    first, last = (page - 1) * MOST_AN_EVENT + 1, min(page * MOST_AN_EVENT, total)
    return _("Show %(first)d to %(last)d") % {"first": first, "last": last}


def item_row(item: NoticeItem, user: User, notice: Notice, now: datetime) -> MaskedItem:
    item.notice = notice
    refused = why_not(permissions.check_can_leave_out, user, item, now=now)
    url = "" if refused else reverse("admin:leave_out_of_notice", args=[notice.pk, item.pk])
    return MaskedItem(item, mask_address(item.incident), str(DROPPED[item.dropped]), url)


def action_buttons(notice: Notice, user: User, now: datetime) -> list[NoticeButton]:
    """The buttons that apply in the current state; a disabled one states its reason."""
    match NoticeState(notice.state):
        case NoticeState.GATHERING:
            names = ["send_now", "cancel"]
        case NoticeState.READY if notice.is_by_hand:
            names = ["cancel"]
        case NoticeState.READY:
            names = ["send_now", "send_by_hand", "cancel"]
        case NoticeState.DEAD:
            names = ["try_again", "send_by_hand", "cancel"]
        case NoticeState.SENT | NoticeState.DROPPED:
            names = []
    actions: dict[str, tuple[str, Callable[..., None]]] = {
        "send_now": (_("Send now"), permissions.check_can_send_now),
        "cancel": (_("Cancel the notice"), permissions.check_can_cancel),
        "try_again": (_("Try again"), permissions.check_can_try_again),
        "send_by_hand": (_("Send by hand instead"), permissions.check_can_send_by_hand),
    }
    return [
        NoticeButton(
            name,
            actions[name][0],
            reverse(f"admin:{name}_notice", args=[notice.pk]),
            why_not(actions[name][1], user, notice, now=now),
        )
        for name in names
    ]
