"""The page of all languages: reviews of several are recorded at once, and confirmed at once by another operator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from audit.permissions import Denied, is_allowed, why_not
from countries.languages import language_name, opened_languages
from countries.models import Language, LanguageReview
from countries.staff.requests.staff_pages import OperatorRequest, staff_page
from countries.staff.translation.language_field import opened_choices
from countries.staff.translation.language_reviews import (
    ReviewFacts,
    check_can_confirm_review,
    check_can_review_language,
    check_can_see_languages,
    confirm_reviews,
    review_languages,
    waiting_reviews,
)
from countries.staff.translation.language_views import ReviewForm, language_row
from countries.staff.translation.standard_words import words_digest
from countries.words.sources import language_tags


class ReviewLineForm(ReviewForm):
    """The review of one language among several. A line without name and day is left out."""

    def __init__(self, request: OperatorRequest, tag: str) -> None:
        super().__init__(
            {**request.POST.dict()} if "record" in request.POST else None,
            prefix=tag,
            initial={"words": words_digest(tag)},
            empty_permitted=True,
            use_required_attribute=False,
        )
        self.tag, self.language = tag, language_name(tag)

    def has_changed(self) -> bool:
        return any(name != "words" for name in self.changed_data)


@require_http_methods(["GET", "HEAD", "POST"])
def language_list(request: OperatorRequest) -> HttpResponse:
    """A POST records the filled-in reviews, or confirms the waiting ones that the page showed."""
    check_can_see_languages(request.user)
    reviews = {review.language: review for review in LanguageReview.objects.all()}
    rows = [language_row(tag, reviews.get(tag)) for tag in language_tags()]
    lines = [
        ReviewLineForm(request, row.tag)
        for row in rows
        if not row.current and is_allowed(check_can_review_language, request.user, row.tag)
    ]
    refusal = _handle_post(request, lines) if request.method == "POST" else ""
    if refusal is None:
        return redirect("admin:languages")
    waiting = waiting_reviews()
    context = {
        "title": _("Languages"),
        "rows": rows,
        "opened": opened_languages(),
        "drafts": Language.objects.filter(is_open=False),
        "choices": opened_choices(),
        "lines": lines,
        "waiting": [(review, why_not(check_can_confirm_review, request.user, review)) for review in waiting],
        "can_confirm": any(is_allowed(check_can_confirm_review, request.user, review) for review in waiting),
        "refusal": refusal,
    }
    return staff_page(
        request,
        "countries/staff/translation/languages.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


def _handle_post(request: OperatorRequest, lines: list[ReviewLineForm]) -> str | None:
    """None if it was done; otherwise the refusal, "" if the lines have it."""
    try:
        if "record" not in request.POST:
            _confirm_shown(request)
            return None
        if [line for line in lines if not line.is_valid()]:
            return ""
        facts = {line.tag: ReviewFacts(**line.cleaned_data) for line in lines if line.has_changed()}
        if not facts:
            return _("Enter who reviewed the texts of a language, and when.")
        review_languages(by=request.user, reviews=facts)
    except Denied as denied:
        for line in lines:
            # The page now shows the present texts, so sending the form again must refer to them.
            line.data = {**line.data, line.add_prefix("words"): words_digest(line.tag)}
        return str(denied.reason)
    message = ngettext(
        "%(number)d review is recorded. It counts once another operator confirms it.",
        "%(number)d reviews are recorded. They count once another operator confirms them.",
        len(facts),
    )
    messages.success(request, message % {"number": len(facts)})
    return None


def _confirm_shown(request: OperatorRequest) -> None:
    """Confirm the waiting reviews of others that the page showed. Raises Denied if one is no longer what it showed."""
    shown = request.POST.getlist("shown")[: len(language_tags())]
    confirmed = confirm_reviews(by=request.user, words=dict(item.split(" ", 1) for item in shown if " " in item))
    message = ngettext("%(number)d review is confirmed.", "%(number)d reviews are confirmed.", len(confirmed))
    messages.success(request, message % {"number": len(confirmed)})
