"""The lines of a situation in the active language: titles, texts, and the contacts and services that fit."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from countries.languages import language_in_words
from countries.public.help.offers import services_for
from countries.public.help.situations import HelpPart, Situation, SituationGroup
from countries.public.published_portal import PublishedContact, PublishedPortal, PublishedService


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A help service as a page shows it. `note`: whom it helps and in which language; "" for everyone."""

    service: PublishedService
    note: str


@dataclass(frozen=True, slots=True)
class HelpPartLines:
    """The texts of a part of a help page in the active language."""

    heading: str
    # One of several answers, of which a reader opens one.
    is_answer: bool
    leads_to_report: bool
    paragraphs: list[str]
    steps: list[str]
    # The sentence before the list of contacts and services; "" for none, and without a list.
    introduction: str
    contacts: list[PublishedContact]
    services: list[ServiceLine]


@dataclass(frozen=True, slots=True)
class SituationLink:
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class DoorGroup:
    """One of the few doors behind which the situations are."""

    heading: str
    links: list[SituationLink]


def situation_title(portal: PublishedPortal, situation: Situation) -> str:
    """The situation's title in the active language, with the portal's legal age."""
    return _with_age(portal, situation.label)


def build_links(portal: PublishedPortal, situations: Iterable[Situation]) -> list[SituationLink]:
    return [SituationLink(situation.value, situation_title(portal, situation)) for situation in situations]


def build_door_groups(portal: PublishedPortal) -> list[DoorGroup]:
    return [DoorGroup(str(group.label), build_links(portal, group.situations())) for group in SituationGroup]


def build_part_lines(portal: PublishedPortal, part: HelpPart) -> HelpPartLines:
    by_kind = portal.contacts_by_kind()
    contacts = [contact for kind in part.contacts for contact in by_kind[kind.value]]
    services = build_service_lines(services_for(part, portal.services, portal.legal_age))
    introduction, paragraphs = part.introduction, part.paragraphs
    if not (contacts or services):
        introduction, paragraphs = None, (*paragraphs, *filter(None, [part.without_list]))
    return HelpPartLines(
        heading=_with_age(portal, part.heading) if part.heading else "",
        is_answer=part.is_answer,
        leads_to_report=part.leads_to_report,
        paragraphs=[_with_age(portal, paragraph) for paragraph in paragraphs],
        steps=[_with_age(portal, step) for step in part.steps],
        introduction=_with_age(portal, introduction) if introduction else "",
        contacts=contacts,
        services=services,
    )


def describe_limits(service: PublishedService) -> str:
    """The service's ages and languages, in the active language; "" if it helps everyone in many languages.

    The languages are left out where the reader's own is among them.
    """
    notes = []
    match service.min_age, service.max_age:
        case None, None:
            pass
        case None, oldest:
            notes.append(_("For people under %(age)s.") % {"age": (oldest or 0) + 1})
        case youngest, None:
            notes.append(_("For people aged %(age)s or older.") % {"age": youngest})
        case youngest, oldest:
            notes.append(_("For people aged %(youngest)s to %(oldest)s.") % {"youngest": youngest, "oldest": oldest})
    reader = get_language() or "en"
    if service.languages and reader not in service.languages:
        names = ", ".join(language_in_words(tag, reader) for tag in service.languages)
        notes.append(_("Language: %(names)s.") % {"names": names})
    return " ".join(notes)


def situation_services(portal: PublishedPortal, situation: Situation) -> list[ServiceLine]:
    """All services that help in the situation, each once."""
    parts = situation.row.parts
    services = (service for part in parts for service in services_for(part, portal.services, portal.legal_age))
    return build_service_lines(dict.fromkeys(services))


def build_service_lines(services: Iterable[PublishedService]) -> list[ServiceLine]:
    return [ServiceLine(service, describe_limits(service)) for service in services]


def _with_age(portal: PublishedPortal, text: str | Promise) -> str:
    return str(text) % {"age": portal.legal_age}
