"""The page on which a reviewer reads many proposed translations beside their English texts, and approves them."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from audit.permissions import why_not
from countries.languages import language_name
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.actions import approve_texts
from countries.staff.translation.permissions import check_can_review, check_has_personal_words
from countries.staff.translation.status import ReviewRow, reviewable_rows
from countries.staff.translation.views import WordsRequest, check_can_open_language, language_context

REVIEWED_AT_ONCE = 200
# The maximum length of a number in a form; no primary key is longer.
MOST_DIGITS = 18


@require_http_methods(["GET", "HEAD", "POST"])
def words_review(request: WordsRequest, words_tag: str) -> HttpResponse:
    """Proposals of others, in the readers' order. A POST approves the ticked ones, or all of the page.

    Only translations that the page showed are approved: a newer version of a text is another row.
    """
    check_can_open_language(request.user, words_tag)
    rows = reviewable_rows(request.user, words_tag)
    refusal = ""
    if request.method == "POST":
        chosen = _chosen_rows(request, rows)
        if chosen:
            _approve_rows(request, chosen)
            return redirect(reverse("admin:words_review", args=[words_tag]))
        refusal = _(
            "Tick the translations that you approve. Translations of an earlier page may have been decided since."
        )
    context = {
        **language_context(words_tag),
        "title": _("%(language)s: review") % {"language": language_name(words_tag)},
        "page": Paginator(rows, REVIEWED_AT_ONCE).get_page(request.GET.get("page")),
        "refusal": refusal,
        "why_not": why_not(check_can_review, request.user, words_tag),
        # Words of crisis can be approved without them.
        "missing_words": why_not(check_has_personal_words, words_tag),
    }
    return staff_page(request, "countries/staff/translation/review.html", context, status=422 if refusal else 200)


def _chosen_rows(request: HttpRequest, rows: Sequence[ReviewRow]) -> list[ReviewRow]:
    values = request.POST.getlist("shown" if request.POST.get("act") == "all" else "translation")
    numbers = {int(value) for value in values[:REVIEWED_AT_ONCE] if value.isdecimal() and len(value) <= MOST_DIGITS}
    return [row for row in rows if row.waiting.pk in numbers]


def _approve_rows(request: WordsRequest, rows: Sequence[ReviewRow]) -> None:
    refused = approve_texts(by=request.user, translations=[row.waiting for row in rows])
    for translation, reason in refused:
        messages.error(request, f"{translation.singular[:80]}: {reason}")
    if approved := len(rows) - len(refused):
        message = ngettext(
            "%(number)d translation is approved. The public reads it within seconds.",
            "%(number)d translations are approved. The public reads them within seconds.",
            approved,
        )
        messages.success(request, message % {"number": approved})
