"""Related incidents on the incident page: masked, and only those visible to the user."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from analysts.assessment.intake.spellings import ReportedSpellings, sightings_of, spellings_of
from analysts.assessment.related.addresses import ComparedAddress, SharedReveal
from analysts.assessment.related.merge_forms import Merge
from analysts.assessment.related.relations import MOST_SHOWN, count_related, find_related, incidents_merged_into
from analysts.codes import ReviewStage, Verdict
from analysts.incidents import contents
from analysts.incidents.contents.plaintexts import OpenEnvelope
from analysts.incidents.display.differences import MarkedPart
from analysts.incidents.display.visible_text import Legible, make_legible
from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.incidents.permissions import check_can_merge_away, check_can_split
from analysts.models import Incident, Report, Sighting, User
from analysts.states import State
from analysts.welfare.masked_words import Blanks
from audit.permissions import why_not
from reports.addresses import NormalisationStep, find_addresses, normalisation_steps

# The name of the form on the page.
MERGE = "merge"
# The rest of a group is folded.
MOST_IN_VIEW = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another incident; `verdict` is set if it is decided.

    `parts`: its address with the difference to the page's marked; empty if it stays masked. `merges`: the direction in
    which one click merges the two; "" if it cannot.
    """

    incident: Incident
    verdict: str = ""
    parts: Sequence[MarkedPart] = ()
    merges: str = ""

    @property
    def url(self) -> str:
        return incident_url(self.incident.pk)

    @property
    def address(self) -> ComparedAddress:
        return ComparedAddress(self.incident, self.parts)


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents that share one thing; `neighbours` is empty until they are listed."""

    name: str
    title: str
    number: int
    neighbours: list[Neighbour]

    @property
    def in_view(self) -> list[Neighbour]:
        return self.neighbours[:MOST_IN_VIEW]

    @property
    def folded(self) -> list[Neighbour]:
        return self.neighbours[MOST_IN_VIEW:]


@dataclass(frozen=True, slots=True, repr=False)
class Relations:
    """`merge` is set if the incident is revealed, or to keep the input of a refused form. `is_listed`: whether the
    groups have their incidents, which a page shows on demand. `is_asked`: whether the addresses of the others were
    asked for."""

    groups: list[Group]
    is_listed: bool
    merged_here: list[Neighbour]
    spellings: ReportedSpellings
    # Each spelling with the number of its reports, if revealed and if there are several.
    spelt: list[tuple[Legible, int]]
    merge: ActionButton | None
    is_asked: bool
    # Whether addresses of others are masked although the incident is revealed.
    some_masked: bool

    @property
    def is_empty(self) -> bool:
        return not (self.groups or self.merged_here or self.merge or self.spellings.number > 1)


@dataclass(frozen=True, slots=True, repr=False)
class ReportedAddress:
    """How the reports write the address, and what the page says of that beside each.

    `keys`: the address keys of the incident and of those merged into it, if revealed.
    """

    sightings: Sequence[Sighting]
    merged: Sequence[Incident]
    spellings: ReportedSpellings
    keys: list[str]
    why_not_split: str


def read_reported_address(incident: Incident, user: User, *, has_merged: bool, revealed: bool) -> ReportedAddress:
    """`has_merged`: whether any incidents were merged into it. One query, two with such incidents."""
    sightings = sightings_of(incident, user)
    merged = list(incidents_merged_into(incident, user)[:MOST_SHOWN]) if has_merged else []
    return ReportedAddress(
        sightings=sightings,
        merged=merged,
        spellings=spellings_of(incident, sightings),
        keys=[key for row in (incident, *merged) for key in keys_of(row)] if revealed else [],
        why_not_split=why_not(check_can_split, user, incident) if revealed else "",
    )


def build_relations(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    blanks: Blanks,
    address: ReportedAddress,
    *,
    shared: SharedReveal | None,
    is_listed: bool,
) -> Relations:
    """`shared`: None while it is masked."""
    revealed = shared is not None
    if is_listed:
        may_merge_away = revealed and not why_not(check_can_merge_away, user, incident)
        groups = groups_of(incident, user, address.sightings, shared, may_merge_away=may_merge_away)
    else:
        groups = counted_groups(incident, user, address.sightings)
    merged_here = [Neighbour(row, parts=shared.parts_of(row) if shared else ()) for row in address.merged]
    spellings = address.spellings
    return Relations(
        groups=groups,
        is_listed=is_listed,
        merged_here=merged_here,
        spellings=spellings,
        spelt=[(blanks.legible(make_legible(text)), number) for text, number in spellings.counts.items()]
        if revealed and spellings.number > 1
        else [],
        merge=merge_button(incident, user, bound) if revealed or MERGE in bound else None,
        is_asked=shared is not None and shared.is_asked,
        some_masked=revealed
        and (
            (not is_listed and bool(groups))
            or any(
                not other.parts and other.incident.sealed_address
                for others in (merged_here, *(group.neighbours for group in groups))
                for other in others
            )
        ),
    )


def show_relations(relations: Relations | None, build: Callable[[], Relations], *, is_refused: bool) -> SectionHeading:
    """The section after a verdict, folded. Without `relations` it is built, and its groups counted, once it is opened.

    A revealed page has them already: the addresses that it shows of others are on record. `is_refused`: it has the
    input of a refused form.
    """
    groups = relations.groups if relations else []
    return SectionHeading(
        outcome="; ".join(f"{group.title}: {group.number}" for group in groups),
        build=lambda: PageSection("analysts/assessment/_relations_body.html", relations or build()),
        is_open=is_refused or (relations is not None and relations.is_asked),
        is_built=relations is not None,
        keys="M" if relations and relations.merge else "",
    )


def counted_groups(incident: Incident, user: User, sightings: Sequence[Sighting]) -> list[Group]:
    numbers = count_related(incident, user, sightings)
    return [Group(relation.value, str(relation.label), number, []) for relation, number in numbers.items()]


def groups_of(
    incident: Incident,
    user: User,
    sightings: Sequence[Sighting],
    shared: SharedReveal | None,
    *,
    may_merge_away: bool,
) -> list[Group]:
    return [
        Group(
            name=relation.value,
            title=str(relation.label),
            number=len(others),
            neighbours=[
                Neighbour(
                    other,
                    verdict_label(other.verdict),  # type: ignore[attr-defined] # annotated
                    shared.parts_of(other) if shared else (),
                    merge_direction(incident, other, may_merge_away=may_merge_away) if shared else "",
                )
                for other in others
            ],
        )
        for relation, others in find_related(incident, user, sightings).items()
    ]


def merge_direction(incident: Incident, other: Incident, *, may_merge_away: bool) -> str:
    """The action that merges the two: `merge` into the other, `merge_here` into this one, or "".

    Only what is free to check: the verb checks the rest.
    """
    if may_merge_away:
        return "merge"
    is_free = other.state == State.WAITING and other.stage == ReviewStage.FIRST and other.round == 1
    return "merge_here" if is_free and not incident.is_open_to_review else ""


def verdict_label(verdict: str | None) -> str:
    return str(Verdict(verdict).label) if verdict else ""


def keys_of(incident: Incident) -> list[str]:
    """The keys by which addresses are compared; none for words and for erased addresses."""
    opened = contents.compare_address(incident)
    return [address.key for address in find_addresses(opened.normalised)] if opened else []


def merge_button(incident: Incident, user: User, bound: dict[str, ActionForm]) -> ActionButton:
    return ActionButton(
        name=MERGE,
        label=_("Merge"),
        url=incident_url(incident.pk, "admin:merge"),
        form=bound.get(MERGE) or merge_form(incident, user),
        why_not=why_not(check_can_merge_away, user, incident),
    )


def merge_form(incident: Incident, user: User, data: Mapping[str, object] | None = None) -> Merge:
    return Merge(data, auto_id="merge_%s", initial={"fence": incident.fence}, by=user)


@dataclass(frozen=True, slots=True, repr=False)
class SpellingChange:
    """One step in the normalisation of an address, defanged."""

    label: str
    parameters: Legible | None
    after: Legible


@dataclass(frozen=True, slots=True, repr=False)
class Spelling:
    """How a reporter wrote the address, and the steps that normalise it."""

    reported: Legible
    changes: list[SpellingChange]


def find_spelling(
    own_spellings: Sequence[str], envelopes: Sequence[OpenEnvelope], keys: Sequence[str], blanks: Blanks
) -> Spelling | None:
    """The spelling of the first address with one of these keys: in what the sighting kept, or in the envelopes."""
    texts = [
        *own_spellings,
        *(value for envelope in envelopes for value in envelope.payload.values() if isinstance(value, str)),
    ]
    for key in keys:
        for text in texts:
            for address in find_addresses(text):
                if address.key == key:
                    reported = blanks.legible(make_legible(address.reported))
                    return Spelling(
                        reported, [spelling_change(step, blanks) for step in normalisation_steps(text, key)]
                    )
    return None


def spelling_change(step: NormalisationStep, blanks: Blanks) -> SpellingChange:
    parameters = blanks.legible(make_legible(", ".join(step.parameters))) if step.parameters else None
    return SpellingChange(str(step.change.label), parameters, blanks.legible(make_legible(step.after)))


def split_button(
    report: Report, incident: Incident, address: ReportedAddress, bound: dict[str, ActionForm]
) -> ActionButton:
    name = f"split_{report.pk}"
    return ActionButton(
        name="split",
        label=_("Split off"),
        url=reverse("admin:split", args=[incident.pk, report.pk]),
        form=bound.get(name) or ActionForm(auto_id=f"{name}_%s"),
        why_not=address.why_not_split,
    )
