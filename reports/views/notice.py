"""The page behind the link in a notice, where its recipient replies without an account. A GET changes nothing."""

import logging
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from countries.languages import long_date
from countries.public.errors import error_page
from countries.public.network.views import frame_context
from countries.public.pages import known_language, open_page
from reports import notice_answers, notice_links
from reports.database_wait import await_connection
from reports.fields import Posted
from reports.letter_numbers import write_numbers
from reports.notice_answers import OpenNotice
from reports.notice_form import NoticeForm
from reports.notices import RecipientAnswer
from reports.raw_post import read_post
from reports.views.database import NOT_STORED, on_disk, refusal_status

logger = logging.getLogger(__name__)

FULL = ValidationError(
    _(
        "This was not stored: too many answers came through this link within an hour. Please wait until the next hour "
        "and send it again. What you wrote is still on this page."
    ),
    code="full",
)
SECONDS_OF_HOUR = 3600


@dataclass(frozen=True, slots=True, repr=False)
class Visit:
    """One request for the page. `secret`: as written in the link, valid or not."""

    request: HttpRequest
    language: str
    secret: str


@open_page
@require_http_methods(["GET", "HEAD", "POST"])
def notice_answer_page(request: HttpRequest, language: str, secret: str) -> HttpResponse:
    visit = Visit(request, known_language(language), secret)
    with translation.override(language):
        return _take_answer(visit) if request.method == "POST" else _blank_form_page(visit)


def _blank_form_page(visit: Visit) -> HttpResponse:
    try:
        notice = notice_answers.look_up(_link_credentials(visit), now=timezone.now())
    except Error:
        logger.exception("Not looked up.", extra={"fact": "a notice was not looked up"})
        return error_page(visit.request, 503)
    return _form_or_unknown(visit, _form_of(notice), notice)


def _take_answer(visit: Visit) -> HttpResponse:
    now, credentials = timezone.now(), _link_credentials(visit)
    data = read_post(visit.request)
    try:
        await_connection()
        notice = notice_answers.look_up(credentials, now=now)
    except Error:
        logger.exception("Not looked up.", extra={"fact": "a notice was not looked up for an answer"})
        form = NoticeForm(data, numbers=None if "numbers" in data else (), answerer=None)
        form.add_error(None, NOT_STORED)
        return _form_page(visit, form, None)
    form = _form_of(notice, data)
    if notice and form.is_valid():
        store = partial(
            notice_answers.store_answer, form.answer, credentials=credentials, now=now, is_full=notice.is_full
        )
        try:
            if on_disk(form, store, what="an answer to a notice", out_of_date=NOT_STORED):
                return _confirmation_page(visit, notice, form.answer)
        except notice_answers.Full:
            form.add_error(None, FULL)
    return _form_or_unknown(visit, form, notice)


def _form_of(notice: OpenNotice | None, data: Posted | None = None) -> NoticeForm:
    return NoticeForm(data, numbers=notice.numbers, answerer=notice.answerer) if notice else NoticeForm(data)


def _link_credentials(visit: Visit) -> notice_links.LinkCredentials:
    return notice_links.derive_link_credentials(notice_links.decode_secret(visit.secret))


def _form_or_unknown(visit: Visit, form: NoticeForm, notice: OpenNotice | None) -> HttpResponse:
    """Draw both pages and return one, so that the response time does not reveal whether the link exists."""
    page, unknown = _form_page(visit, form, notice), _unknown_page(visit, form)
    return page if notice else unknown


def _form_page(visit: Visit, form: NoticeForm, notice: OpenNotice | None) -> HttpResponse:
    context = {"form": form, "notice_link": notice, "secret": visit.secret, **_page_context(visit)}
    page = render(visit.request, "reports/notice.html", context, status=_response_status(form))
    if page.status_code == 429:
        page.headers["Retry-After"] = str(SECONDS_OF_HOUR - int(timezone.now().timestamp()) % SECONDS_OF_HOUR)
    return page


def _unknown_page(visit: Visit, form: NoticeForm) -> HttpResponse:
    """The same page for mistyped, expired and made-up links. It shows the typed text for copying."""
    return render(
        visit.request, "reports/notice_unknown.html", {"typed": form["text"], **_page_context(visit)}, status=404
    )


def _confirmation_page(visit: Visit, notice: OpenNotice, answer: RecipientAnswer) -> HttpResponse:
    context = {
        "notice_link": notice,
        "kind": answer.kind,
        # Shown where the letter has several addresses.
        "numbers": write_numbers(answer.numbers or notice.numbers) if len(notice.numbers) > 1 else "",
        "is_about_some": bool(answer.numbers),
        "needs_call": answer.kind.row.needs_call,
        "until": long_date(notice.expires_on, visit.language),
        **_page_context(visit),
    }
    return render(visit.request, "reports/notice_stored.html", context)


def _page_context(visit: Visit) -> dict[str, object]:
    context = {**frame_context(visit.language, "notice", visit.secret), "hotline": settings.HOTLINE_NAME}
    # No link to another language: it would lose the typed text.
    return context | {"language_links": []} if visit.request.method == "POST" else context


def _response_status(form: NoticeForm) -> int:
    if not form.is_bound:
        return 200
    return 429 if form.has_error(NON_FIELD_ERRORS, code="full") else refusal_status(form)
