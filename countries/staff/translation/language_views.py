"""The page of a language: its interface texts, and the form of their review."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from audit.permissions import Denied, why_not
from countries.languages import language_name, opened_languages, text_direction
from countries.models import Language, LanguageReview
from countries.staff.requests.staff_pages import OperatorRequest, staff_page
from countries.staff.translation.language_items import check_language_items
from countries.staff.translation.language_reviews import (
    check_can_confirm_review,
    check_can_review_language,
    check_can_see_languages,
    confirm_review,
    review_language,
)
from countries.staff.translation.standard_words import count_translated, is_machine_made, public_words, words_digest
from countries.staff.translation.word_faults import find_faults
from countries.words.crisis_texts import CRISIS_TEXTS
from countries.words.sources import SOURCE, language_tags


class ReviewForm(forms.Form):
    words = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reviewed_by = forms.CharField(
        label=gettext_lazy("Reviewed by"), max_length=100, help_text=gettext_lazy("A named speaker of the language.")
    )
    reviewed_on = forms.DateField(
        label=gettext_lazy("Reviewed on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The day the speaker finished reading."),
    )

    def clean_reviewed_on(self) -> object:
        day = self.cleaned_data["reviewed_on"]
        if day > timezone.now().date():
            raise ValidationError(_("This day is in the future."))
        return day


@require_http_methods(["GET", "HEAD", "POST"])
def language_page(request: OperatorRequest, tag: str) -> HttpResponse:
    check_can_see_languages(request.user)
    _check_is_known(tag)
    form = ReviewForm(request.POST if request.method == "POST" else None, initial={"words": words_digest(tag)})
    if request.method == "POST" and form.is_valid():
        try:
            review_language(by=request.user, language=tag, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
            # The page now shows the current texts, so sending the form again must refer to them.
            form.data = {**request.POST.dict(), "words": words_digest(tag)}
        else:
            messages.success(request, _("The review is recorded. It counts once another operator confirms it."))
            return redirect("admin:languages")
    review = LanguageReview.objects.filter(language=tag).select_related("recorded_by").first()
    context = {
        "title": language_name(tag),
        "row": language_row(tag, review),
        "why_not_confirm": why_not(check_can_confirm_review, request.user, review) if review else "",
        "words": public_words(tag),
        "faults": find_faults(tag),
        "crisis_texts": CRISIS_TEXTS,
        "items": check_language_items(tag),
        "opened": Language.objects.filter(tag=tag).first(),
        "form": form,
        "why_not": why_not(check_can_review_language, request.user, tag),
    }
    return staff_page(request, "countries/staff/translation/language.html", context, status=422 if form.errors else 200)


@require_POST
def language_confirmation(request: OperatorRequest, tag: str) -> HttpResponse:
    check_can_see_languages(request.user)
    _check_is_known(tag)
    try:
        confirm_review(by=request.user, language=tag, words=request.POST.get("words", ""))
    except Denied as denied:
        messages.error(request, str(denied.reason))
    else:
        messages.success(request, _("The review is confirmed."))
    return redirect("admin:language", tag)


def _check_is_known(tag: str) -> None:
    """Raise Http404 unless the language is shipped or was opened here."""
    if tag not in [*language_tags(), *(language.tag for language in opened_languages())]:
        raise Http404


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """A language and its texts. `current`: whether the texts of its review are unchanged."""

    tag: str
    is_source: bool
    name: str
    direction: str
    translated: int
    total: int
    faults: int
    machine_made: bool
    review: LanguageReview | None
    current: bool


def language_row(tag: str, review: LanguageReview | None) -> LanguageRow:
    translated, total = count_translated(tag)
    return LanguageRow(
        tag=tag,
        is_source=tag == SOURCE,
        name=language_name(tag),
        direction=text_direction(tag),
        translated=translated,
        total=total,
        faults=len(find_faults(tag)),
        machine_made=is_machine_made(tag),
        review=review,
        current=review is not None and review.digest == words_digest(tag),
    )
