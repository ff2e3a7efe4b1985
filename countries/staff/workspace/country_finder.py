"""The search for a country to start a portal for: by its name in any language of the product, code or other name.

Everything but the portals is in memory. Only the first characters of what is typed are read (`country_search`).
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language

from countries.languages import language_name
from countries.models import Portal, Region
from countries.public.network.country_search import ALIASES, FEWEST_LETTERS, name_key
from countries.staff.document.portal_document import Document
from countries.staff.workspace.country_facts import (
    CatalogueRow,
    LanguageSuggestion,
    emergency_numbers,
    local_name,
    named_partners,
    suggest_languages,
    world_rows,
)


@dataclass(frozen=True, slots=True)
class FoundCountry:
    """A country in the results: what is known of it, and its portals."""

    slug: str
    name: str
    code: str
    region: str
    languages: tuple[str, ...]
    language_source: str | Promise
    unknown_languages: tuple[str, ...]
    emergency: list[Document]
    partners: int
    portals: tuple[Portal, ...]


def find_countries(typed: str, portals: Iterable[Portal]) -> list[FoundCountry]:
    """The countries with what was typed in a name, best matches first; none for a text without letters."""
    key = name_key(typed)
    variants = (key, key.removeprefix("the")) if key else ()
    matches = (
        (min(filter(None, (_match_rank(variant, keys) for variant in variants)), default=0), slug)
        for slug, keys in keys_by_slug().items()
    )
    ranked = sorted(match for match in matches if match[0])
    return [describe_country(world_rows()[slug], portals) for _rank, slug in ranked]


def find_portals(typed: str, portals: Iterable[Portal]) -> list[Portal]:
    """The portals with what was typed in their name for staff, or with that address."""
    key = name_key(typed)
    return [portal for portal in portals if key and (key in name_key(portal.name) or key == name_key(portal.slug))]


def portals_of(row: CatalogueRow, portals: Iterable[Portal]) -> tuple[Portal, ...]:
    """The portals that the country has: by its code, or by the address that its portal would get."""
    return tuple(
        portal
        for portal in portals
        if portal.slug == row["slug"] or (row["country"] and portal.country == row["country"])
    )


def describe_country(row: CatalogueRow, portals: Iterable[Portal]) -> FoundCountry:
    suggestion: LanguageSuggestion = suggest_languages(row)
    return FoundCountry(
        slug=row["slug"],
        name=local_name(row, get_language() or "en"),
        code=row["country"],
        region=str(Region(row["region"]).label),
        languages=tuple(map(language_name, suggestion.languages)),
        language_source=suggestion.source,
        unknown_languages=suggestion.unknown,
        emergency=emergency_numbers(row),
        partners=named_partners(row),
        portals=portals_of(row, portals),
    )


# How well a name matches: lower is better, 0 is no match.
_EXACT, _BEGINS, _CONTAINS = 1, 2, 3


def _match_rank(key: str, keys: frozenset[str]) -> int:
    if not key:
        return 0
    if key in keys:
        return _EXACT
    if any(candidate.startswith(key) for candidate in keys):
        return _BEGINS
    return _CONTAINS if len(key) >= FEWEST_LETTERS and any(key in candidate for candidate in keys) else 0


@cache
def keys_by_slug() -> Mapping[str, frozenset[str]]:
    """All names of each country, as `name_key` writes them."""
    aliases = tomllib.loads(ALIASES.read_text(encoding="utf-8"))
    return {
        slug: frozenset(
            map(
                name_key,
                (
                    slug,
                    row["country"] or slug,
                    row["name"],
                    *(local_name(row, tag) for tag in dict(settings.LANGUAGES)),
                    *aliases.get(row["country"], ()),
                ),
            )
        )
        for slug, row in world_rows().items()
    }
