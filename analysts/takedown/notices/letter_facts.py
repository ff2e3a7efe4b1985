"""The facts that a letter states about each of its addresses, and about the hotline that sends it.

A fact is text. One that is unknown is missing or empty: the letter then leaves its line out. The facts about an address
are sealed with it when it is sent, so that the letter can be read later as it was.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings

from analysts.models import Chase, NoticeItem
from analysts.takedown.facts.looks import latest_looks
from analysts.takedown.facts.network_addresses import open_network_addresses
from analysts.takedown.legal.texts import legal_grounds
from analysts.takedown.notices.case_facts.facts import case_facts, case_words, format_moment
from analysts.takedown.notices.placeholders import Placeholder
from analysts.takedown.notices.shipped_texts import fixed_wording, material_wording
from countries.languages import country_name, words_language
from countries.models import Portal

# By the name of the placeholder.
type ItemFacts = Mapping[str, str]
# Takes items of one letter and the language of its text; returns facts by the id of the item.
type ItemSource = Callable[[Sequence[NoticeItem], str], Mapping[uuid.UUID, ItemFacts]]

# The facts about an address, each with the heading of its column in the attached table.
ITEM_COLUMNS: Mapping[Placeholder, str] = {
    Placeholder.SEEN_AT: "last_seen",
    Placeholder.PROVIDER: "provider",
    Placeholder.NETWORK: "network",
    Placeholder.NETWORK_ADDRESS: "network_address",
    Placeholder.COUNTRY: "country",
}
# Only in the table, where recipients see times.
FIRST_REPORTED = "first_reported"
# Caps the different values of one fact in the letter; the attached table has them all.
MOST_VALUES = 3


def report_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """The day of the first report, which a merge can change later."""
    return {item.pk: {FIRST_REPORTED: item.incident.first_sighted.date().isoformat()} for item in items}


def look_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """When the content was last seen online: at the verdict, or at a later availability check. ISO 8601, UTC."""
    looks = latest_looks({item.incident_id for item in items})
    return {
        item.pk: {Placeholder.SEEN_AT: f"{looks[item.incident_id]:%Y-%m-%dT%H:%MZ}"}
        for item in items
        if item.incident_id in looks
    }


def hosting_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """The agreed hosting. A country is its ISO code."""
    chases = Chase.objects.open().filter(incident__in={item.incident_id for item in items}).select_related("provider")
    hosting = {chase.incident_id: chase for chase in chases}
    return {
        item.pk: {
            Placeholder.PROVIDER: chase.provider.name if chase.provider else "",
            Placeholder.NETWORK: chase.network,
            Placeholder.COUNTRY: chase.country,
        }
        for item in items
        if (chase := hosting.get(item.incident_id))
    }


def material_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """The kind of illegal content, in the words of the language."""
    return {item.pk: {Placeholder.MATERIAL: material_wording(item.incident.severity, language)} for item in items}


def network_address_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """The IP address of the host, opened for this letter."""
    addresses = open_network_addresses([item.incident for item in items])
    return {item.pk: {Placeholder.NETWORK_ADDRESS: addresses[item.incident_id]} for item in items}


def law_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """The kind of content, and the ground on which it is illegal."""
    grounds = legal_grounds(items, language)
    materials = {item.pk: material_wording(item.incident.severity, language) for item in items}
    # A dash, because French sets a space before a colon, and others none.
    return {pk: {Placeholder.LEGAL_GROUND: f"{materials[pk]} – {ground}"} for pk, ground in grounds.items()}


def portal_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """The countries through whose portals the content was reported, as ISO codes."""
    portals = {portal for item in items for portal in item.incident.portals}
    countries = dict(Portal.objects.filter(pk__in=portals).values_list("pk", "country"))
    return {
        item.pk: {Placeholder.COUNTRY: " ".join(sorted({countries[pk] for pk in item.incident.portals} - {""}))}
        for item in items
    }


ITEM_SOURCES: tuple[ItemSource, ...] = (
    report_facts,
    material_facts,
    law_facts,
    look_facts,
    hosting_facts,
    network_address_facts,
    case_facts,
)


def find_item_facts(items: Sequence[NoticeItem], language: str) -> Mapping[uuid.UUID, ItemFacts]:
    """The facts about each item, by its id. The number of queries does not depend on the number of items."""
    facts: dict[uuid.UUID, dict[str, str]] = {item.pk: {} for item in items}
    referred, alerted = ([item for item in items if bool(item.alert_id) is is_alert] for is_alert in (False, True))
    sources = [(source, referred) for source in ITEM_SOURCES if referred] + [(portal_facts, alerted)] * bool(alerted)
    for source, of_items in sources:
        for item_id, values in source(of_items, language).items():
            facts[item_id].update({placeholder: one_line(text) for placeholder, text in values.items() if text})
    return facts


def one_line(text: str) -> str:
    """Collapse whitespace: an imported name may hold line breaks, which would start a new header in a subject."""
    return " ".join(text.split())


def join_item_facts(facts: Iterable[ItemFacts], language: str) -> dict[Placeholder, str]:
    """One value of each fact for all addresses of a letter, as its text states it."""
    rows = list(facts)
    values = {fact: list(dict.fromkeys(row[fact] for row in rows if fact in row)) for fact in Placeholder}
    times = sorted(values[Placeholder.SEEN_AT])
    codes = dict.fromkeys(code for text in values[Placeholder.COUNTRY] for code in text.split())
    values[Placeholder.COUNTRY] = [country_name(code, language) or code for code in codes]
    texts = {fact: _join_values(fact, different) for fact, different in values.items() if different}
    if times:
        moments = map(datetime.fromisoformat, dict.fromkeys((times[0], times[-1])))
        texts[Placeholder.SEEN_AT] = " – ".join(map(format_moment, moments))
    texts.setdefault(Placeholder.MATERIAL, material_wording("", language))
    texts.setdefault(Placeholder.LEGAL_GROUND, fixed_wording(Placeholder.LEGAL_GROUND, language))
    return texts


def _join_values(fact: Placeholder, values: list[str]) -> str:
    # The citation of a law contains commas.
    separator = "; " if fact == Placeholder.LEGAL_GROUND else ", "
    return separator.join(values if len(values) <= MOST_VALUES else [*values[:MOST_VALUES], "…"])


def hotline_facts(language: str) -> dict[Placeholder, str]:
    """Who we are and how to reach us."""
    return {
        Placeholder.HOTLINE: one_line(settings.HOTLINE_NAME),
        Placeholder.TEAM: one_line(settings.HOTLINE_TEAM),
        Placeholder.MAILBOX: settings.HOTLINE_MAILBOX,
        Placeholder.TELEPHONE: one_line(settings.HOTLINE_TELEPHONE),
        Placeholder.WEB_PAGE: settings.HOTLINE_WEBSITE,
        Placeholder.LETTERS_PAGE: letters_page_url(language),
        Placeholder.GOOD_FAITH: fixed_wording(Placeholder.GOOD_FAITH, language),
        Placeholder.UNASSESSED: case_words(language)["call_script"],
    }


def letters_page_url(language: str) -> str:
    """The public page that says how our letters look; "" if `PUBLIC_URL` is not set."""
    # Written out because the staff surface's URLconf does not include the public pages.
    page = f"{settings.PUBLIC_URL}/network/{words_language(language)}/letters/"
    return page if settings.PUBLIC_URL else ""
