"""Faults of a translation: it is data, and may contain nothing that acts or leads elsewhere unless its source does.

Every check takes linear time in a text whose length is bounded first.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from countries.words.crisis_texts import find_phrase_faults
from countries.words.personal_words import find_request
from countries.words.plurals import plural_rule
from countries.words.signs import PLACEHOLDER, TAG, count_markup, count_numbers, is_hidden
from countries.words.sources import SourceText
from countries.words.visible_addresses import find_visible_addresses

# Characters. Languages that need more than others still take no more than a few times the English text.
LONGEST_TEXT = 4_000
TIMES_LONGER, ALWAYS_ALLOWED = 4, 80


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that a translation may not have. `form`: the index of the plural form; `message`: for the translator."""

    form: int
    message: str

    def __str__(self) -> str:
        return self.message


def find_translation_faults(source: SourceText, forms: Sequence[str], language: str) -> list[Fault]:
    """Everything wrong with a translation of `source` into the language; the wrong part is in each message."""
    expected = plural_rule(language).count if source.plural else 1
    if len(forms) != expected:
        message = _("This text needs %(expected)d forms in this language, and there are %(found)d.")
        return [Fault(0, message % {"expected": expected, "found": len(forms)})]
    if source.is_phrase_list:
        return [Fault(0, message) for message in find_phrase_faults(forms[0])]
    return [
        Fault(index, message)
        for index, text in enumerate(forms)
        for message in _form_faults(source.forms, text, language)
    ]


def _form_faults(english: Sequence[str], text: str, language: str) -> Iterator[str]:
    if not text.strip():
        yield _("The translation is empty.")
        return
    longest = min(LONGEST_TEXT, max(map(len, english)) * TIMES_LONGER + ALWAYS_ALLOWED)
    if len(text) > longest:
        message = _("The translation has %(length)d characters, and may have %(longest)d.")
        yield message % {"length": len(text), "longest": longest}
        return
    for check in CHECKS:
        yield from check(english, text)
    if request := find_request(" ".join(english), text, language):
        yield _("“%(part)s” asks readers who they are, and the English text does not.") % {"part": request}


def _hidden_faults(english: Sequence[str], text: str) -> Iterator[str]:
    allowed = set("".join(english))
    hidden = {
        character for character in text if character not in allowed and (character == "\n" or is_hidden(character))
    }
    for character in sorted(hidden):
        yield _("The character %(part)s cannot be seen and is not allowed.") % {"part": f"U+{ord(character):04X}"}


def _markup_faults(english: Sequence[str], text: str) -> Iterator[str]:
    """All tags of the source and no other one; of entities and straight quotation marks no more than the source has."""
    expected = [Counter(TAG.findall(form)) for form in english]
    tags = TAG.findall(text)
    added = count_markup(text) - _largest_counts(map(count_markup, english))
    if added:
        yield from (_markup_message(part) for part in sorted(added))
    elif Counter(tags) not in expected:
        lost = min((expected_tags - Counter(tags) for expected_tags in expected), key=Counter.total)
        yield _("%(part)s of the English text is missing.") % {"part": " ".join(sorted(lost))}
    elif tags not in [TAG.findall(form) for form in english] and not _is_nested(tags):
        yield _("The tags are not in the order of the English text: %(part)s.") % {"part": " ".join(tags)}


def _markup_message(part: str) -> str:
    if part == '"':
        return _('Use typographic quotation marks: the straight one (") ends a part of a page.')
    return _("“%(part)s” is markup, and the English text has none like it.") % {"part": part}


def _is_nested(tags: list[str]) -> bool:
    """Whether each tag that closes an element closes the one that was opened last."""
    opened: list[str] = []
    for tag in tags:
        name = tag.strip("</>").split(" ")[0]
        if not tag.startswith("</"):
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


def _placeholder_faults(english: Sequence[str], text: str) -> Iterator[str]:
    """A plural form may leave out the number, but no form adds a placeholder."""
    expected = [Counter(PLACEHOLDER.findall(form)) for form in english]
    placeholders = Counter(PLACEHOLDER.findall(text))
    for part in sorted(placeholders.keys() - set().union(*expected)):
        yield _("%(part)s is not a placeholder of the English text.") % {"part": part}
    if len(english) == 1:
        for part in sorted(expected[0].keys() - placeholders.keys()):
            yield _("The placeholder %(part)s is missing.") % {"part": part}
    # Without names they are filled in by their order.
    positional = [part for part in PLACEHOLDER.findall(text) if _is_positional(part)]
    if positional not in [[part for part in PLACEHOLDER.findall(form) if _is_positional(part)] for form in english]:
        yield _("Placeholders without a name stay as many as in the English text, and in its order.")


def _is_positional(part: str) -> bool:
    return part == "{}" or (part.startswith("%") and part != "%%" and not part.startswith("%("))


def _address_faults(english: Sequence[str], text: str) -> Iterator[str]:
    allowed = find_visible_addresses(" ".join(english))
    for part in sorted(find_visible_addresses(text) - allowed):
        yield _("“%(part)s” can be read as an address, and the English text does not have it.") % {"part": part}


def _number_faults(english: Sequence[str], text: str) -> Iterator[str]:
    allowed = _largest_counts(count_numbers(_without_parts(form)) for form in english)
    for part in sorted(count_numbers(_without_parts(text)) - allowed):
        yield _("The number %(part)s is not in the English text.") % {"part": part}


def _without_parts(text: str) -> str:
    """The text without tags and placeholders, which are compared whole."""
    return PLACEHOLDER.sub(" ", TAG.sub(" ", text))


def _largest_counts(counts: Iterable[Counter[str]]) -> Counter[str]:
    largest = Counter[str]()
    for numbers in counts:
        largest |= numbers
    return largest


CHECKS: tuple[Callable[[Sequence[str], str], Iterator[str]], ...] = (
    _hidden_faults,
    _markup_faults,
    _placeholder_faults,
    _address_faults,
    _number_faults,
)
