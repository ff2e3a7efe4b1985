"""The contacts and services that the page of a situation names: one rule for pages, checklist and withdrawals."""

from collections.abc import Collection, Iterable, Iterator

from countries.models import ContactKind
from countries.public.help.situations import HelpPart, Situation
from countries.public.published_portal import PublishedService

# Pages without help of their own name the services of this one, which listen to anyone.
LISTENERS = Situation.UPSET


def services_for(part: HelpPart, services: Iterable[PublishedService], legal_age: int) -> list[PublishedService]:
    """A country's services that help in this part of a situation, at the age of its audience."""
    youngest, oldest = part.audience.age_range(legal_age)
    return [service for service in services if service.kind in part.services and service.helps_ages(youngest, oldest)]


def contact_kinds_of(situation: Situation) -> list[ContactKind]:
    """The kinds of contacts that help in the situation; the emergency number, for emergencies only, is none of them."""
    kinds = dict.fromkeys(kind for part in situation.row.parts for kind in part.contacts)
    return [kind for kind in kinds if kind is not ContactKind.EMERGENCY]


def names_help(
    situation: Situation, kinds: Collection[str], services: Iterable[PublishedService], legal_age: int
) -> bool:
    """Whether the situation's page has a list of its own with anyone to turn to.

    kinds: those of the portal's contacts; services: those that help in its country.
    """
    if any(kind in kinds for kind in contact_kinds_of(situation)):
        return True
    return any(services_for(part, services, legal_age) for part in situation.row.parts)


def situations_without_help(
    kinds: Collection[str], services: Collection[PublishedService], legal_age: int
) -> Iterator[Situation]:
    """The situations whose pages name no one to turn to, not even services that listen. Arguments of `names_help`."""
    if not names_help(LISTENERS, (), services, legal_age):
        yield from (situation for situation in Situation if not names_help(situation, kinds, services, legal_age))
