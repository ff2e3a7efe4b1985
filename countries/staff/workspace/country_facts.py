"""Facts about every country of the world before it has a portal: from the catalogue, else from CLDR."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NotRequired, TypedDict

from babel import Locale
from babel.languages import get_official_languages, get_territory_language_info
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries import catalogue
from countries.languages import country_name, country_names, is_known
from countries.models import ContactKind, Region
from countries.staff.document.portal_document import Document

# Codes that CLDR names and ISO 3166-1 assigns to no country: they are parts of others.
PARTS_OF_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "IC", "TA"})
# A language that so many percent of the people speak is suggested where CLDR names no official one.
WIDELY_SPOKEN = 20
# A language of so many percent is one that reporters may write in, also where the portal has no pages in it.
SPOKEN = 5


class CatalogueRow(TypedDict):
    """A country of the catalogue; lists are those that public pages name."""

    slug: str
    name: str
    country: str
    region: str
    commonwealth: NotRequired[bool]
    languages: NotRequired[list[str]]
    contacts: NotRequired[list[Document]]
    partners: NotRequired[list[str]]
    launched_on: NotRequired[date]
    launch_source: NotRequired[str]
    leave_to: NotRequired[str]


@dataclass(frozen=True, slots=True)
class LanguageSuggestion:
    """The languages to start a portal with, most spoken first, and where that comes from.

    `unknown`: further official languages, in English, that the installation does not know and cannot offer.
    """

    languages: tuple[str, ...]
    source: str | Promise
    unknown: tuple[str, ...] = ()


@cache
def catalogue_rows() -> dict[str, CatalogueRow]:
    """The catalogue's countries by slug, sorted by name; names default to CLDR's English ones."""
    rows = tomllib.loads(catalogue.KNOWN.read_text(encoding="utf-8"))["known"]
    for row in rows:
        row.setdefault("country", "")
        row.setdefault("name", Locale("en").territories.get(row["country"], row["slug"]))
    return {row["slug"]: row for row in sorted(rows, key=lambda row: str(row["name"]))}


@cache
def world_rows() -> Mapping[str, CatalogueRow]:
    """Every country of the world by slug, sorted by name: the catalogue's row, or else what CLDR says."""
    rows = dict(catalogue_rows())
    left_out = {row["country"] for row in rows.values()} | PARTS_OF_COUNTRIES
    for code, name in country_names("en"):
        if code not in left_out:
            region = catalogue.regions_by_country().get(code, Region.WORLD.value)
            rows[code.lower()] = {"slug": code.lower(), "name": name, "country": code, "region": region}
    return dict(sorted(rows.items(), key=lambda item: item[1]["name"]))


@cache
def _entries_by_slug() -> Mapping[str, catalogue.Entry]:
    return {path.stem: catalogue.entry(path) for path in catalogue.files()}


def suggest_languages(row: CatalogueRow) -> LanguageSuggestion:
    """The languages of the catalogue's texts; else those that public pages name; else official or most spoken ones."""
    if entry := _entries_by_slug().get(row["slug"]):
        return LanguageSuggestion(tuple(text["language"] for text in entry.texts), _("texts of the catalogue"))
    if tags := row.get("languages"):
        return LanguageSuggestion(tuple(tags), _("named on public pages of the portal"))
    code = row["country"]
    official = _plain_tags(get_official_languages(code, de_facto=True))
    english = Locale("en").languages
    unknown = tuple(str(english.get(tag.replace("-", "_"), tag)) for tag in official if not is_known(tag))
    if official_known := tuple(filter(is_known, official)):
        return LanguageSuggestion(official_known, _("official languages of the country, from CLDR"), unknown)
    if official_known := tuple(filter(is_known, _widely_spoken(code, WIDELY_SPOKEN))):
        return LanguageSuggestion(
            official_known, _("languages that many people of the country speak, from CLDR"), unknown
        )
    return LanguageSuggestion(("en",), _("English: neither public pages nor CLDR name a language"), unknown)


def spoken_languages(code: str) -> tuple[str, ...]:
    """The tags of the languages that people of the country speak, most spoken first; none for no country."""
    others = catalogue.read_spoken()["countries"].get(code, {"languages": ""})["languages"].split()
    return tuple(dict.fromkeys([*_widely_spoken(code, SPOKEN), *others])) if code else ()


def spoken_language_name(tag: str) -> str:
    """In English; the tag itself where no name is known."""
    name: str = catalogue.read_spoken()["names"].get(tag) or Locale("en").languages.get(tag.replace("-", "_"), tag)
    return name


def _widely_spoken(code: str, least_percent: int) -> list[str]:
    spoken = [
        (percent, tag)
        for tag, facts in get_territory_language_info(code).items()
        if isinstance(percent := facts["population_percent"], int | float) and percent >= least_percent and tag != "und"
    ]
    return _plain_tags(tag for _percent, tag in sorted(spoken, reverse=True))


def _plain_tags(languages: Iterable[str]) -> list[str]:
    return [tag.replace("_", "-").lower() for tag in languages]


def emergency_numbers(row: CatalogueRow) -> list[Document]:
    """The emergency numbers of the catalogue, each with its source."""
    entry = _entries_by_slug().get(row["slug"])
    contacts = entry.contacts if entry else row.get("contacts", [])
    return [contact for contact in contacts if contact["kind"] == ContactKind.EMERGENCY and contact.get("source")]


def named_partners(row: CatalogueRow) -> int:
    """How many partners and funders the catalogue names."""
    entry = _entries_by_slug().get(row["slug"])
    return len(entry.partners if entry else row.get("partners", []))


def local_name(row: CatalogueRow, language: str) -> str:
    """The name in the language; the catalogue's where CLDR has none, or the row is no country."""
    return country_name(row["country"], language) or row["name"]
