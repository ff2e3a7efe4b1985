"""Views of the notice texts: the list, and one text with its editor and preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.models import NoticeTemplate, Purpose, RecipientKind
from analysts.takedown.notices import texts
from analysts.takedown.notices.placeholders import Placeholder, Unfilled, body_placeholders, fill_placeholders
from analysts.takedown.notices.text_forms import ChooseNoticeText, WriteText
from analysts.takedown.notices.text_permissions import check_can_read_texts, check_can_write_texts
from audit.permissions import Denied, Late, is_allowed
from countries.languages import is_known, language_name, text_direction, words_language
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.language_field import language_choices

# Caps the versions listed on a page.
MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class NoticeTextRow:
    """The texts for one recipient type and purpose, by language."""

    kind: str
    purpose: str
    languages: list[tuple[str, NoticeTemplate]]
    has_fallback: bool


@dataclass(frozen=True, slots=True)
class TextSample:
    """A text filled with sample values. `why_not`: why it cannot be filled; "" if it can."""

    subject: str
    body: str
    why_not: str = ""


@require_safe
def text_list(request: StaffRequest) -> HttpResponse:
    check_can_read_texts(request.user)
    form = ChooseNoticeText(request.GET if "language" in request.GET else None)
    if form.is_valid():
        chosen = form.cleaned_data
        return redirect("admin:notice_text", chosen["kind"], chosen["purpose"], chosen["language"])
    context = {
        "title": _("Notice texts"),
        "rows": text_rows(),
        "form": form,
        "known_languages": language_choices(),
        "may_write": is_allowed(check_can_write_texts, request.user),
        "unset": missing_settings(),
    }
    return staff_page(
        request, "analysts/takedown/notices/notice_texts.html", context, status=422 if form.errors else 200
    )


def text_rows() -> list[NoticeTextRow]:
    """Rows of the list, with one query."""
    latest = NoticeTemplate.objects.order_by("kind", "purpose", "language", "-version")
    texts_by_language: dict[tuple[str, str], list[tuple[str, NoticeTemplate]]] = {}
    for text in latest.distinct("kind", "purpose", "language").defer("body"):
        texts_by_language.setdefault((text.kind, text.purpose), []).append((language_name(text.language), text))
    return [
        NoticeTextRow(
            kind=str(kind.label),
            purpose=str(purpose.label),
            languages=(there := texts_by_language.get((kind, purpose), [])),
            has_fallback=any(text.language == texts.FALLBACK for _name, text in there),
        )
        for kind in RecipientKind
        for purpose in texts.purposes_of_kind(kind)
    ]


def missing_settings() -> list[str]:
    """The names of unset settings that sending notices requires."""
    return [name for name in ("HOTLINE_NAME", "PUBLIC_URL") if not getattr(settings, name)]


@dataclass(frozen=True, slots=True)
class Which:
    """The recipient type, purpose and language that a path names."""

    kind: RecipientKind
    purpose: Purpose
    language: str

    @property
    def url(self) -> str:
        return reverse("admin:notice_text", args=[self.kind.value, self.purpose.value, self.language])

    def latest(self) -> NoticeTemplate | None:
        return texts.latest_text(self.kind, self.purpose, self.language)


def parse_text_path(kind: str, purpose: str, tag: str) -> Which:
    if kind not in RecipientKind or not is_known(tag) or tag != tag.lower():
        raise Http404
    chosen = RecipientKind(kind)
    if purpose not in texts.purposes_of_kind(chosen):
        raise Http404
    return Which(chosen, Purpose(purpose), tag)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_text(request: StaffRequest, kind: str, purpose: str, tag: str) -> HttpResponse:
    check_can_read_texts(request.user)
    chosen = parse_text_path(kind, purpose, tag)
    if request.method == "POST":
        return save_or_preview(request, chosen)
    current = chosen.latest()
    return text_page(
        request, chosen, WriteText(purpose=chosen.purpose, initial=initial_values(chosen, current)), current
    )


def save_or_preview(request: StaffRequest, chosen: Which) -> HttpResponse:
    """Save the text as a new version, or only show its preview."""
    check_can_write_texts(request.user)
    form = WriteText(request.POST, purpose=chosen.purpose)
    if not form.is_valid():
        return text_page(request, chosen, form, chosen.latest(), status=422)
    if "preview" in request.POST:
        return text_page(request, chosen, form, chosen.latest())
    try:
        texts.save_text(
            by=request.user, kind=chosen.kind, purpose=chosen.purpose, language=chosen.language, **form.cleaned_data
        )
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        status = 409 if isinstance(denied, Late) else 403
        return text_page(request, chosen, form, chosen.latest(), status=status)
    messages.success(request, _("Saved. Notices use this version from now on."))
    return redirect(chosen.url)


def text_page(
    request: StaffRequest, chosen: Which, form: WriteText, current: NoticeTemplate | None, *, status: int = 200
) -> HttpResponse:
    values: Mapping[str, object] = form.data if form.is_bound else form.initial
    tag = chosen.language
    context = {
        "title": capfirst(f"{chosen.kind.label}, {chosen.purpose.label}: {language_name(tag)}"),
        "form": form,
        "current": current,
        "versions": recent_versions(chosen),
        "sample": render_sample(str(values.get("subject", "")), str(values.get("body", "")), tag),
        "is_saved": not form.is_bound and current is not None,
        "language": tag,
        "direction": text_direction(tag),
        "placeholders": [
            placeholder for placeholder in Placeholder if placeholder in body_placeholders(chosen.purpose)
        ],
        "may_write": is_allowed(check_can_write_texts, request.user),
        "unset": missing_settings(),
        "url": chosen.url,
    }
    return staff_page(request, "analysts/takedown/notices/notice_text.html", context, status=status)


def recent_versions(chosen: Which) -> QuerySet[NoticeTemplate]:
    """The latest versions, without subject and body."""
    versions = NoticeTemplate.objects.filter(kind=chosen.kind, purpose=chosen.purpose, language=chosen.language)
    return versions.order_by("-version").select_related("by").defer("subject", "body")[:MOST_VERSIONS]


def initial_values(chosen: Which, current: NoticeTemplate | None) -> dict[str, object]:
    """Initial form values: the current version, or the English text to translate."""
    source = current or texts.latest_text(chosen.kind, chosen.purpose, texts.FALLBACK)
    words = {"subject": source.subject, "body": source.body} if source else {}
    return {"version": current.version if current else 0, **words}


def render_sample(subject: str, body: str, tag: str) -> TextSample:
    values = sample_values(tag, now=timezone.now())
    try:
        return TextSample(fill_placeholders(subject, values), fill_placeholders(body, values))
    except Unfilled as unfilled:
        return TextSample("", "", _("Unknown placeholder {%(name)s}.") % {"name": unfilled})


def sample_values(language: str, *, now: datetime) -> dict[Placeholder, str]:
    """Sample values for the preview of a text."""
    host = settings.PUBLIC_URL or "https://report.example.org"
    return {
        Placeholder.REFERENCE: "RP-7K2M-XQ4D",
        Placeholder.RECIPIENT: "Example Hosting",
        Placeholder.HOTLINE: settings.HOTLINE_NAME or "HOTLINE_NAME",
        Placeholder.COUNT: "2",
        Placeholder.HOST: "example[.]org",
        Placeholder.ADDRESSES: "1. hxxps://example[.]org/one\n2. hxxps://example[.]org/two",
        Placeholder.ANSWER_LINK: f"{host}/notice/{words_language(language)}/xxxxxxxxxxxxxxxxxxxxxx/",
        Placeholder.ANSWER_UNTIL: (now + timedelta(days=settings.NOTICE_LINK_DAYS)).date().isoformat(),
        Placeholder.FIRST_SENT: (now - timedelta(hours=48)).date().isoformat(),
        Placeholder.HOURS: "48",
    }
