"""Kinds of reply, as staff name them, and the next step that each causes: one row for each kind.

Reading a reply ends the step of reading it. The step of its row ends only when it is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.codes.next_steps import NextStepKind
from analysts.codes.recipient_actions import RECIPIENT_ACTIONS
from reports.notices import AnswerKind, RecipientAction


class Clearance(TextChoices):
    """The decision of the police on a request for clearance."""

    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")
    # Another police force has to be asked.
    NOT_OURS = "not_ours", _("not theirs to decide")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKindRow:
    """`step` None: nothing but reading it, or the step of the action that the reply states.

    `next_step`: the step in a sentence, beside the reply. `claim`: introduces words that are a claim to be checked.
    Answers of the police cause their step, and decide about clearance, once they are valid; until then, a call back.
    """

    label: Promise
    step: NextStepKind | None = None
    next_step: Promise | None = None
    claim: Promise | None = None
    decides: Clearance | None = None


CALL_SENTENCE = _("Call them on their verified number, and record what they say.")
ANSWER_KINDS: Mapping[AnswerKind, AnswerKindRow] = {
    AnswerKind.ACKNOWLEDGED: AnswerKindRow(label=_("They have received it and are looking into it")),
    AnswerKind.GRANTED: AnswerKindRow(label=_("They grant clearance"), decides=Clearance.GRANTED),
    AnswerKind.REFUSED: AnswerKindRow(
        label=_("They refuse clearance"),
        step=NextStepKind.REFUSED,
        next_step=_("Decide what happens next: nothing is sent."),
        decides=Clearance.REFUSED,
    ),
    AnswerKind.CASE_OPENED: AnswerKindRow(label=_("They have opened a case")),
    AnswerKind.NOT_FOR_US: AnswerKindRow(
        label=_("They say it is not for them"),
        step=NextStepKind.OTHER_POLICE,
        next_step=_("Choose another police force."),
        claim=_("Who it is for as they say, unverified."),
        decides=Clearance.NOT_OURS,
    ),
    AnswerKind.REMOVED: AnswerKindRow(label=_("They say it is removed")),
    AnswerKind.DECIDED: AnswerKindRow(label=_("They have decided what to do")),
    AnswerKind.NOT_OURS: AnswerKindRow(
        label=_("They say it is not hosted with them"),
        step=NextStepKind.RETRACE,
        next_step=_("Trace the hosting again. If it is hosted elsewhere, approve the new route."),
        claim=_("Who hosts it as they say, unverified. Trace it; do not enter it as a trace."),
    ),
    AnswerKind.NEED_MORE: AnswerKindRow(
        label=_("They need more information"),
        step=NextStepKind.INFORM,
        next_step=_("Choose a letter that answers it."),
    ),
    AnswerKind.CONTESTED: AnswerKindRow(
        label=_("They contest it"),
        step=NextStepKind.APPEAL,
        next_step=_("A senior analyst who has not assessed it reviews this appeal."),
    ),
    AnswerKind.CALL_ME: AnswerKindRow(
        label=_("They ask to be called"), step=NextStepKind.CALL_BACK, next_step=CALL_SENTENCE
    ),
}


def step_after(kind: AnswerKind, action: RecipientAction | None) -> NextStepKind | None:
    """The step that a reply of this kind and action causes; None for one that needs only to be read."""
    return ANSWER_KINDS[kind].step or (RECIPIENT_ACTIONS[action].step if action else None)
