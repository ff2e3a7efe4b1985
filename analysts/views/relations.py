"""What else has to do with an incident, as its page shows it: masked, and only what the user's portals may see."""

from dataclasses import dataclass

from analysts.codes import Verdict
from analysts.models import Incident, User
from analysts.relations import merged_here, related
from analysts.views.rows import masked


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another incident; `verdict` is there where it is decided."""

    incident: Incident
    address: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents that share one thing."""

    name: str
    title: str
    neighbours: list[Neighbour]


@dataclass(frozen=True, slots=True)
class Relations:
    groups: list[Group]
    merged_here: list[Neighbour]


def relations(incident: Incident, user: User) -> Relations:
    groups = [
        Group(
            name=relation.value,
            title=str(relation.label),
            neighbours=[
                Neighbour(other, masked(other), verdict_label(other.verdict))  # type: ignore[attr-defined] # annotated
                for other in others
            ],
        )
        for relation, others in related(incident, user).items()
    ]
    return Relations(groups, [Neighbour(merged, masked(merged)) for merged in merged_here(incident, user)])


def verdict_label(verdict: str | None) -> str:
    return str(Verdict(verdict).label) if verdict else ""
