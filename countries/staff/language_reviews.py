"""A named speaker read all public words of a language: who may put that on the record, and the verb that does."""

from datetime import date
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.actions import Actor, record_event
from audit.permissions import Denied, HasPermissions
from countries.models import LanguageReview
from countries.staff.standard_words import SOURCE, count_translated, words_digest


class Reviewer(Actor, HasPermissions, Protocol):
    """Whoever works on portals."""


def check_can_see_languages(user: HasPermissions) -> None:
    if not user.has_perm("countries.change_portal"):
        raise Denied(_("Languages are open to operators only."))


def check_can_review_language(user: HasPermissions, language: str) -> None:
    check_can_see_languages(user)
    if language == SOURCE:
        raise Denied(_("The language that the words are written in needs no review."))
    translated, total = count_translated(language)
    if translated < total:
        raise Denied(_("Not all words are translated yet: a review is of all of them."))


@transaction.atomic
def review_language(*, by: Reviewer, language: str, words: str, reviewed_by: str, reviewed_on: date) -> LanguageReview:
    """`words` is the digest of what was read.

    Raises Denied where the user may not, or where the words are no longer those.
    """
    check_can_review_language(by, language)
    if words != words_digest(language):
        raise Denied(_("The words were changed since this page was opened. What changed must be read as well."))
    review, _created = LanguageReview.objects.update_or_create(
        language=language, defaults={"digest": words, "reviewed_by": reviewed_by, "reviewed_on": reviewed_on}
    )
    record_event(by=by, action="language.review", on=review, details={"language": language, "digest": words})
    return review
