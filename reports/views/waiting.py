"""For a portal with far more reports than usual: a wait, then a plain question. Never a refusal.

1. A report that finds the portal's bucket empty is shown again, its text kept, with a wait of WAIT_SECONDS.
2. Sent again after that, it may take the permits that newcomers must leave. If these are used up, a question is asked.
3. The right answer stores it, even with an empty bucket. A wrong one brings another question, as often as it takes.

A report whose receipt is stored already (Back, a second click, one address more) is never slowed.
"""

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from countries.public.pages import PortalRequest
from reports import rate_limit, receipts, tokens
from reports.fields import Posted
from reports.forms import ReportForm
from reports.holding_form import Wait, new_wait, read_wait, sign_wait
from reports.questions import build_question
from reports.tokens import Token
from reports.views.database import may_have_report
from reports.views.languages import other_languages


def wait_page_or_none(request: PortalRequest, form: ReportForm, posted: Posted, token: Token) -> HttpResponse | None:
    """The page that asks the sender of a valid form to wait or to answer; None where it may be stored now."""
    now = timezone.now()
    wait = read_wait(posted.get("wait", ""), token)
    if wait is None:
        if rate_limit.take_permit(token.portal, rate_limit.pace_of(token.issued, now)):
            return None
        wait = new_wait(now)
    elif not wait.seconds_left(now):
        if wait.question and build_question(wait.question).answered_by(posted.get("reply", "")):
            return None
        if rate_limit.take_permit(token.portal, rate_limit.Pace.WAITED):
            return None
        again, wait = bool(wait.question), wait.asking()
        form.ask(build_question(wait.question), again=again)
    if may_have_report(receipts.code_from_nonce(token.nonce)):
        return None
    return _wait_page(request, form, wait, token, seconds=wait.seconds_left(now))


def renew_wait(posted: Posted, token: Token) -> str:
    """The wait of a form that is shown again for another reason, so that no reporter waits twice; "" without a wait."""
    wait = read_wait(posted.get("wait", ""), token)
    return sign_wait(replace(wait, question=0), token) if wait else ""


def _wait_page(request: PortalRequest, form: ReportForm, wait: Wait, token: Token, *, seconds: int) -> HttpResponse:
    context = {
        "form": form,
        "token": tokens.renew_token(token),
        "wait": sign_wait(wait, token),
        "seconds": seconds,
        "languages": other_languages(request, "report"),
    }
    page = render(request, "reports/wait.html", context, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page
