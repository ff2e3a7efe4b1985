"""The incident page's section on what may leave of its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from analysts.incidents import contents, visible_text
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.visible_text import Kind, Part
from analysts.models import Incident, Outgoing, User
from analysts.takedown.facts import redaction
from analysts.takedown.notices.redaction_forms import ConfirmOutgoing, How
from analysts.takedown.notices.redaction_review import check_can_confirm
from analysts.welfare.masked_words import Blanks
from analysts.welfare.page_section import Veil
from audit.permissions import why_not
from reports.addresses import defang
from reports.addresses.identifying import Finding, findings, kinds

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


def leaving(incident: Incident, user: User, bound: Mapping[str, ActionForm], veil: Veil) -> Leaving | None:
    """The section; None before an illegal verdict, where there is no address, and once it is over without a word."""
    if not incident.known_chases or not incident.sealed_address:
        return None
    refused = why_not(check_can_confirm, user, incident)
    confirmed = redaction.confirmation(incident)
    if refused and confirmed is None:
        return None
    try:
        whole = redaction.full_address(incident)
    except redaction.Unreadable:
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
        leaves=blanks.parts(visible_text.parts(defang(left))) if left else [],
        form=form(whole, found, blanks, shown.data if shown else None) if veil.is_lifted and not refused else None,
    )


def form(
    whole: str, found: Sequence[Finding], blanks: Blanks, data: Mapping[str, Any] | None = None
) -> ConfirmOutgoing:
    """All that was found is ticked; what is typed begins with all of the address, unless words of it stay blank."""
    begun = visible_text.parts(defang(whole))
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
        made += visible_text.parts(defang(whole[at : finding.start]))
        text = defang(whole[finding.start : finding.end])
        made.append(Part(text, text, Kind.FOUND))
        at = finding.end
    return visible_text.bounded([*made, *visible_text.parts(defang(whole[at:]))])
