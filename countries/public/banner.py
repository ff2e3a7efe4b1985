"""The banner on every public page: what is published of it, and its sentence in the language of a page.

`published` holds it in memory with the portals. It disappears at its time without a write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.languages import words_language
from countries.models import Banner, ReadyText

# Shown by one administrator alone, so none of them may lead anywhere or ask for anything.
READY_TEXTS: Mapping[ReadyText, Promise] = {
    ReadyText.MAINTENANCE: _("This service is being maintained today. You can report as usual."),
    ReadyText.SLOW: _("We are getting a lot of reports. You can report as usual. Answers will take longer."),
    ReadyText.RECEIPTS_LATE: _("Receipts are being updated later than usual. Nothing you sent is lost."),
}


@dataclass(frozen=True, slots=True)
class PublishedBanner:
    """A banner as the public surface reads it. `words`: (interface language, sentence); empty for a ready text."""

    ready_text: str
    words: tuple[tuple[str, str], ...]
    shown_until: datetime | None

    def is_shown(self, now: datetime) -> bool:
        return self.shown_until is None or now < self.shown_until

    def sentence(self, language: str) -> str:
        """The sentence in the interface language; a ready text in the active one. English where it lacks one."""
        if self.ready_text:
            return str(READY_TEXTS[ReadyText(self.ready_text)])
        words = dict(self.words)
        return words.get(words_language(language)) or words.get("en", "")


def read_banner() -> PublishedBanner | None:
    """The banner in the database, past its time or not. One query."""
    row = Banner.objects.first()
    if row is None:
        return None
    return PublishedBanner(row.ready_text, tuple(sorted(row.words.items())), row.shown_until)
