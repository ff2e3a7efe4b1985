"""Sending a report: one question, and then optional details."""

from collections.abc import Collection

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from countries.languages import in_digits
from countries.models import PortalState
from countries.public.page_cache import placeholder_for
from countries.public.pages import PortalRequest, receipt_page, same_for_all
from countries.public.published_portal import PublishedPortal
from countries.public.views import suspension_page
from reports import receipts, tokens
from reports.fields import Posted
from reports.forms import DetailsForm, ReportForm, Tick
from reports.models import SubmissionKind
from reports.outcomes import is_published_daily
from reports.raw_post import read_post
from reports.report_text import MOST_ITEMS, ReportReading, SealedTick, may_exceed_room, read_report
from reports.views.database import look_up_receipt, may_have_report, refusal_status, store_from_form
from reports.views.languages import SHOW, other_languages
from reports.views.waiting import renew_wait, wait_page_or_none

TOKEN_UNKNOWN = _("This form was not recognised and has been renewed. Please send it again.")
TOKEN_EXPIRED = _("This form was open for over a day and has been renewed. Please send it again.")
# Sent again in a later hour, details with one of these count again.
URGENT_TICKS = {Tick.CHILD_IN_DANGER.value, *SealedTick.values}


@receipt_page
@require_http_methods(["GET", "HEAD", "POST"])
def report_page(request: PortalRequest) -> HttpResponse:
    if request.method == "POST":
        return _take_report(request)
    if not request.portal.state.takes_reports:
        return suspension_page(request)
    return _blank_report(request, token=tokens.new_token(request.portal.slug))


@receipt_page
@require_http_methods(["GET", "HEAD", "POST"])
def report_details_page(request: PortalRequest) -> HttpResponse:
    if request.method == "POST":
        return _take_details(request)
    return redirect("report", request.portal.slug, request.portal_language)


@same_for_all
def _blank_report(request: PortalRequest) -> HttpResponse:
    form = _report_form(request.portal, None)
    return render(request, "reports/report.html", {"form": form, "token": placeholder_for("token"), "wait": ""})


@same_for_all
def _report_stored(request: PortalRequest, content: str, help_page: str, *needs: str) -> HttpResponse:
    """`content`: a ReportContent. `help_page`: its slug for those in need, else "". `needs`: as `_needs_of` gives them.
    Places: receipt, token, items, used."""
    context = {
        "items": placeholder_for("items"),
        "used": placeholder_for("used"),
        "content": content,
        "receipt": placeholder_for("receipt"),
        "status_address": _status_address(request),
        "form": DetailsForm(),
        "token": placeholder_for("token"),
        "daily": is_published_daily(),
        "languages": other_languages(request, "details"),
        **_needs_context(help_page, needs),
    }
    return render(request, "reports/report_stored.html", context)


def _status_address(request: PortalRequest) -> str:
    """The whole address at which a receipt is looked up, for paper; "" without PUBLIC_URL."""
    path = reverse("status", args=[request.portal.slug, request.portal_language])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else ""


def _thank_reporter(request: PortalRequest, form: ReportForm, *, token: str, code: str) -> HttpResponse:
    """The page after a report is stored: its receipt, and what was found in it, which is not kept."""
    reading = read_report(form.payload())
    places = {"token": token, "receipt": receipts.format_code(code), "used": str(reading.addresses + reading.accounts)}
    # The page asks for the name of an account that has no key.
    content = f"{reading.content}-counted" if reading.accounts and not reading.addresses else reading.content.value
    if reading.addresses or reading.accounts:
        places["items"] = count_items(reading)
    return _report_stored(request, content, form.help_page(), *_needs_of(form), **places)


def _needs_of(form: ReportForm | DetailsForm) -> list[str]:
    """The kinds of help that the answer to a form names first: "danger" for a child who is or may be in danger,
    "about_me". Only this answer may know them."""
    ticks = form.cleaned_data["facts"]
    in_danger = not {Tick.CHILD_IN_DANGER.value, SealedTick.GROOMING.value}.isdisjoint(ticks)
    needs = {"danger": in_danger, SealedTick.ABOUT_ME.value: SealedTick.ABOUT_ME in ticks}
    return [need for need, is_set in needs.items() if is_set]


def _needs_context(help_page: str, needs: Collection[str]) -> dict[str, str | bool]:
    return {
        "help_page": help_page,
        "in_danger": "danger" in needs,
        "is_about_them": SealedTick.ABOUT_ME in needs,
        "room": describe_room() if "room" in needs else "",
    }


def count_items(reading: ReportReading) -> str:
    """The sentences with the numbers of web addresses and accounts that were found, in the active language."""
    addresses = ngettext(
        "We found %(count)d web address in your report.",
        "We found %(count)d web addresses in your report.",
        reading.addresses,
    )
    accounts = ngettext(
        "We found %(count)d account in your report.",
        "We found %(count)d accounts in your report.",
        reading.accounts,
    )
    beyond = ngettext(
        "%(count)d more is kept in your report as text. To have it checked too, send it in another report.",
        "%(count)d more are kept in your report as text. To have them checked too, send them in another report.",
        reading.beyond,
    )
    counts = [(addresses, reading.addresses), (accounts, reading.accounts), (beyond, reading.beyond)]
    sentences = [words % {"count": count} for words, count in counts if count]
    return in_digits(" ".join(sentences), get_language() or "en")


