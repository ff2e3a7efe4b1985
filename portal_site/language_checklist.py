"""The state of each language of the portals: its catalogue, and all other translated files.

A folder in `locale/` adds a language. Every other translatable thing is an item here, and reported where it is missing.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from analysts.models import RecipientKind
from analysts.takedown.notices import texts
from countries.languages import countries_without_name, find_opened_language, has_known_digits
from countries.models import Portal
from countries.public.web_server_pages import are_pages_stale, languages_of_page
from countries.staff.contacts.contact_items import unnamed_in
from countries.staff.translation.crisis_words import LEAST_PHRASES, phrases_missing
from countries.staff.translation.language_items import LanguageGap, LanguageItem
from countries.staff.translation.standard_words import count_translated, translated_digests
from countries.staff.translation.word_faults import find_faults
from countries.staff.workspace.checklist import PREFETCHED
from countries.words.sources import read_source_texts

ERROR_PAGES = Path(settings.BASE_DIR, "deploy", "nginx", "pages")


def _missing_words(tag: str) -> str:
    translated, total = count_translated(tag)
    return f"{total - translated} of {total} words" if translated < total else ""


def _fault_summary(tag: str) -> str:
    number = len(find_faults(tag))
    return f"{number} faults" if number else ""


def _crisis_words(tag: str) -> str:
    """Shipped words, or phrases of speakers. One query for a language without shipped words."""
    missing = phrases_missing([tag])[tag]
    return f"{missing} of {LEAST_PHRASES} phrases" if missing else ""


def _error_pages(tag: str) -> str:
    """The pages without its words: neither among those of the release nor translated since."""
    if not ERROR_PAGES.is_dir():
        return "not looked at: the folder is not here"
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(ERROR_PAGES.glob("*.html"))}
    return ", ".join(
        name
        for name, page in pages.items()
        if not _is_among(tag, [*re.findall(r'<p lang="([^"]+)"', page), *languages_of_page(name)])
    )


def _stale_error_pages(tag: str) -> str:
    """For all languages at once; shown for languages that were opened here, whose words only the command writes."""
    return "written before their texts changed" if find_opened_language(tag) and are_pages_stale(connection) else ""


def _launch_kit(tag: str) -> str:
    """The texts of posters and cards that are not translated."""
    kit = {text.digest for text in read_source_texts() if any("launch_kit" in place for place in text.places)}
    missing = len(kit - translated_digests(tag))
    return f"{missing} of {len(kit)} words" if missing else ""


def _names(tag: str) -> str:
    """Contacts and partners, of the portals in the language, without a name in it."""
    portals = Portal.objects.filter(texts__language=tag).exclude(default_language=tag).prefetch_related(*PREFETCHED)
    missing = sum(unnamed_in(portal, tag) for portal in portals)
    return f"{missing} names" if missing else ""


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

TEXTS = "Interface texts"

ITEMS = (
    LanguageItem("translated words", CATALOGUE, "English words", _missing_words, is_needed=True, opened_place=TEXTS),
    LanguageItem(
        "plural rule and placeholders",
        CATALOGUE,
        "wrong sentences",
        _fault_summary,
        is_needed=True,
        opened_place=TEXTS,
    ),
    LanguageItem(
        "crisis words",
        f"{TEXTS}, or reports/safety/languages.toml",
        "no help for a reporter in need",
        _crisis_words,
        opened_place=TEXTS,
    ),
    LanguageItem("error pages", "deploy/nginx/pages", "the other languages", _error_pages, opened_place=TEXTS),
    LanguageItem("error pages in use", "manage.py write_error_pages", "the pages written before", _stale_error_pages),
    LanguageItem(
        "notice texts",
        "analysts/takedown/notices/shipped/{tag}.toml",
        "English notices",
        _notice_texts,
        opened_place="Notice texts",
    ),
    LanguageItem("launch kit", CATALOGUE, "posters in English", _launch_kit, opened_place=TEXTS),
    LanguageItem("names of contacts and partners", "the portals", "names in another language", _names),
    LanguageItem(
        "digits", "ZEROS in countries/languages.py", "0 to 9", _missing_digits, opened_place="Languages opened here"
    ),
    LanguageItem("country names", "CLDR in Babel", "English names", _country_names),
)


def language_gaps(tag: str) -> list[LanguageGap]:
    """The items that the language lacks, in the order of the items."""
    return [LanguageGap(item, tag, what) for item in ITEMS if (what := item.lacking(tag))]
