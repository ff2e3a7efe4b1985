"""The status strip of a decided incident: how far it is, the next step, and what else is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.codes import Severity, Verdict
from analysts.incidents.page_kit import ActionForm, FormFold, PageSection
from analysts.models import Assessment, Chase, Incident, NextStepKind, PoliceHold, User
from analysts.takedown.chasing.lists import Due
from analysts.takedown.next_steps.page_section import build_next_step_section
from analysts.takedown.next_steps.to_do import REVIEW
from analysts.takedown.routing.to_do import POLICE
from countries.decided_settings import number_in_force


class Progress(TextChoices):
    DONE = "done", gettext_lazy("done")
    NOW = "now", gettext_lazy("not yet")
    AHEAD = "ahead", gettext_lazy("later")
    # The work ended without it.
    LEFT_OUT = "left-out", gettext_lazy("not done")


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One step from the verdict to the removal. `at`: when it was done; `note`: its result.

    `label` is a noun: beside the word for its progress, a participle would read as done.
    """

    label: str
    progress: Progress
    at: datetime | date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class StatusStrip:
    """`next_step`: None if the incident is not open. `due`: other things that are due now."""

    steps: list[ProgressStep]
    next_step: PageSection | None
    due: list[Due]


def build_strip(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    decided: Assessment | None,
    due: Sequence[Due],
    hold: PoliceHold | None,
    now: datetime,
    planning: FormFold,
) -> StatusStrip | None:
    """Build the strip; None before a verdict.

    Args:
        decided: the assessment that settled the current round, if there is one.
        due: the due to-dos of the open chase.
        hold: the latest request for clearance.
        planning: the fold of the form that sets the next step.
    """
    steps = progress_steps(incident, decided)
    next_step = build_next_step_section(incident, user, bound, now, hold, planning)
    if not steps and next_step is None:
        return None
    return StatusStrip(steps, next_step, [to_do for to_do in due if to_do.kind.name not in _names_of_step(incident)])


def _names_of_step(incident: Incident) -> tuple[str, ...]:
    """The to-do kinds that are the next step itself."""
    if incident.known_next_step is None:
        return ()
    next_kind = incident.known_next_step.step_kind
    return (POLICE.name, REVIEW.name) if next_kind == NextStepKind.POLICE else (next_kind.row.to_do or REVIEW.name,)


def progress_steps(incident: Incident, decided: Assessment | None) -> list[ProgressStep]:
    """The steps of the latest takedown; of other incidents the verdict and the end. Empty before the first verdict."""
    if incident.known_chases and not (incident.is_open_to_review and incident.known_chases[-1].ended_at):
        return _steps_of_chase(incident, incident.known_chases[-1])
    if decided is None:
        return []
    verdict = ProgressStep(_("Verdict"), Progress.DONE, decided.at, _verdict_in_words(decided))
    if incident.closed_on is None:
        return [verdict, ProgressStep(_("Closing"), Progress.NOW)]
    return [verdict, ProgressStep(_("Closing"), Progress.DONE, incident.closed_on, incident.get_closing_display())]


def _verdict_in_words(decided: Assessment) -> str:
    if decided.severity:
        return str(Severity(decided.severity).label)
    return str(Verdict(decided.verdict).label)


def _steps_of_chase(incident: Incident, chase: Chase) -> list[ProgressStep]:
    is_routed, route = chase.routed_trace is not None and not chase.has_moved, incident.latest_route
    routed_at = (route.at if route else chase.traced_at) if is_routed else None
    severity = str(Severity(incident.severity).label) if incident.severity else ""
    past_steps: list[tuple[str, datetime | None, str]] = [
        (_("Verdict"), chase.since, severity),
        (_("Hosting trace"), chase.traced_at, ""),
        (_("Route"), routed_at, _("the hosting has changed") if chase.has_moved else ""),
        (_("First notice"), chase.noticed_at, ""),
        (_("Removal"), chase.removed_at if chase.is_gone else None, _removal_note(chase)),
    ]
    step = incident.known_next_step
    waiting_label = _("waiting for %(whom)s") % {"whom": step.waits_for.label} if step and step.is_wait else ""
    now = next((number for number, (_label, at, _note) in enumerate(past_steps) if at is None), None)
    ahead = Progress.LEFT_OUT if chase.ended_at else Progress.AHEAD
    return [
        ProgressStep(
            label,
            Progress.DONE if at else Progress.NOW if number == now and not chase.ended_at else ahead,
            at,
            note or (waiting_label if number == now else ""),
        )
        for number, (label, at, note) in enumerate(past_steps)
    ]


def _removal_note(chase: Chase) -> str:
    if chase.is_gone or not chase.removed_in_a_row:
        return ""
    return _("%(number)s of %(needed)s checks") % {
        "number": chase.removed_in_a_row,
        "needed": number_in_force("GONE_CHECKS"),
    }
