"""The incident page's section on the redaction of its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analysts.incidents import contents
from analysts.incidents.display import visible_text
from analysts.incidents.display.visible_text import TextPart, TextPartKind
from analysts.incidents.page_kit import ActionForm, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.models import Incident, Redaction, User
from analysts.takedown.facts import redaction
from analysts.takedown.notices.redaction_forms import ConfirmOutgoing, How
from analysts.takedown.notices.redaction_review import check_can_confirm
from analysts.welfare.masked_words import Blanks
from audit.permissions import why_not
from reports.addresses import defang_address
from reports.addresses.identifying import Finding, find_identifying_parts, token_kinds

CONFIRM = "confirm_redaction"
# The id of the section.
REDACTION = "redaction"


@dataclass(frozen=True, slots=True, repr=False)
class RedactionPart:
    """The content of the section. Parts of the address are included only while the incident is revealed."""

    # Labels of the kinds of personal data found.
    kinds: list[str]
    confirmed: Redaction | None
    url: str
    why_not: str
    whole: list[TextPart]
    shared: list[TextPart]
    # None while the incident is masked, and when nothing can be confirmed any more.
    form: ConfirmOutgoing | None

    @property
    def is_open(self) -> bool:
        """Whether an analyst has to confirm the redaction."""
        return bool(self.kinds) and self.confirmed is None and not self.why_not

    @property
    def how(self) -> type[How]:
        return How


def show_redaction(part: RedactionPart) -> SectionHeading:
    """The section. Its content is always on the page, which has opened the address to know whether it is due."""
    if part.confirmed:
        outcome = _("Sent redacted") if part.confirmed.is_shortened else _("Sent in full")
    elif part.kinds:
        outcome = _("To be confirmed: it may identify a person")
    else:
        outcome = _("No personal details detected")
    return SectionHeading(
        outcome=outcome,
        build=lambda: PageSection("analysts/takedown/notices/_redaction_section.html", part),
        is_open=part.form is not None and part.form.is_bound,
        is_built=True,
        keys="d" if part.form else "",
    )


def read_redaction(
    incident: Incident, user: User, bound: Mapping[str, ActionForm], blanks: Blanks, *, revealed: bool
) -> RedactionPart | None:
    """The section after an illegal verdict, and where a child may be in danger; None without a readable address, and
    after the takedown if nothing was confirmed."""
    if not incident.sealed_address:
        return None
    refused = why_not(check_can_confirm, user, incident)
    confirmed = redaction.redaction_of(incident)
    if refused and confirmed is None:
        return None
    if confirmed and not revealed:
        # Its address need not be opened: what was found in it is shown until it is confirmed.
        return RedactionPart([], confirmed, incident_url(incident.pk, "admin:confirm_redaction"), refused, [], [], None)
    try:
        whole = redaction.full_address(incident)
    except redaction.AddressUnreadable:
        return None
    findings = find_identifying_parts(whole)
    copy = contents.reveal_copy(confirmed) if confirmed and revealed else None
    refused_form = bound.get(CONFIRM)
    return RedactionPart(
        kinds=[str(kind.label) for kind in token_kinds(findings)],
        confirmed=confirmed,
        url=incident_url(incident.pk, "admin:confirm_redaction"),
        why_not=refused,
        whole=blanks.parts(mark_findings(whole, findings)) if revealed else [],
        shared=blanks.parts(visible_text.text_parts(defang_address(copy))) if copy else [],
        form=build_confirm_form(whole, findings, blanks, refused_form.data if refused_form else None)
        if revealed and not refused
        else None,
    )


def build_confirm_form(
    whole: str, findings: Sequence[Finding], blanks: Blanks, data: Mapping[str, object] | None = None
) -> ConfirmOutgoing:
    """The form with all findings ticked and the full address prefilled, unless the address has masked words."""
    parts = visible_text.text_parts(defang_address(whole))
    plain = all(part.kind != TextPartKind.BLANK for part in blanks.parts(parts))
    return ConfirmOutgoing(
        data,
        auto_id=f"{CONFIRM}_%s",
        whole=whole,
        findings=findings,
        labels=[finding_label(whole, finding, blanks) for finding in findings],
        initial={
            "cut": [f"{finding.start}-{finding.end}" for finding in findings],
            "typed": defang_address(whole) if plain else "",
        },
    )


def finding_label(whole: str, finding: Finding, blanks: Blanks) -> str:
    """The kind of the finding and its beginning, with words masked."""
    text = "".join(part.display for part in blanks.parts(mark_findings(whole[finding.start : finding.end], [])))
    return f"{finding.kind.label}: {text}"


def mark_findings(whole: str, findings: Sequence[Finding]) -> list[TextPart]:
    """The defanged address, with the findings marked."""
    parts: list[TextPart] = []
    at = 0
    for finding in findings:
        parts += visible_text.text_parts(defang_address(whole[at : finding.start]))
        text = defang_address(whole[finding.start : finding.end])
        parts.append(TextPart(text, text, TextPartKind.FOUND))
        at = finding.end
    return visible_text.limit_parts([*parts, *visible_text.text_parts(defang_address(whole[at:]))])
