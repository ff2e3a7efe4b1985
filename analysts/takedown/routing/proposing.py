"""The proposed route on the incident page, with its steps, reasons and recipients."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.forms.boundfield import BoundField, BoundWidget
from django.utils.translation import gettext as _

from analysts.codes import Verdict
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionButton, ActionForm
from analysts.incidents.page_urls import incident_url
from analysts.models import Assessment, Chase, Incident, Recipient, RecipientKind, Route, RouteStep, User
from analysts.takedown.routing import permissions, referrals
from analysts.takedown.routing.destinations import national_recipients
from analysts.takedown.routing.forms import ASKED, ConfirmRoute, contact_method_label
from analysts.takedown.routing.rules import Proposal, propose_route
from analysts.takedown.tracing.page_section import place_of
from audit.permissions import is_allowed, why_not
from countries.languages import country_in_words

# The name of the form on the page.
CONFIRM = "confirm_route"


@dataclass(frozen=True, slots=True)
class StepOption:
    """A step to tick, with the reasons for it, its delay in hours, and its recipient."""

    option: BoundWidget
    reasons: tuple[str, ...]
    after_hours: int
    # The known recipient; otherwise `field`, shown with the first step that needs it, to choose one.
    to: str
    field: BoundField | None

    @property
    def is_open(self) -> bool:
        """Whether the step is ticked or its field has errors."""
        return bool(self.option.data["selected"]) or bool(self.field and self.field.errors)


@dataclass(frozen=True, slots=True)
class Proposing:
    place: str
    # The country of the last confirmed route, if the incident has moved since.
    before: str
    proposed: list[StepOption]
    others: list[StepOption]
    button: ActionButton

    @property
    def no_rule(self) -> bool:
        return not self.proposed


def needs_route(
    incident: Incident, chase: Chase, route: Route | None, user: User, decided: Assessment | None = None
) -> bool:
    """Whether no route is confirmed for this trace and verdict, and the user can confirm one now.

    `decided`: the assessment that settled the current round, if that is known.
    """
    if not chase.trace or not is_allowed(permissions.check_can_route, user, incident):
        return False
    if route is None:
        return True
    verdict = decided if decided and decided.verdict == Verdict.ILLEGAL else referrals.verdict_of(incident)
    return (route.assessment_id, route.trace) != (verdict.pk, chase.trace)


def build_proposing(
    incident: Incident, chase: Chase, route: Route | None, user: User, bound: dict[str, ActionForm]
) -> Proposing:
    refused = why_not(permissions.check_can_route, user, incident)
    proposal = propose_route(chase.country, incident.severity)
    form = bound.get(CONFIRM) or confirm_form(chase, proposal)
    lines = list(lines_of(form, proposal, chase))
    return Proposing(
        place=place_of(chase),
        before=country_in_words(route.country) if route and chase.has_moved else "",
        proposed=[line for line in lines if line.reasons],
        others=[line for line in lines if not line.reasons],
        button=ActionButton(
            name=CONFIRM,
            label=_("Confirm route"),
            url=incident_url(incident.pk, "admin:confirm_route"),
            form=form,
            why_not=refused,
        ),
    )


def confirm_form(chase: Chase, proposal: Proposal, data: Mapping[str, object] | None = None) -> ConfirmRoute:
    initial = {"trace": chase.trace, "steps": [step.value for step in proposal.steps]}
    return ConfirmRoute(
        data, auto_id=f"{CONFIRM}_%s", initial=initial, proposal=proposal, national=national_recipients(chase.country)
    )


def lines_of(form: ActionForm, proposal: Proposal, chase: Chase) -> list[StepOption]:
    """Return the proposed steps in the order of the rules, then the other steps."""
    options = {RouteStep(option.data["value"]): option for option in form["steps"].subwidgets}
    with_field: set[RecipientKind] = set()
    lines = []
    for step in [*proposal.steps, *(step for step in RouteStep if step not in proposal.steps)]:
        kind, proposed = step.recipient_kind, proposal.of(step)
        field = form[kind.value] if kind in ASKED and kind not in with_field else None
        if kind:
            with_field.add(kind)
        lines.append(
            StepOption(
                option=options[step],
                reasons=proposed.reasons if proposed else (),
                after_hours=proposed.after_hours if proposed else 0,
                to=describe_recipient(chase.provider) if kind and kind.row.is_traced and chase.provider else "",
                field=field,
            )
        )
    return lines


def describe_recipient(recipient: Recipient) -> str:
    return f"{defang_text(recipient.name)} ({contact_method_label(recipient)})"
