"""Markup that is drawn once for all that it depends on."""

from collections.abc import Callable, Hashable

from django.utils.html import format_html
from django.utils.translation import get_language


class MarkupCache:
    """Pieces of markup by all that they depend on, at most `most`. Nothing of a report may be part of one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._drawn: dict[Hashable, str] = {}

    def draw_once(self, key: Hashable, draw: Callable[[], str]) -> str:
        """The markup under the key in the active language, from `draw` the first time."""
        in_language = (get_language(), key)
        found = self._drawn.get(in_language)
        if found is None:
            found = draw()
            if len(self._drawn) >= self._most:
                self._drawn.clear()
            self._drawn[in_language] = found
        return found


NOTHING = format_html("{}", "")