def describe_room() -> str:
    """The sentence for text that may name more than its report has room for, in the active language."""
    words = gettext(
        "A report has room for %(limit)d web addresses and accounts. If yours has more, the rest is kept in it as text."
        " To have the rest checked too, send it in another report."
    )
    return in_digits(words % {"limit": MOST_ITEMS}, get_language() or "en")


def _take_report(request: PortalRequest) -> HttpResponse:
    posted = read_post(request)
    token = _own_token(posted, request.portal)
    # A form that was open when its portal was suspended is still taken: the token proves that it was.
    if token is None and not request.portal.state.takes_reports:
        page = suspension_page(request)
        page.status_code = 422
        return page
    form = _report_form(request.portal, posted)
    if token is None or token.expired:
        form.add_error(None, TOKEN_UNKNOWN if token is None else TOKEN_EXPIRED)
    renewed = tokens.new_token(request.portal.slug) if token is None else tokens.renew_token(token)
    if token and form.is_valid() and SHOW not in posted:
        if waiting := wait_page_or_none(request, form, posted, token):
            return waiting
        code = receipts.code_from_nonce(token.nonce)
        if store_from_form(request, form, code=code, kind=SubmissionKind.REPORT, payload=form.payload()):
            return _thank_reporter(request, form, token=renewed, code=code)
    context = {
        "form": form,
        "token": renewed,
        "wait": renew_wait(posted, token) if token else "",
        "languages": other_languages(request, "report"),
    }
    return render(request, "reports/report.html", context, status=refusal_status(form))


def _take_details(request: PortalRequest) -> HttpResponse:
    posted = read_post(request)
    # However old: the nonce identifies the report. If none is stored, a token does not replace the form's own question.
    token = _own_token(posted, request.portal)
    code = receipts.code_from_nonce(token.nonce) if token else ""
    if not may_have_report(code):
        token, code = None, ""
    is_shown = SHOW in posted
    form = DetailsForm(posted, ask_code=not code, may_be_empty=is_shown)
    form.full_clean()
    code = code or _find_report_code(form)
    if form.is_valid() and not is_shown:
        is_urgent = not URGENT_TICKS.isdisjoint(form.cleaned_data["facts"])
        kind, payload = SubmissionKind.DETAILS, form.payload()
        if store_from_form(request, form, code=code, kind=kind, payload=payload, is_urgent=is_urgent):
            needs = [*_needs_of(form), *(["room"] if may_exceed_room(payload, _items_before(posted)) else [])]
            return _details_stored(request, form.help_page(), *needs, receipt=receipts.format_code(code))
    if code:
        # The page carries it on, so that it is typed once.
        form.fields.pop("code", None)
    context = {
        "form": form,
        "receipt": receipts.format_code(code),
        "code": "" if token else code,
        "token": tokens.renew_token(token) if token else "",
        "used": _items_before(posted),
        "languages": other_languages(request, "details"),
    }
    return render(request, "reports/details.html", context, status=refusal_status(form))


@same_for_all
def _details_stored(request: PortalRequest, help_page: str, *needs: str) -> HttpResponse:
    """`help_page`: its slug for those in need, else "". `needs`: as `_needs_of` gives them, and "room" where the report
    may have more items than it has room for. Place: receipt."""
    context = {
        "receipt": placeholder_for("receipt"),
        "status_address": _status_address(request),
        "daily": is_published_daily(),
        "languages": other_languages(request, "status"),
        **_needs_context(help_page, needs),
    }
    return render(request, "reports/details_stored.html", context)


def _items_before(posted: Posted) -> int:
    """The number of items in the report itself, which the page after it carries on; as many as possible if unknown."""
    typed = posted.get("used", "")
    return min(int(typed), MOST_ITEMS) if typed.isdecimal() and len(typed) <= 3 else MOST_ITEMS


def _find_report_code(form: DetailsForm) -> str:
    """The code that was typed; "" where it is mistyped or no report has it, and the form says so."""
    code: str = form.cleaned_data.get("code", "")
    return code if code and look_up_receipt(form, code) else ""


def _own_token(posted: Posted, portal: PublishedPortal) -> tokens.Token | None:
    """The genuine token that this portal handed out, expired or not."""
    token = tokens.read_token(posted.get("token", ""))
    return token if token and token.portal == portal.slug else None


def _report_form(portal: PublishedPortal, posted: Posted | None) -> ReportForm:
    restricted = portal.state is PortalState.RESTRICTED
    return ReportForm(posted, access_phrase=portal.access_phrase if restricted else "")
