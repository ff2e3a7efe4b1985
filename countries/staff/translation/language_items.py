"""The checklist of a language: what it can have besides its interface texts, and what readers get where it lacks.

The items are functions of higher layers, which offer them at start-up, as for labels of audit events.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from countries.languages import find_opened_language


@dataclass(frozen=True, slots=True)
class LanguageItem:
    """One thing that a language can have.

    place: where it is written down. {tag} and {folder} stand for the language.
    instead: what its readers get where it lacks.
    opened_place: the same as `place` for a language that was opened here; "" where it does not differ.
    lacking: what of it the language with this tag lacks, "" for nothing.
    is_needed: whether `portal_languages --check` fails without it.
    """

    name: str
    place: str
    instead: str
    lacking: Callable[[str], str]
    is_needed: bool = False
    opened_place: str = ""


@dataclass(frozen=True, slots=True)
class LanguageGap:
    """The part of an item that a language lacks; `what` is empty where it has all of it."""

    item: LanguageItem
    tag: str
    what: str

    @property
    def place(self) -> str:
        place = self.item.opened_place if self.item.opened_place and find_opened_language(self.tag) else self.item.place
        return place.format(tag=self.tag, folder=self.tag.replace("-", "_"))

    def __str__(self) -> str:
        return f"{self.item.name}: {self.what} ({self.place}); instead: {self.item.instead}"


_items: list[LanguageItem] = []


def offer_items(items: Iterable[LanguageItem]) -> None:
    """Make these the items of the pages about languages."""
    _items[:] = items


def check_language_items(tag: str) -> list[LanguageGap]:
    """Every item in display order, with what the language lacks of it."""
    return [LanguageGap(item, tag, item.lacking(tag)) for item in _items]
