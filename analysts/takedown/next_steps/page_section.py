"""The next step on the incident page, and the form that sets it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analysts.codes.complaints import complaint_ends
from analysts.incidents.page_kit import ActionButton, ActionForm, FormFold, PageSection
from analysts.incidents.page_urls import incident_url
from analysts.models import Incident, NextStep, NextStepKind, PoliceHold, User, WaitingFor
from analysts.takedown.next_steps import permissions
from analysts.takedown.next_steps.forms import PlanNextStep
from audit.permissions import why_not

# The form's name on the page.
PLAN = "plan_next_step"
# The ids of what is opened, by section; that of the others is the id of the folded content.
TARGETS = {"next-step": PLAN, "reports-title": "reports-title"}


@dataclass(frozen=True, slots=True)
class NextStepPart:
    step: NextStep
    is_overdue: bool
    # The button: what to do, and the id of the part of the page where it is done.
    label: str
    target: str
    # Until when a complaint is possible; None if the step is another.
    complaint_ends: datetime | None
    # Whether the police refused clearance: the page explains what can be chosen.
    is_refused: bool
    fold: FormFold
    # None until its fold is opened, unless the step leads to it.
    plan: ActionButton | None


def build_next_step_section(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    now: datetime,
    hold: PoliceHold | None,
    fold: FormFold,
) -> PageSection | None:
    """Build the section; None if the incident is not open. `hold`: the latest request for clearance."""
    step = incident.known_next_step
    if step is None:
        return None
    is_built = fold.is_asked or PLAN in bound or step.step_kind.row.section == "next-step"
    part = NextStepPart(
        step=step,
        is_overdue=step.is_overdue(now),
        complaint_ends=complaint_ends(step.since) if step.step_kind == NextStepKind.COMPLAIN else None,
        label=button_label(step, now),
        target=TARGETS.get(step.step_kind.row.section, f"{step.step_kind.row.section}-body"),
        is_refused=step.step_kind == NextStepKind.REFUSED,
        fold=fold,
        plan=plan_button(incident, user, bound, hold) if is_built else None,
    )
    return PageSection("analysts/takedown/next_steps/_page_section.html", part)


def plan_button(incident: Incident, user: User, bound: dict[str, ActionForm], hold: PoliceHold | None) -> ActionButton:
    return ActionButton(
        name=PLAN,
        label=_("Set the next step"),
        url=incident_url(incident.pk, "admin:plan_next_step"),
        form=bound.get(PLAN) or PlanNextStep(auto_id=f"{PLAN}_%s", incident=incident, hold=hold),
        why_not=why_not(permissions.check_can_plan, user, incident),
    )


def button_label(step: NextStep, now: datetime) -> str:
    """The action due: a step of an analyst is named for it; a wait is reviewed once that is due."""
    label = str(step.step_kind.label)
    if step.waits_for == WaitingFor.ANALYST or not step.is_overdue(now):
        return capfirst(label)
    return _("Review: %(step)s") % {"step": label}
