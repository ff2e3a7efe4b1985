"""The approved words of crisis of all languages, as this process last read them. Knows no database: forms search them.

`countries.words.language_memory` reads them. The languages of the shipped list are offered by the app that has it.
"""

from collections.abc import Callable, Iterable, Mapping

_phrases: tuple[str, ...] = ()
_read_shipped: Callable[[], Mapping[str, str]] = dict


def split_phrases(forms: Iterable[str]) -> list[str]:
    """The phrases of a list in their order, each once, with single blanks between their words."""
    lines = (line.split() for form in forms if isinstance(form, str) for line in form.splitlines())
    return [*dict.fromkeys(" ".join(words) for words in lines if words)]


def crisis_phrases() -> tuple[str, ...]:
    """The words of crisis of all languages, as speakers wrote them."""
    return _phrases


def set_crisis_phrases(phrases: tuple[str, ...]) -> None:
    global _phrases
    _phrases = phrases


def offer_shipped_languages(read: Callable[[], Mapping[str, str]]) -> None:
    """Make this the way to read the languages whose words of crisis are part of the product: see below."""
    global _read_shipped
    _read_shipped = read


def shipped_crisis_languages() -> Mapping[str, str]:
    """Maps each language with shipped words to the native reader who checked them, "" for none so far."""
    return _read_shipped()
