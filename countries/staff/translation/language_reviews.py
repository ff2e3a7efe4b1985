"""Recording that a named speaker reviewed all interface texts of a language, with the permission checks."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.actions import record_event
from audit.permissions import Denied, HasPermissions
from countries.models import LanguageReview
from countries.staff.requests.approvals import StaffMember
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


@transaction.atomic
def review_language(
    *, by: StaffMember, language: str, words: str, reviewed_by: str, reviewed_on: date
) -> LanguageReview:
    """Record a review of the interface texts whose digest is `words`.

    Raises Denied if the user may not, or if the texts have changed since.
    """
    check_can_review_language(by, language)
    if words != words_digest(language):
        raise Denied(_("The texts have changed since you opened this page. Read the changes as well."))
    review, _created = LanguageReview.objects.update_or_create(
        language=language, defaults={"digest": words, "reviewed_by": reviewed_by, "reviewed_on": reviewed_on}
    )
    record_event(by=by, action="language.review", on=review, details={"language": language, "digest": words})
    return review
