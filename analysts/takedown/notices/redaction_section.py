"""The incident page's section on the redaction of its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysts.incidents import contents, visible_text
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.page_urls import incident_url
from analysts.incidents.visible_text import TextPart, TextPartKind
from analysts.models import Incident, Redaction, User
from analysts.takedown.facts import redaction
from analysts.takedown.notices.redaction_forms import ConfirmOutgoing, How
from analysts.takedown.notices.redaction_review import check_can_confirm
from analysts.welfare.masked_words import Blanks
from analysts.welfare.page_section import Masking
from audit.permissions import why_not
from reports.addresses import defang_address
from reports.addresses.identifying import Finding, find_identifying_parts, token_kinds

CONFIRM = "confirm_redaction"
# The id of the section.
REDACTION = "redaction"


@dataclass(frozen=True, slots=True, repr=False)
class Leaving:
    """The content of the section. Parts of the address are included only while the incident is revealed."""

    # Labels of the kinds of personal data found.
    found: list[str]
    confirmed: Redaction | None
    url: str
    why_not: str
    whole: list[TextPart]
    leaves: list[TextPart]
    # None while the incident is masked, and when nothing can be confirmed any more.
    form: ConfirmOutgoing | None

    @property
    def is_open(self) -> bool:
        """Whether an analyst has to confirm the redaction."""
        return bool(self.found) and self.confirmed is None and not self.why_not

    @property
    def how(self) -> type[How]:
        return How


def build_redaction_section(
    incident: Incident, user: User, bound: Mapping[str, ActionForm], masking: Masking
) -> Leaving | None:
    """Build the section; None before an illegal verdict, without a readable address, and after the takedown if nothing
    was confirmed."""
    if not incident.known_chases or not incident.sealed_address:
        return None
    refused = why_not(check_can_confirm, user, incident)
    confirmed = redaction.redaction_of(incident)
    if refused and confirmed is None:
        return None
    try:
        whole = redaction.full_address(incident)
    except redaction.AddressUnreadable:
        return None
    found, blanks = find_identifying_parts(whole), masking.blanks
    left = contents.unseal_copy(confirmed) if confirmed and masking.is_lifted else None
    shown = bound.get(CONFIRM)
    return Leaving(
        found=[str(kind.label) for kind in token_kinds(found)],
        confirmed=confirmed,
        url=incident_url(incident.pk, "admin:confirm_redaction"),
        why_not=refused,
        whole=blanks.parts(mark_findings(whole, found)) if masking.is_lifted else [],
        leaves=blanks.parts(visible_text.text_parts(defang_address(left))) if left else [],
        form=build_confirm_form(whole, found, blanks, shown.data if shown else None)
        if masking.is_lifted and not refused
        else None,
    )


def build_confirm_form(
    whole: str, found: Sequence[Finding], blanks: Blanks, data: Mapping[str, object] | None = None
) -> ConfirmOutgoing:
    """The form with all findings ticked and the full address prefilled, unless the address has masked words."""
    begun = visible_text.text_parts(defang_address(whole))
    plain = all(part.kind != TextPartKind.BLANK for part in blanks.parts(begun))
    return ConfirmOutgoing(
        data,
        auto_id=f"{CONFIRM}_%s",
        whole=whole,
        findings=found,
        labels=[finding_label(whole, finding, blanks) for finding in found],
        initial={
            "cut": [f"{each.start}-{each.end}" for each in found],
            "typed": defang_address(whole) if plain else "",
        },
    )


def finding_label(whole: str, finding: Finding, blanks: Blanks) -> str:
    """The kind of the finding and its beginning, with words masked."""
    text = "".join(part.shown for part in blanks.parts(mark_findings(whole[finding.start : finding.end], [])))
    return f"{finding.kind.label}: {text}"


def mark_findings(whole: str, found: Sequence[Finding]) -> list[TextPart]:
    """The defanged address, with the findings marked."""
    made: list[TextPart] = []
    at = 0
    for finding in found:
        made += visible_text.text_parts(defang_address(whole[at : finding.start]))
        text = defang_address(whole[finding.start : finding.end])
        made.append(TextPart(text, text, TextPartKind.FOUND))
        at = finding.end
    return visible_text.limit_parts([*made, *visible_text.text_parts(defang_address(whole[at:]))])
