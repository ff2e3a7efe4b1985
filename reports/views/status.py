"""The outcome of a report: a receipt is looked up, and a message from the hotline can be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from countries.languages import long_date
from countries.public import published
from countries.public.page_cache import placeholder_for
from countries.public.pages import PortalRequest, receipt_page, same_for_all
from countries.public.statistics.page import usual_time
from reports import receipts
from reports.actions import OpenMessage, PublicReceipt
from reports.fields import PlainForm, Posted
from reports.forms import AnswerForm, LookAgainForm, StatusForm
from reports.models import SubmissionKind
from reports.outcomes import ClosedReason, Outcome, describe_outcomes, is_published_daily, may_look_again
from reports.raw_post import read_post
from reports.report_steps import ReportStep, steps_of
from reports.report_text import MOST_ITEMS, may_exceed_room
from reports.views.database import ASKED_ALREADY, UNKNOWN_CODE, look_up_receipt, refusal_status, store_from_form
from reports.views.languages import SHOW, other_languages
from reports.views.report import describe_room


class Conversation(NamedTuple):
    """A message and the form that answers it; None where an answer names no message of its receipt.

    `is_open`: whether message and form are shown. An answered message is closed, with a button that opens it again.
    """

    message: OpenMessage | None
    asked_on: str
    form: AnswerForm
    is_open: bool


@receipt_page
@require_http_methods(["GET", "HEAD", "POST"])
def status_page(request: PortalRequest) -> HttpResponse:
    if request.method == "POST":
        return _take_code(request)
    return _blank_status(request)


@same_for_all
def _blank_status(request: PortalRequest) -> HttpResponse:
    return _render_status(request, _form_html(request, StatusForm()), refused=False)


@same_for_all
def _refused_frame(request: PortalRequest) -> HttpResponse:
    """The page around a refused form; place: body."""
    return _render_status(request, placeholder_for("body"), refused=True)


@same_for_all
def _unknown_code(request: PortalRequest) -> HttpResponse:
    """The page for a code that no report has; place: code, as it was typed."""
    form = StatusForm(MultiValueDict({"code": [receipts.code_from_nonce(bytes(receipts.NONCE_BYTES))]}))
    form.add_error("code", UNKNOWN_CODE)
    form.data = MultiValueDict({"code": [placeholder_for("code")]})
    return _render_status(request, _form_html(request, form), refused=True)


def _render_status(request: PortalRequest, body: str, *, refused: bool) -> HttpResponse:
    languages = other_languages(request, "status") if request.method == "POST" else []
    usual = usual_time(published.statistics_in_memory(), request.portal_language)
    context = {"form": {"errors": refused}, "body": body, "languages": languages, "usual_time": usual}
    return render(request, "reports/status.html", context)


def _form_html(request: PortalRequest, form: StatusForm, answer: PlainForm | None = None, message: str = "") -> str:
    common = {"portal": request.portal, "portal_language": request.portal_language}
    return render_to_string("reports/_status_form.html", {**common, "form": form, "answer": answer, "message": message})


def _take_code(request: PortalRequest) -> HttpResponse:
    posted = read_post(request)
    form = StatusForm(posted)
    if not form.is_valid():
        return _refusal_page(request, form, posted)
    code = form.cleaned_data["code"]
    receipt = look_up_receipt(form, code)
    if "answer" in posted:
        return _take_answer(request, code, receipt, posted) if receipt else _refusal_page(request, form, posted)
    if "again" in posted:
        return _take_again(request, code, receipt, posted) if receipt else _refusal_page(request, form, posted)
    if form.has_error(NON_FIELD_ERRORS):
        return _refusal_page(request, form, posted)
    # Draw both pages and return one, so that the response time does not reveal whether the receipt exists.
    nothing = PublicReceipt(outcomes=[], changed_on=localdate(), messages=[])
    page = _receipt_page(
        request, code, receipt or nothing, opened=posted.get("message", "") if "more" in posted else ""
    )
    unknown = _unknown_code(request, code=form.data["code"])
    unknown.status_code = 422
    if receipt is not None:
        # As `look_up_receipt` does for an unknown code.
        form.add_error("code", UNKNOWN_CODE)
    return page if receipt is not None else unknown


def _refusal_page(request: PortalRequest, form: StatusForm, posted: Posted) -> HttpResponse:
    answer = AnswerForm(posted) if "answer" in posted else LookAgainForm(posted) if "again" in posted else None
    page = _refused_frame(request, body=_form_html(request, form, answer, posted.get("message", "")))
    page.status_code = refusal_status(form)
    return page


def _take_answer(request: PortalRequest, code: str, receipt: PublicReceipt, posted: Posted) -> HttpResponse:
    message_id = posted.get("message", "")
    # An answer is taken even where it names no message: the text must not be lost to a detail.
    message = next((message for message in receipt.messages if str(message.id) == message_id), None)
    conversation = _build_conversation(request, message, posted)
    form = conversation.form
    if form.is_valid() and SHOW not in posted:
        payload = {"message": str(message.id) if message else "", **form.payload()}
        to = message.id if message else None
        if store_from_form(request, form, code=code, kind=SubmissionKind.ANSWER, payload=payload, message=to):
            messages = [
                replace(message, is_answered=True) if message.id == to else message for message in receipt.messages
            ]
            receipt = replace(receipt, messages=messages)
            room = _may_exceed_room(payload, receipt)
            return _receipt_page(request, code, receipt, answered=True, room=room, help_page=form.help_page())
    return _receipt_page(request, code, receipt, refused=conversation)


def _take_again(request: PortalRequest, code: str, receipt: PublicReceipt, posted: Posted) -> HttpResponse:
    """Store why an analyst should look again, once and for a receipt that offers it; else show the reason again."""
    form = LookAgainForm(posted)
    if receipt.asked_again or not may_look_again(receipt.outcomes):
        form.add_error(None, ASKED_ALREADY)
    kind, payload = SubmissionKind.AGAIN, form.payload() if form.is_valid() else {}
    if payload and SHOW not in posted and store_from_form(request, form, code=code, kind=kind, payload=payload):
        receipt = replace(receipt, asked_again=True)
        room = _may_exceed_room(payload, receipt)
        return _receipt_page(request, code, receipt, reasoned=True, room=room, help_page=form.help_page())
    return _receipt_page(request, code, receipt, again=form)


def _may_exceed_room(payload: Mapping[str, object], receipt: PublicReceipt) -> bool:
    """As `may_exceed_room`, with the items that the receipt shows; before it shows any, as many as possible."""
    items = sum(count for _state, _reason, count in receipt.outcomes)
    return may_exceed_room(payload, items or MOST_ITEMS)


def _receipt_page(
    request: PortalRequest,
    code: str,
    receipt: PublicReceipt,
    *,
    answered: bool = False,
    reasoned: bool = False,
    room: bool = False,
    help_page: str = "",
    refused: Conversation | None = None,
    again: LookAgainForm | None = None,
    opened: str = "",
) -> HttpResponse:
    """The state and the messages; `answered` and `reasoned` thank.

    `room`: what was sent may name more than there is room for.
    `refused` replaces its message's blank form, `again` that of a further look. `opened`: the id of an answered message
    to which the reporter wants to add something.
    """
    conversations = [
        refused
        if refused and refused.message is message
        else _build_conversation(request, message, is_open=not message.is_answered or str(message.id) == opened)
        for message in receipt.messages
    ]
    if refused and refused.message is None:
        conversations.append(refused)
    refused_form = refused.form if refused else again
    status = refusal_status(refused_form) if refused_form else 200
    flags = {
        "answered": answered,
        "reasoned": reasoned,
        "room": room,
        "outside": any(reason == ClosedReason.OUTSIDE_REMIT for _state, reason, _count in receipt.outcomes),
        "refused": refused_form is not None,
        "errors": status != 200,
    }
    page = _kept_receipt(
        request,
        help_page,
        *(name for name, is_set in flags.items() if is_set),
        code=code,
        summary=render_to_string("countries/public/_error_summary.html", {"form": refused_form})
        if refused_form
        else "",
        progress=_progress_html(receipt.outcomes),
        changed=long_date(receipt.changed_on, request.portal_language),
        conversations=_conversations_html(request, code, conversations) if conversations else "",
        again=_again_html(request, code, receipt, again),
    )
    page.status_code = status
    return page


@same_for_all
def _kept_receipt(request: PortalRequest, help_page: str, *flags: str) -> HttpResponse:
    """The part that is the same for all receipts: rendering it is most of a page's cost.

    `help_page`: its slug for a reporter in need, else "". `flags`: those of "answered", "reasoned", "room",
    "outside", "refused" and "errors" that apply. Places: code, summary, progress, changed, conversations, again.
    """
    places = ("code", "summary", "progress", "changed", "conversations", "again")
    context = {
        **{name: placeholder_for(name) for name in places},
        "answered": "answered" in flags,
        "reasoned": "reasoned" in flags,
        "room": describe_room() if "room" in flags else "",
        "help_page": help_page,
        "outside_remit": "outside" in flags,
        "is_refused": "refused" in flags,
        "form": {"errors": "errors" in flags},
        "daily": is_published_daily(),
        "languages": other_languages(request, "status"),
    }
    return render(request, "reports/receipt.html", context)


def _progress_html(outcomes: Sequence[Outcome]) -> str:
    """The published state in words, and the steps."""
    states = format_html_join("", "<p>{}</p>", ((words,) for words in describe_outcomes(outcomes)))
    steps = _steps_html(tuple(steps_of(outcomes)), get_language() or "en")
    return format_html('<div class="state" id="state">{}</div>{}', states, steps)


@lru_cache(maxsize=1_000)
def _steps_html(steps: tuple[ReportStep, ...], language: str) -> str:
    """The steps in the active language. There are about twenty sets of them."""
    return render_to_string("reports/_steps.html", {"steps": steps})


def _conversations_html(request: PortalRequest, code: str, conversations: list[Conversation]) -> str:
    context = {"slug": request.portal.slug, "language": request.portal_language, "code": code}
    return render_to_string("reports/_conversations.html", {**context, "conversations": conversations})


def _again_html(request: PortalRequest, code: str, receipt: PublicReceipt, form: LookAgainForm | None) -> str:
    """The form for a further look at what was closed, or that it was asked for; "" where it is not offered."""
    if form is None and not may_look_again(receipt.outcomes):
        return ""
    context = {
        "form": form or LookAgainForm(),
        "is_offered": form is not None or not receipt.asked_again,
        "slug": request.portal.slug,
        "language": request.portal_language,
        "code": code,
    }
    return render_to_string("reports/_look_again.html", context)


def _build_conversation(
    request: PortalRequest, message: OpenMessage | None, posted: Posted | None = None, *, is_open: bool = True
) -> Conversation:
    if message is None:
        return Conversation(None, "", AnswerForm(posted), is_open)
    # A page may contain several of these, so the message's id is part of every element's.
    form = AnswerForm(posted, auto_id=f"id_{message.id}_%s")
    return Conversation(message, long_date(message.asked_on, request.portal_language), form, is_open)
