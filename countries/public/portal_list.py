"""Portals as a list shows them: named in the reader's language, with a link to each of their own languages."""

from typing import NamedTuple

from django.urls import reverse

from countries.collation import sort_key
from countries.languages import country_name
from countries.public.context_processors import LanguageLink
from countries.public.leading_on import world_portals
from countries.public.published_portal import PublishedPortal


class Listed(NamedTuple):
    portal: PublishedPortal
    name: str
    links: list[LanguageLink]


def list_portals(portals: list[PublishedPortal], language: str) -> list[Listed]:
    """By name, in the order of the language."""
    listed = [Listed(portal, _shown_name(portal, language), _home_links(portal)) for portal in portals]
    return sorted(listed, key=lambda entry: sort_key(entry.name, language))


def list_world_portals(language: str) -> list[Listed]:
    """The portals that take reports from any country. Asks memory alone."""
    return list_portals(world_portals(), language)


def _shown_name(portal: PublishedPortal, language: str) -> str:
    """The country's name; of a portal for any country its title, in the language if it has one there."""
    if portal.is_for_any_country and (text := portal.text(language) or portal.text(portal.first_language or "")):
        return text.title
    return country_name(portal.country, language) or portal.name


def _home_links(portal: PublishedPortal) -> list[LanguageLink]:
    """The portal's home page in each of its languages."""
    return [LanguageLink.to_page(tag, reverse("portal_home", args=[portal.slug, tag])) for tag in portal.languages]
