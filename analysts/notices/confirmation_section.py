"""The incident page's section on what may leave of its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from analysts import contents, legible
from analysts.blanks import Blanks
from analysts.forms import Act
from analysts.legible import Kind, Part
from analysts.models import Incident, Outgoing, User
from analysts.notices import outgoing
from analysts.notices.confirmation import check_can_confirm
from analysts.notices.confirmation_forms import ConfirmOutgoing, How
from analysts.notices.findings import Finding, findings, kinds
from analysts.views.veil import Veil
from audit.permissions import why_not
from reports.addresses import defang

CONFIRM = "confirm_outgoing"


@dataclass(frozen=True, slots=True, repr=False)
class Leaving:
    """What the section shows. Parts of the address are there only while it is revealed."""

    # What was found, in words.
    found: list[str]
    confirmed: Outgoing | None
    url: str
    why_not: str
    whole: list[Part]
    leaves: list[Part]
    # None while it is veiled, and where nothing can be confirmed any more.
    form: ConfirmOutgoing | None

    @property
    def is_open(self) -> bool:
        """Somebody has to say what may leave."""
        return bool(self.found) and self.confirmed is None and not self.why_not

    @property
    def how(self) -> type[How]:
        return How


def leaving(incident: Incident, user: User, bound: Mapping[str, Act], veil: Veil) -> Leaving | None:
    """The section; None before an illegal verdict, where there is no address, and once it is over without a word."""
    if not incident.known_chases or not incident.sealed_address:
        return None
    refused = why_not(check_can_confirm, user, incident)
    confirmed = outgoing.confirmation(incident)
    if refused and confirmed is None:
        return None
    try:
        whole = outgoing.full_address(incident)
    except outgoing.Unreadable:
        return None
    found, blanks = findings(whole), veil.blanks
    left = contents.copied_address(confirmed) if confirmed and veil.is_lifted else None
    shown = bound.get(CONFIRM)
    return Leaving(
        found=[str(kind.label) for kind in kinds(found)],
        confirmed=confirmed,
        url=reverse("admin:confirm_outgoing", args=[incident.pk]),
        why_not=refused,
        whole=blanks.parts(marked(whole, found)) if veil.is_lifted else [],
        leaves=blanks.parts(legible.parts(defang(left))) if left else [],
        form=form(whole, found, blanks, shown.data if shown else None) if veil.is_lifted and not refused else None,
    )


def form(
    whole: str, found: Sequence[Finding], blanks: Blanks, data: Mapping[str, Any] | None = None
) -> ConfirmOutgoing:
    """All that was found is ticked; what is typed begins with all of the address, unless words of it stay blank."""
    begun = legible.parts(defang(whole))
    plain = all(part.kind != Kind.BLANK for part in blanks.parts(begun))
    return ConfirmOutgoing(
        data,
        auto_id=f"{CONFIRM}_%s",
        whole=whole,
        found=found,
        labels=[label(whole, finding, blanks) for finding in found],
        initial={"cut": [f"{each.start}-{each.end}" for each in found], "typed": defang(whole) if plain else ""},
    )


def label(whole: str, finding: Finding, blanks: Blanks) -> str:
    """What it may be, and how it begins."""
    text = "".join(part.shown for part in blanks.parts(marked(whole[finding.start : finding.end], [])))
    return f"{finding.kind.label}: {text}"


def marked(whole: str, found: Sequence[Finding]) -> list[Part]:
    """The address disarmed, with a mark on what was found."""
    made: list[Part] = []
    at = 0
    for finding in found:
        made += legible.parts(defang(whole[at : finding.start]))
        text = defang(whole[finding.start : finding.end])
        made.append(Part(text, text, Kind.FOUND))
        at = finding.end
    return legible.bounded([*made, *legible.parts(defang(whole[at:]))])
