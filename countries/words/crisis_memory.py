"""The words of crisis that speakers entered, as this process last read them. Knows no database: forms search them.

`countries.words.language_memory` reads them.
"""

_phrases: tuple[str, ...] = ()


def crisis_phrases() -> tuple[str, ...]:
    """The words of crisis of all languages, as they were entered."""
    return _phrases


def set_crisis_phrases(phrases: tuple[str, ...]) -> None:
    global _phrases
    _phrases = phrases
