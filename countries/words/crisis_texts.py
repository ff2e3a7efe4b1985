"""Words of crisis as interface texts: in each language, lists of phrases by which people in need say so.

Speakers write and review them as the texts of pages, but no page shows them, and they are in no catalogue. What
the product has learnt (`reports.safety.crisis`) is beside them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from countries.models.language import LONGEST_PHRASE, refuse_single_word
from countries.models.text import WORDS_OF_CRISIS
from countries.words.crisis_memory import split_phrases
from countries.words.signs import is_hidden
from countries.words.sources import SOURCE, SourceText, sources_by_digest

# Characters of one list: a cell of a spreadsheet holds them.
LONGEST_LIST = 20_000
MOST_PHRASES = 500
# Faults that a page shows at once.
MOST_FAULTS = 20

# Context and text are the name under which the lists of all languages are stored: never change them.
CRISIS_TEXTS = (
    SourceText(
        WORDS_OF_CRISIS,
        "Words of crisis",
        "",
        ("reports/safety/languages.toml",),
        "Phrases by which people in need say so, one a line, as they would write them: “I want to die”. At least two"
        " words each, without signs that end a sentence. They are compared word by word in every portal, beside the"
        " product’s own list, and no page shows them. A report with such words begins with whom to call.",
    ),
)


@dataclass(frozen=True, slots=True)
class PhraseChanges:
    """The phrases that a version of a list has and the one before has not, and those that it has no more."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


def texts_to_write(language: str) -> Mapping[str, SourceText]:
    """By digest, the texts that speakers of a language write: those of pages, but in English, and words of crisis."""
    page_texts = {} if language == SOURCE else sources_by_digest()
    return {**page_texts, **{text.digest: text for text in CRISIS_TEXTS}}


def tidy_forms(source: SourceText, forms: Sequence[str]) -> list[str]:
    """The forms as they are stored: a list of phrases without empty and repeated lines."""
    return ["\n".join(split_phrases(forms))] if source.is_phrase_list else [*forms]


def compare_phrases(before: Iterable[str], after: Iterable[str]) -> PhraseChanges:
    old, new = split_phrases(before), split_phrases(after)
    return PhraseChanges(
        tuple(phrase for phrase in new if phrase not in set(old)),
        tuple(phrase for phrase in old if phrase not in set(new)),
    )


def find_phrase_faults(text: str) -> list[str]:
    """The first faults of a list, each with the phrase that has it. An empty list has none: it takes all words back."""
    if len(text) > LONGEST_LIST:
        message = _("The list has %(length)d characters, and may have %(longest)d.")
        return [message % {"length": len(text), "longest": LONGEST_LIST}]
    phrases = split_phrases([text])
    if len(phrases) > MOST_PHRASES:
        message = _("The list has %(number)d phrases, and may have %(most)d.")
        return [message % {"number": len(phrases), "most": MOST_PHRASES}]
    faults = (f"“{phrase[:LONGEST_PHRASE]}”: {fault}" for phrase in phrases if (fault := _phrase_fault(phrase)))
    return [*islice(faults, MOST_FAULTS)]


def _phrase_fault(phrase: str) -> str:
    if len(phrase) > LONGEST_PHRASE:
        return _("A phrase has at most %(longest)d characters.") % {"longest": LONGEST_PHRASE}
    if hidden := next((sign for sign in phrase if is_hidden(sign)), ""):
        return _("The character %(part)s cannot be seen and is not allowed.") % {"part": f"U+{ord(hidden):04X}"}
    try:
        refuse_single_word(phrase)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
