"""The translators' dashboard card: what each of their languages waits for."""

from dataclasses import dataclass
from datetime import datetime

from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import User
from countries.models import LanguageRole
from countries.staff.words_status import LanguageWords, count_languages, reviewable_rows


@dataclass(frozen=True, slots=True)
class TranslationWork:
    """A language of the translator. `to_review`: translations of others that they may approve; 0 without the right."""

    words: LanguageWords
    to_review: int


def show_translations(user: User, now: datetime, counts: Counts) -> PageSection | None:
    if user.role != Role.TRANSLATOR:
        return None
    roles = dict(LanguageRole.objects.filter(account=user).values_list("language", "is_reviewer"))
    work = [
        TranslationWork(words, len(reviewable_rows(user, words.tag)) if roles[words.tag] and words.proposed else 0)
        for words in count_languages()
        if words.tag in roles
    ]
    return PageSection("analysts/incidents/_dashboard_translations.html", work)
