"""Samples for the preview: what a reporter sees after sending a form, drawn by the real pages from made-up values.

None of these stores, looks up or counts anything: they call the functions that draw pages, not those that store. A form
that is shown again is the real one, sent empty.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from countries.models import PortalState
from countries.public.pages import PortalRequest, portal_page
from reports import receipts, tokens
from reports.actions import OpenMessage, PublicReceipt
from reports.fields import Posted
from reports.forms import ReportForm, StatusForm
from reports.holding_form import Wait, new_wait
from reports.outcomes import ClosedReason, Outcome, PublicState
from reports.questions import build_question
from reports.receipts import NONCE_BYTES
from reports.report_text import ReportContent, ReportReading
from reports.tokens import Token
from reports.views.database import UNKNOWN_CODE
from reports.views.report import _details_stored, _report_stored, _take_details, _take_report, count_items
from reports.views.status import _receipt_page, _refusal_page, _take_code
from reports.views.waiting import _wait_page

# Made from a nonce of zeros, which no form ever gets.
CODE = receipts.code_from_nonce(bytes(NONCE_BYTES))
ADDRESS = "https://example.org/page"
QUESTION = 1


@dataclass(frozen=True, slots=True)
class PreviewSample:
    """`page`: the URL name of the page on which the reporter would be."""

    title: str | Promise
    page: str
    draw: Callable[[PortalRequest], HttpResponse]


@portal_page
def sample_page(request: PortalRequest, name: str) -> HttpResponse:
    """The sample of that name, a key of SAMPLES, in the language of the request's path."""
    return SAMPLES[name].draw(request)


def _as_post_request(request: PortalRequest, **fields: str) -> PortalRequest:
    """The request as if its form had been sent with these fields."""
    request.method = "POST"
    request.content_type = "application/x-www-form-urlencoded"
    request._body = urlencode(fields).encode()
    return request


def _post_data(**fields: str) -> Posted:
    return MultiValueDict({name: [value] for name, value in fields.items()})


def _report_refused(request: PortalRequest) -> HttpResponse:
    return _take_report(_as_post_request(request, token=tokens.new_token(request.portal.slug), addresses=""))


def _report_stored_sample(request: PortalRequest, *, content: ReportContent) -> HttpResponse:
    return _report_stored(
        _as_post_request(request),
        content.value,
        "",
        token=tokens.new_token(request.portal.slug),
        receipt=receipts.format_code(CODE),
        items=count_items(ReportReading(ReportContent.ADDRESSES, 1)),
        used="1",
    )


def _details_refused(request: PortalRequest) -> HttpResponse:
    # Without a form's token, so that no report is looked for.
    return _take_details(_as_post_request(request))


def _details_stored_sample(request: PortalRequest, *needs: str) -> HttpResponse:
    return _details_stored(_as_post_request(request), "", *needs, receipt=receipts.format_code(CODE))


def _wait_sample(request: PortalRequest, *, with_question: bool) -> HttpResponse:
    phrase = request.portal.access_phrase if request.portal.state is PortalState.RESTRICTED else ""
    form = ReportForm(_post_data(addresses=ADDRESS, phrase=phrase), access_phrase=phrase)
    now = timezone.now()
    token = Token(portal=request.portal.slug, nonce=bytes(NONCE_BYTES), issued=now, expired=False)
    wait = Wait(until=now, question=QUESTION) if with_question else new_wait(now)
    if with_question:
        form.ask(build_question(QUESTION), again=False)
    return _wait_page(
        _as_post_request(request), form, wait, token, seconds=0 if with_question else settings.WAIT_SECONDS
    )


def _status_refused(request: PortalRequest) -> HttpResponse:
    return _take_code(_as_post_request(request, code=""))


def _status_unknown(request: PortalRequest) -> HttpResponse:
    posted = _post_data(code=receipts.format_code(CODE))
    form = StatusForm(posted)
    form.add_error("code", UNKNOWN_CODE)
    return _refusal_page(_as_post_request(request), form, posted)


def _receipt_sample(
    request: PortalRequest, *, outcomes: Sequence[Outcome] = (), message: bool = False, answered: bool = False
) -> HttpResponse:
    today = timezone.localdate()
    text = str(_("Do you have to log in to see it?"))
    messages = [OpenMessage(id=uuid.UUID(int=0), asked_on=today, text=text, is_answered=answered)] if message else []
    receipt = PublicReceipt(outcomes=list(outcomes), changed_on=today, messages=messages)
    return _receipt_page(_as_post_request(request), CODE, receipt, answered=answered)


SEVERAL: tuple[Outcome, ...] = (
    (PublicState.RECEIVED.value, "", 2),
    (PublicState.NOTICE_SENT.value, "", 1),
    (PublicState.CLOSED.value, ClosedReason.NOT_FOUND.value, 3),
)

SAMPLES: Mapping[str, PreviewSample] = {
    "report-refused": PreviewSample(_("Report: empty form sent"), "report", _report_refused),
    "report-stored": PreviewSample(
        _("Report: stored, with the receipt"), "report", partial(_report_stored_sample, content=ReportContent.ADDRESSES)
    ),
    "report-account": PreviewSample(
        _("Report: stored, of an account in an app"),
        "report",
        partial(_report_stored_sample, content=ReportContent.ACCOUNT),
    ),
    "report-nothing": PreviewSample(
        _("Report: stored, without a web address or an account"),
        "report",
        partial(_report_stored_sample, content=ReportContent.NOTHING),
    ),
    "wait": PreviewSample(_("Report: please wait"), "report", partial(_wait_sample, with_question=False)),
    "question": PreviewSample(_("Report: one question"), "report", partial(_wait_sample, with_question=True)),
    "details-refused": PreviewSample(_("Details: empty form sent"), "details", _details_refused),
    "details-stored": PreviewSample(_("Details: stored"), "details", _details_stored_sample),
    "details-danger": PreviewSample(
        _("Details: stored, a child is in danger"), "details", lambda request: _details_stored_sample(request, "danger")
    ),
    "status-refused": PreviewSample(_("Receipt: empty form sent"), "status", _status_refused),
    "status-unknown": PreviewSample(_("Receipt: unknown code"), "status", _status_unknown),
    **{
        f"status-{state.value.replace('_', '-')}": PreviewSample(
            format_lazy(_("Receipt: {state}"), state=state.label),
            "status",
            partial(_receipt_sample, outcomes=[(state.value, "", 1)]),
        )
        for state in PublicState
        if state is not PublicState.CLOSED
    },
    **{
        f"status-closed-{reason.value.replace('_', '-')}": PreviewSample(
            format_lazy(_("Receipt: closed. {reason}"), reason=reason.label),
            "status",
            partial(_receipt_sample, outcomes=[(PublicState.CLOSED.value, reason.value, 1)]),
        )
        for reason in ClosedReason
    },
    "status-several": PreviewSample(
        _("Receipt: several web addresses"), "status", partial(_receipt_sample, outcomes=SEVERAL)
    ),
    "status-message": PreviewSample(
        _("Receipt: message from the hotline"), "status", partial(_receipt_sample, message=True)
    ),
    "status-answered": PreviewSample(
        _("Receipt: message, answered"), "status", partial(_receipt_sample, message=True, answered=True)
    ),
}
