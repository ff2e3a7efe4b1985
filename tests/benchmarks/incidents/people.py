"""Analysts and their portals: all of them, the busiest alone, or the few with next to no reports."""

from collections.abc import Sequence

from analysts.codes import Role
from analysts.models import User
from countries.models import Portal

ANALYSTS = 32


def create_analysts(portals: Sequence[Portal]) -> list[User]:
    """Create analysts, three of four for all portals, as at most hotlines. `portals` from the busiest on."""
    reach = (portals, portals, portals, portals[:1])
    people = []
    for number in range(ANALYSTS):
        person, _ = User.objects.get_or_create(username=f"analyst-{number:02}", defaults={"role": Role.ANALYST})
        person.portals.set(reach[number % len(reach)])
        people.append(person)
    return people


def create_viewers(portals: Sequence[Portal]) -> dict[str, User]:
    """The viewers of measured pages, by their portals; senior analysts, so that every button is shown."""
    reach = {"all portals": portals, "the busiest portal": portals[:1], "the quietest portal": portals[-1:]}
    people = {}
    for number, (what, theirs) in enumerate(reach.items()):
        people[what], _ = User.objects.get_or_create(username=f"senior-{number}", defaults={"role": Role.SENIOR})
        people[what].portals.set(theirs)
    return people
