"""What each language of the portals has and lacks: its catalogue, and all other translated files.

A folder in `locale/` adds a language. Every other translatable thing is an item here, and reported where it is missing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from analysts.models import RecipientKind
from analysts.takedown.notices import texts
from countries.languages import countries_without_name, has_known_digits
from countries.staff.standard_words import count_translated
from countries.staff.word_faults import find_faults
from reports.safety.crisis import crisis_languages

ERROR_PAGES = Path(settings.BASE_DIR, "deploy", "nginx", "pages")


@dataclass(frozen=True, slots=True)
class LanguageItem:
    """One thing that a language can have.

    place: where it is written down.
    instead: what its readers get where it lacks.
    lacking: what of it the language with this tag lacks, "" for nothing.
    is_needed: whether `portal_languages --check` fails without it.
    """

    name: str
    place: str
    instead: str
    lacking: Callable[[str], str]
    is_needed: bool = False


def _missing_words(tag: str) -> str:
    translated, total = count_translated(tag)
    return f"{total - translated} of {total} words" if translated < total else ""


def _fault_summary(tag: str) -> str:
    found = len(find_faults(tag))
    return f"{found} faults" if found else ""


def _crisis_words(tag: str) -> str:
    return "" if _is_among(tag, crisis_languages()) else "all phrases"


def _error_pages(tag: str) -> str:
    if not ERROR_PAGES.is_dir():
        return "not looked at: the folder is not here"
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(ERROR_PAGES.glob("*.html"))}
    return ", ".join(name for name, page in pages.items() if not _is_among(tag, re.findall(r'<p lang="([^"]+)"', page)))


def _notice_texts(tag: str) -> str:
    languages = defaultdict(set)
    for text in texts.read_shipped_texts(timezone.now()):
        languages[text.kind, text.purpose].add(text.language)
    return ", ".join(
        kind.value
        for kind in RecipientKind
        if not all(_is_among(tag, languages[kind.value, purpose.value]) for purpose in texts.purposes_of_kind(kind))
    )


def _country_names(tag: str) -> str:
    unnamed = countries_without_name(tag)
    return ", ".join(unnamed) if len(unnamed) < 10 else f"{len(unnamed)} countries"


def _missing_digits(tag: str) -> str:
    return "" if has_known_digits(tag) else "the zero of its numbering system"


def _is_among(tag: str, languages: Collection[str]) -> bool:
    """Whether `tags` has the language, with or without its region: Portuguese will do for Brazilian Portuguese."""
    return tag in languages or tag.split("-")[0] in languages


CATALOGUE = "locale/{folder}/LC_MESSAGES/django.po"

ITEMS = (
    LanguageItem("translated words", CATALOGUE, "English words", _missing_words, is_needed=True),
    LanguageItem("plural rule and placeholders", CATALOGUE, "wrong sentences", _fault_summary, is_needed=True),
    LanguageItem("crisis words", "reports/safety/crisis.toml", "no help for a reporter in need", _crisis_words),
    LanguageItem("error pages", "deploy/nginx/pages", "the other languages", _error_pages),
    LanguageItem("notice texts", "analysts/takedown/notices/shipped/{tag}.toml", "English notices", _notice_texts),
    LanguageItem("digits", "ZEROS in countries/languages.py", "0 to 9", _missing_digits),
    LanguageItem("country names", "CLDR in Babel", "English names", _country_names),
)


@dataclass(frozen=True, slots=True)
class LanguageGap:
    """What a language lacks of an item."""

    item: LanguageItem
    tag: str
    what: str

    def __str__(self) -> str:
        place = self.item.place.format(tag=self.tag, folder=self.tag.replace("-", "_"))
        return f"{self.item.name}: {self.what} ({place}); instead: {self.item.instead}"


def language_gaps(tag: str) -> list[LanguageGap]:
    """What the language lacks, in the order of the items."""
    return [LanguageGap(item, tag, what) for item in ITEMS if (what := item.lacking(tag))]
