"""The opened languages and the words of crisis that every process holds in memory, so that no page asks for them.

The public surface renews them with the portals (`countries.public.published`); the staff surface between requests.
"""

import logging
import threading
from contextlib import suppress
from itertools import islice
from time import monotonic

from django.db import Error

from countries.languages import opened_languages, set_opened_languages
from countries.models import ApprovedText, Language
from countries.models.text import WORDS_OF_CRISIS
from countries.words import overlay
from countries.words.crisis_memory import crisis_phrases, set_crisis_phrases, split_phrases
from countries.words.plurals import parse_plural_rule

logger = logging.getLogger(__name__)

# Seconds between two readings of the staff surface.
RENEW_AFTER = 30.0
# All languages together; more are not read, so that no page becomes slow.
MOST_PHRASES = 5_000

_lock = threading.Lock()
_read_at = float("-inf")


def renew_languages() -> bool:
    """Read the languages and words of crisis again: two queries. Returns whether a language changed.

    Raises django.db.Error; what is held then stays.
    """
    global _read_at
    with _lock:
        _read_at = monotonic()
        rows = Language.objects.filter(is_open=True).order_by("tag")
        languages = [row.as_opened() for row in rows if _has_plural_rule(row)]
        lists = ApprovedText.objects.filter(context=WORDS_OF_CRISIS).order_by("pk").values_list("forms", flat=True)
        read = (phrase for forms in lists if isinstance(forms, list) for phrase in split_phrases(forms))
        phrases = tuple(islice(read, MOST_PHRASES))
        if phrases != crisis_phrases():
            set_crisis_phrases(phrases)
        before = opened_languages()
        set_opened_languages(languages)
        if opened_languages() == before:
            return False
    # Texts are filled in by the language's plural rule.
    overlay.expire_texts()
    return True


def _has_plural_rule(language: Language) -> bool:
    """Whether the row's rule can be computed; one that was not written by the form may not, and is left out."""
    try:
        parse_plural_rule(language.plural_rule)
    except ValueError:
        logger.error("The plural rule of %s cannot be computed: it is left out.", language.tag)
        return False
    return True


def renew_if_old() -> None:
    """As `renew_languages`, at most every RENEW_AFTER seconds; while the database is unreachable, the copy stays."""
    if monotonic() - _read_at > RENEW_AFTER:
        with suppress(Error):
            renew_languages()


def forget_languages() -> None:
    """Hold none, as if they had just been read: for tests."""
    global _read_at
    set_opened_languages([])
    set_crisis_phrases(())
    _read_at = monotonic()
