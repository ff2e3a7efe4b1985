"""Views of the notice texts: the list, and one text with its editor and preview."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.models import NoticeTemplate, Purpose, RecipientKind
from analysts.takedown.notices import texts
from analysts.takedown.notices.letter_facts import ItemFacts, hotline_facts, join_item_facts
from analysts.takedown.notices.permissions import check_can_read_texts, check_can_write_texts
from analysts.takedown.notices.placeholders import Placeholder, Unfilled, body_placeholders, fill_placeholders
from analysts.takedown.notices.shipped_texts import complete_body, lacking_placeholders
from analysts.takedown.notices.text_forms import ChooseNoticeText, WriteText
from audit.permissions import Denied, Late, is_allowed
from countries.languages import FALLBACK, is_known, language_name, text_direction, words_language
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.language_field import language_choices

# Caps the versions listed on a page.
MOST_VERSIONS = 20


class TextLanguage(NamedTuple):
    """A language that has a text; `lacking`: the compulsory placeholders that its current version does not have."""

    tag: str
    name: str
    lacking: list[Placeholder]


class NoticeTextRow(NamedTuple):
    """The texts of a recipient type and purpose, one for each language that has one."""

    kind: RecipientKind
    purpose: Purpose
    languages: list[TextLanguage]

    @property
    def has_fallback(self) -> bool:
        return any(language.tag == FALLBACK for language in self.languages)


@require_safe
def text_list(request: StaffRequest) -> HttpResponse:
    check_can_read_texts(request.user)
    form = ChooseNoticeText(request.GET if "language" in request.GET else None)
    if form.is_valid():
        return redirect("admin:notice_text", *(form.cleaned_data[name] for name in ("kind", "purpose", "language")))
    context = {
        "title": _("Notice texts"),
        "rows": text_rows(),
        "form": form,
        "known_languages": language_choices(),
        "may_write": is_allowed(check_can_write_texts, request.user),
        "unset": missing_settings(),
    }
    template = "analysts/takedown/notices/notice_texts.html"
    return staff_page(request, template, context, status=422 if form.errors else 200)


def text_rows() -> list[NoticeTextRow]:
    """Rows of the list, with one query."""
    languages: dict[tuple[str, str], list[TextLanguage]] = defaultdict(list)
    for (kind, purpose, tag), text in texts.current_texts().items():
        languages[kind, purpose].append(TextLanguage(tag, language_name(tag), lacking_placeholders(text)))
    return [
        NoticeTextRow(kind, purpose, languages[kind, purpose])
        for kind in RecipientKind
        for purpose in texts.purposes_of_kind(kind)
    ]


def missing_settings() -> list[str]:
    """The names of unset settings that sending notices requires."""
    return [name for name in ("HOTLINE_NAME", "PUBLIC_URL") if not getattr(settings, name)]


@require_http_methods(["GET", "HEAD", "POST"])
def edit_text(request: StaffRequest, kind: str, purpose: str, tag: str) -> HttpResponse:
    """Save the text as a new version, or only show its preview."""
    check_can_read_texts(request.user)
    text = start_text(kind, purpose, tag)
    if request.method != "POST":
        return text_page(request, WriteText(instance=text))
    check_can_write_texts(request.user)
    form = WriteText(request.POST, instance=text)
    if not form.is_valid() or "preview" in request.POST:
        return text_page(request, form, status=422 if form.errors else 200)
    try:
        texts.save_text(by=request.user, text=text)
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        return text_page(request, form, status=409 if isinstance(denied, Late) else 403)
    messages.success(request, _("Saved. Notices use this version from now on."))
    return redirect(request.path)


def start_text(kind: str, purpose: str, tag: str) -> NoticeTemplate:
    """An unsaved text that begins as letters have it: as the current version, or as the English text to translate.

    Raises Http404 for a path that names no text.
    """
    is_named = kind in RecipientKind and is_known(tag) and tag == tag.lower()
    if not is_named or purpose not in texts.purposes_of_kind(RecipientKind(kind)):
        raise Http404
    current = texts.latest_text(kind, purpose, tag)
    source = current or texts.latest_text(kind, purpose, FALLBACK)
    return NoticeTemplate(
        kind=kind,
        purpose=purpose,
        language=tag,
        version=current.version if current else 0,
        subject=source.subject if source else "",
        body=complete_body(source) if source else "",
    )


def text_page(request: StaffRequest, form: WriteText, *, status: int = 200) -> HttpResponse:
    text = form.instance
    current = texts.latest_text(text.kind, text.purpose, text.language)
    versions = NoticeTemplate.objects.filter(kind=text.kind, purpose=text.purpose, language=text.language)
    allowed = body_placeholders(RecipientKind(text.kind), Purpose(text.purpose))
    context = {
        "title": capfirst(f"{text.get_kind_display()}, {text.get_purpose_display()}: {language_name(text.language)}"),
        "form": form,
        "versions": versions.order_by("-version").select_related("by").defer("subject", "body")[:MOST_VERSIONS],
        "sample": render_sample(str(form["subject"].value()), str(form["body"].value()), text.language),
        "lacking": lacking_placeholders(current) if current else [],
        "language": text.language,
        "direction": text_direction(text.language),
        "placeholders": [placeholder for placeholder in Placeholder if placeholder in allowed],
        "may_write": is_allowed(check_can_write_texts, request.user),
        "unset": missing_settings(),
    }
    return staff_page(request, "analysts/takedown/notices/notice_text.html", context, status=status)


def render_sample(subject: str, body: str, tag: str) -> dict[str, str]:
    """The text filled with sample values; or `why_not`, why it cannot be filled."""
    values = sample_values(tag, now=timezone.now())
    try:
        return {"subject": fill_placeholders(subject, values), "body": fill_placeholders(body, values)}
    except Unfilled as unfilled:
        return {"why_not": _("Unknown placeholder {%(name)s}.") % {"name": unfilled}}


def sample_values(language: str, *, now: datetime) -> dict[Placeholder, str]:
    """Sample values for the preview of a text."""
    host = settings.PUBLIC_URL or "https://report.example.org"
    of_item: ItemFacts = {
        Placeholder.SEEN_AT: f"{now - timedelta(hours=2):%Y-%m-%dT%H:%MZ}",
        Placeholder.PROVIDER: "Example Hosting",
        Placeholder.NETWORK: "AS64496 Example Net",
        Placeholder.NETWORK_ADDRESS: "192.0.2.1",
        Placeholder.COUNTRY: "NL",
    }
    return {
        **join_item_facts([of_item], language),
        **hotline_facts(language),
        Placeholder.REFERENCE: "RP-7K2M-XQ4D",
        Placeholder.RECIPIENT: "Example Hosting",
        Placeholder.HOTLINE: settings.HOTLINE_NAME or "HOTLINE_NAME",
        Placeholder.COUNT: "2",
        Placeholder.HOST: "example[.]org",
        Placeholder.ADDRESSES: "1. hxxps://example[.]org/one\n2. hxxps://example[.]org/two",
        Placeholder.ANSWER_LINK: f"{host}/notice/{words_language(language)}/xxxxxxxxxxxxxxxxxxxxxx/",
        Placeholder.ANSWER_UNTIL: (now + timedelta(days=settings.NOTICE_LINK_DAYS)).date().isoformat(),
        Placeholder.EARLIER: "RP-3M9T-HW6C",
        Placeholder.FIRST_SENT: (now - timedelta(hours=48)).date().isoformat(),
        Placeholder.HOURS: "48",
    }
