"""Reviews of all interface texts of a language by a named speaker: one operator records one, another confirms it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actions import record_event
from audit.permissions import Denied, HasPermissions, Late
from countries.models import LanguageReview
from countries.staff.requests.approvals import StaffMember, check_is_second_person
from countries.staff.translation.standard_words import count_translated, words_digest
from countries.words.sources import SOURCE


def check_can_see_languages(user: HasPermissions) -> None:
    if not user.has_perm("countries.change_portal"):
        raise Denied(_("Only operators may view languages."))


def check_can_review_language(user: HasPermissions, language: str) -> None:
    check_can_see_languages(user)
    if language == SOURCE:
        raise Denied(_("The source language needs no review."))
    translated, total = count_translated(language)
    if translated < total:
        raise Denied(_("Not all interface texts are translated yet, and a review covers all of them."))


def check_can_confirm_review(user: StaffMember, review: LanguageReview) -> None:
    check_can_review_language(user, review.language)
    if not review.is_waiting:
        raise Late(_("This review has already been confirmed."))
    refusal = _("Another operator must confirm the review that you recorded.")
    check_is_second_person(user, review.recorded_by_id, review.recorded_at, refusal=refusal)


@transaction.atomic
def review_language(
    *, by: StaffMember, language: str, words: str, reviewed_by: str, reviewed_on: date, now: datetime | None = None
) -> LanguageReview:
    """Record a review of the interface texts whose digest is `words`; it counts once another operator confirms it.

    Raises Denied if the user may not, if the texts have changed since, or if a review of them counts already.
    """
    check_can_review_language(by, language)
    _check_is_current(language, words)
    if LanguageReview.objects.confirmed().filter(language=language, digest=words).exists():
        raise Denied(_("These texts are reviewed."))
    values = {"digest": words, "reviewed_by": reviewed_by, "reviewed_on": reviewed_on, "confirmed_by_id": None}
    values |= {"recorded_by_id": by.pk, "recorded_at": now or timezone.now()}
    review, _created = LanguageReview.objects.update_or_create(language=language, defaults=values)
    record_event(by=by, action="language.review", on=review, details={"language": language, "digest": words})
    return review


@transaction.atomic
def confirm_review(*, by: StaffMember, language: str, words: str) -> LanguageReview:
    """Confirm the review that another operator recorded, of the texts whose digest is `words`.

    Raises Denied, Late if none waits, or if the texts have changed since.
    """
    review = LanguageReview.objects.select_for_update().filter(language=language, digest=words).first()
    if review is None:
        raise Late(_("No review of these texts waits for a second person."))
    check_can_confirm_review(by, review)
    _check_is_current(language, words)
    review.confirmed_by_id = by.pk
    review.save(update_fields=["confirmed_by"])
    record_event(by=by, action="language.confirm_review", on=review, details={"language": language, "digest": words})
    return review


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """The fields that an operator records of a review, as `review_language` takes it."""

    words: str
    reviewed_by: str
    reviewed_on: date


@transaction.atomic
def review_languages(*, by: StaffMember, reviews: Mapping[str, ReviewFacts]) -> None:
    """Record the reviews of these languages, all or none. Raises Denied as `review_language`."""
    for language, facts in sorted(reviews.items()):
        review_language(
            by=by,
            language=language,
            words=facts.words,
            reviewed_by=facts.reviewed_by,
            reviewed_on=facts.reviewed_on,
        )


@transaction.atomic
def confirm_reviews(*, by: StaffMember, words: Mapping[str, str]) -> list[LanguageReview]:
    """Confirm all of these reviews or none. `words`: by language, the digest of its texts. See `confirm_review`."""
    if not words:
        raise Late(_("No review of these texts waits for a second person."))
    return [confirm_review(by=by, language=language, words=digest) for language, digest in sorted(words.items())]


def waiting_reviews() -> list[LanguageReview]:
    """The reviews of present texts that wait for a second operator. One query."""
    reviews = LanguageReview.objects.filter(confirmed_by=None).exclude(recorded_by=None).select_related("recorded_by")
    return [review for review in reviews.order_by("language") if review.digest == words_digest(review.language)]


def _check_is_current(language: str, words: str) -> None:
    if words != words_digest(language):
        raise Denied(_("The texts have changed since you opened this page. Read the changes as well."))
