"""Pages of interface texts: the overview of languages, a language's list, and one text with its history."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.permissions import HasPermissions, Late, is_allowed, why_not
from countries.languages import language_name, text_direction
from countries.models import GlossaryTerm, InterfaceTranslation, LanguageRole, Portal, PortalState, TranslationState
from countries.staff.requests.approvals import StaffMember
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.actions import approve_shipped_text, approve_text, decline_text, propose_text
from countries.staff.translation.forms import (
    DecisionForm,
    TranslationForm,
    WordsFilterForm,
)
from countries.staff.translation.permissions import (
    check_can_approve_text,
    check_can_decide,
    check_can_review,
    check_can_see_words,
    check_can_translate,
)
from countries.staff.translation.places import place_labels
from countries.staff.translation.status import (
    TextFilter,
    TextStatus,
    build_rows,
    count_languages,
    filter_rows,
    neighbours,
    reviewable_rows,
    words_languages,
)
from countries.staff.translation.text_parts import fill_in, split_parts
from countries.words.crisis_memory import split_phrases
from countries.words.crisis_texts import CRISIS_TEXTS, compare_phrases, texts_to_write
from countries.words.plurals import plural_rule
from countries.words.sources import SourceText, read_source_texts, shipped_translations

ROWS_PER_PAGE = 50
# Versions on a text's page, the newest first.
MOST_HISTORY = 20


class WordsRequest(HttpRequest):
    """A request of a signed-in translator or operator."""

    user: StaffMember  # type: ignore[assignment] # this app does not import the user model


@require_safe
def words_overview(request: WordsRequest) -> HttpResponse:
    check_can_see_words(request.user)
    own_languages = frozenset(
        LanguageRole.objects.filter(account_id=request.user.pk).values_list("language", flat=True)
    )
    # The reader's languages first.
    rows = sorted(count_languages(), key=lambda row: row.tag not in own_languages)
    context = {
        "title": _("Interface texts"),
        "rows": rows,
        "own_languages": own_languages,
        "total": len(read_source_texts()),
    }
    return staff_page(request, "countries/staff/translation/overview.html", context)


@require_safe
def words_list(request: WordsRequest, words_tag: str) -> HttpResponse:
    check_can_open_language(request.user, words_tag)
    form = WordsFilterForm(request.GET)
    part, words = form.selection()
    every = build_rows(words_tag)
    page = Paginator(filter_rows(every, part, words), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **language_context(words_tag),
        "title": language_name(words_tag),
        "parts": [(text_filter, sum(row.is_in(text_filter) for row in every)) for text_filter in TextFilter],
        "chosen": part,
        "words": words,
        "page": page,
        "query": _query(part, words),
        "why_not": why_not(check_can_translate, request.user, words_tag),
        "crisis_texts": CRISIS_TEXTS,
        "reviewable": len(reviewable_rows(request.user, words_tag))
        if is_allowed(check_can_review, request.user, words_tag)
        else 0,
    }
    return staff_page(request, "countries/staff/translation/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def words_text(request: WordsRequest, words_tag: str, text_digest: str) -> HttpResponse:
    """One text. A POST proposes the typed translation."""
    check_can_open_language(request.user, words_tag)
    source = _find_source(words_tag, text_digest)
    if request.method != "POST":
        return _text_page(request, words_tag, source)
    page = _page_after(request, words_tag, source)
    form = TranslationForm(request.POST.dict(), source=source, language=words_tag)
    if not form.is_valid():
        return _text_page(request, words_tag, source, form=form, status=422)
    try:
        reason = form.cleaned_data.get("reason", "")
        propose_text(by=request.user, language=words_tag, source=source, forms=form.translation(), reason=reason)
    except Late as late:
        form.add_error(None, str(late.reason))
        return _text_page(request, words_tag, source, form=form, status=409)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _text_page(request, words_tag, source, form=form, status=422)
    messages.success(request, _("Proposed. It is in use once a reviewer approves it."))
    return redirect(page)


@require_POST
def words_decide(request: WordsRequest, words_tag: str, text_digest: str) -> HttpResponse:
    """Approve or decline the proposed translation, or approve the shipped one unchanged."""
    check_can_open_language(request.user, words_tag)
    source = _find_source(words_tag, text_digest)
    verdict = request.POST.get("verdict") or request.POST.get("go_on", "")
    form = DecisionForm({**request.POST.dict(), "verdict": verdict})
    if not form.is_valid():
        refusal = _("Choose what to do; a reason has at most 500 characters.")
        return _text_page(request, words_tag, source, refusal=refusal, status=422)
    decision = form.cleaned_data
    page = _page_after(request, words_tag, source)
    try:
        if decision["verdict"] == "approve_shipped":
            forms = _shown_forms(words_tag, source, decision["shown"])
            approve_shipped_text(by=request.user, language=words_tag, source=source, forms=forms)
        else:
            chosen = InterfaceTranslation.objects.of_text(words_tag, text_digest).filter(pk=decision["translation"])
            row = get_object_or_404(chosen)
            if decision["verdict"] == "approve":
                approve_text(by=request.user, translation=row)
            else:
                decline_text(by=request.user, translation=row, reason=decision["reason"])
    except Late as late:
        return _text_page(request, words_tag, source, refusal=str(late.reason), status=409)
    except ValidationError as error:
        return _text_page(request, words_tag, source, refusal=" ".join(error.messages), status=422)
    message = {
        "decline": _("Declined: what was in use stays in use."),
        "approve": _("Approved. It is in use within seconds."),
        "approve_shipped": _("Approved unchanged."),
    }
    messages.success(request, message[decision["verdict"]])
    return redirect(page)


def check_can_open_language(user: HasPermissions, tag: str) -> None:
    """Raises Denied; Http404 for a language without texts and translators."""
    check_can_see_words(user)
    if tag not in words_languages():
        raise Http404


def language_context(tag: str) -> dict[str, object]:
    return {"tag": tag, "language": language_name(tag), "direction": text_direction(tag)}


def shipped_key(forms: tuple[str, ...]) -> str:
    """A name of the forms that a page showed, to recognise that they have not changed since."""
    return SourceText("", "\n".join(forms), "", (), "").digest


def _shown_forms(tag: str, source: SourceText, digest: str) -> tuple[str, ...]:
    forms = shipped_translations(tag).get(source.digest, ())
    return forms if digest == shipped_key(forms) else ()


def _text_page(
    request: WordsRequest,
    tag: str,
    source: SourceText,
    *,
    form: TranslationForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    part, words = WordsFilterForm(request.GET).selection()
    rows = build_rows(tag)
    row = next(row for row in rows if row.source == source)
    before, after = neighbours(filter_rows(rows, part, words), source.digest)
    versions = InterfaceTranslation.objects.of_text(tag, source.digest).with_names()
    history, waiting = list(versions[:MOST_HISTORY]), versions.proposed().first()
    draft = next((version for version in history if version.state == TranslationState.DRAFT), None)
    start = waiting.forms if waiting else draft.forms if draft else row.forms
    shipped = shipped_translations(tag).get(source.digest, ())
    now = timezone.now()
    context = {
        **language_context(tag),
        "title": _("%(language)s: one text") % {"language": language_name(tag)},
        "source": source,
        "places": place_labels(source.places),
        "source_parts": [split_parts(text) for text in source.forms],
        "row": row,
        "machine_made": row.status == TextStatus.MACHINE,
        "form": form or TranslationForm(None, source=source, language=tag, initial=start),
        "previews": _previews(tag, source, row.forms),
        "waiting": waiting,
        "phrases": split_phrases(row.forms),
        "phrase_changes": compare_phrases(row.forms, waiting.forms) if waiting and source.is_phrase_list else None,
        "waiting_previews": _previews(tag, source, tuple(waiting.forms)) if waiting else [],
        "draft": draft if not waiting else None,
        "versions": [(version, [split_parts(form) for form in version.forms]) for version in history],
        "terms": _terms_in(tag, source),
        "refusal": refusal,
        "why_not_write": why_not(check_can_translate, request.user, tag),
        "why_not_approve": why_not(check_can_approve_text, request.user, waiting, now) if waiting else "",
        "why_not_decline": why_not(check_can_decide, request.user, waiting) if waiting else "",
        "is_own": waiting is not None and waiting.translated_by_id == request.user.pk,
        "can_approve_shipped": bool(shipped) and row.status in (TextStatus.MACHINE, TextStatus.TRANSLATED),
        "why_not_shipped": why_not(check_can_review, request.user, tag),
        "shipped_key": shipped_key(shipped),
        "has_preview": Portal.objects.filter(state=PortalState.LIVE, texts__isnull=False).exists(),
        "before": before,
        "after": after,
        "query": _query(part, words),
    }
    return staff_page(request, "countries/staff/translation/text.html", context, status=status)


def _previews(tag: str, source: SourceText, forms: tuple[str, ...]) -> list[tuple[str, int | None]]:
    """Each form as readers see it for its first example number; of a text without translation, the English one."""
    if not forms or not source.plural:
        return [(fill_in(forms[0] if forms else source.singular, None), None)]
    rule = plural_rule(tag)
    numbers = [next(iter(rule.examples(number)), None) for number in range(len(forms))]
    return [(fill_in(form, number), number) for form, number in zip(forms, numbers, strict=True)]


def _terms_in(tag: str, source: SourceText) -> list[GlossaryTerm]:
    """The glossary's terms that the source contains. A glossary has some dozens."""
    text = " ".join(source.forms).casefold()
    return [term for term in GlossaryTerm.objects.filter(language=tag) if term.term.casefold() in text]


def _find_source(tag: str, digest: str) -> SourceText:
    source = texts_to_write(tag).get(digest)
    if source is None:
        raise Http404
    return source


def _query(part: TextFilter, words: str) -> str:
    chosen = {"show": "" if part == TextFilter.ALL else part.value, "q": words}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"?{query}" if query else ""


def _page_after(request: HttpRequest, tag: str, source: SourceText) -> str:
    """Where an action leads: to the text, or on to the next one of the list if that was asked for.

    Called before the action, after which the text may no longer be in that list.
    """
    part, words = WordsFilterForm(request.GET).selection()
    after = None
    if "go_on" in request.POST:
        _before, after = neighbours(filter_rows(build_rows(tag), part, words), source.digest)
    page = reverse("admin:words_text", args=[tag, after.source.digest if after else source.digest])
    return f"{page}{_query(part, words)}"
