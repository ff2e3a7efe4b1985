"""The steps of a report, done and to come: a function of the published outcomes alone, so it says no more than they do.

The words are the same whether an address was known before or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.outcomes import Outcome, PublicState


class StepMark(TextChoices):
    DONE = "done", _("Done")
    PARTLY = "partly", _("Partly done")
    TO_COME = "to-come", _("Still to come")


@dataclass(frozen=True, slots=True)
class ReportStep:
    text: Promise
    mark: StepMark


# The steps in order, each with the public states whose sentence says that it is done.
_REMOVAL = (PublicState.PASSED_ON, PublicState.NOTICE_SENT, PublicState.LISTED, PublicState.GONE)
_STEPS: tuple[tuple[Promise, tuple[PublicState, ...]], ...] = (
    (
        _("The hotline gets your report."),
        (PublicState.RECEIVED, PublicState.AGAIN, PublicState.BEING_ASSESSED, *_REMOVAL),
    ),
    (_("An analyst starts to look at it."), (PublicState.BEING_ASSESSED, *_REMOVAL)),
    (_("If it is illegal, the hotline asks for it to be taken down, or passes it on."), _REMOVAL),
    (_("The hotline checks until it is gone."), (PublicState.GONE,)),
)
_FINISHED = _("The hotline has finished its work.")


def steps_of(outcomes: Sequence[Outcome]) -> list[ReportStep]:
    """The steps of a report with these outcomes; none of them at all means received.

    A closed address goes through no further step: the closing says nothing of those before. Raises ValueError for a
    state outside the closed set.
    """
    states = [PublicState(state) for state, _reason, _count in outcomes] or [PublicState.RECEIVED]
    going_on = [state for state in states if state is not PublicState.CLOSED]
    if not going_on:
        return [ReportStep(_STEPS[0][0], StepMark.DONE), ReportStep(_FINISHED, StepMark.DONE)]
    return [ReportStep(text, _mark_of(going_on, completed)) for text, completed in _STEPS]


def _mark_of(states: Sequence[PublicState], completed: Sequence[PublicState]) -> StepMark:
    reached = [state in completed for state in states]
    if all(reached):
        return StepMark.DONE
    return StepMark.PARTLY if any(reached) else StepMark.TO_COME
