"""Initial values of the assessment form from the reporter's statements, for the analyst to confirm or correct."""

from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.utils.translation import override

from analysts.codes import ContentKind, Fact, FoundOn
from reports.places import PlaceKind


def guess_found_on(text: str) -> FoundOn:
    """The place that `text` names, if it is one that the details form suggests, in any language of the product.

    Nothing else is inferred from a reporter's words: a sentence that contains "forum" may be about something else.
    """
    return _places_by_spelling().get(_fold_text(text), FoundOn.NOT_DETERMINED)


def guess_kind(facts: Iterable[str]) -> ContentKind:
    """The kind of content that the reporter's ticks (codes of `Fact`) imply."""
    return ContentKind.LIVE_STREAM if Fact.LIVE_STREAM in facts else ContentKind.NOT_DETERMINED


@cache
def _places_by_spelling() -> dict[str, FoundOn]:
    """Maps each spelling to its place, without spellings that mean different places in two languages."""
    places: dict[str, set[PlaceKind]] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for place in PlaceKind:
                places.setdefault(_fold_text(str(place.label)), set()).add(place)
    return {
        spelling: FoundOn(places_meant.pop()) for spelling, places_meant in places.items() if len(places_meant) == 1
    }


def _fold_text(text: str) -> str:
    return " ".join(text.split()).casefold()
