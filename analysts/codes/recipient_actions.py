"""Actions of recipients on a notice, as staff and reports of figures name them: one row for each action."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.codes.next_steps import NextStepKind
from reports.notices import DecisionGround, RecipientAction


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientActionRow:
    label: Promise
    # The next step that it causes, and that step in a sentence.
    step: NextStepKind
    next_step: Promise


_STILL_THERE = _("It may still be online elsewhere. Check it on the isolated workstation, or escalate.")
_REMOVED = _("Check the removal on the isolated workstation. This reply alone does not end the takedown.")

RECIPIENT_ACTIONS: Mapping[RecipientAction, RecipientActionRow] = {
    RecipientAction.REMOVED: RecipientActionRow(
        label=_("removed"), step=NextStepKind.CHECK_REMOVAL, next_step=_REMOVED
    ),
    RecipientAction.BLOCKED: RecipientActionRow(
        label=_("blocked by country"), step=NextStepKind.LEFT_ONLINE, next_step=_STILL_THERE
    ),
    RecipientAction.LIMITED: RecipientActionRow(
        label=_("visibility limited"), step=NextStepKind.LEFT_ONLINE, next_step=_STILL_THERE
    ),
    RecipientAction.ACCOUNT_CLOSED: RecipientActionRow(
        label=_("account closed"), step=NextStepKind.CHECK_REMOVAL, next_step=_REMOVED
    ),
    RecipientAction.NO_ACTION: RecipientActionRow(
        label=_("no action"),
        step=NextStepKind.LEFT_ONLINE,
        next_step=_("They leave it online. Escalate, or add another recipient."),
    ),
}

GROUNDS: Mapping[DecisionGround, Promise] = {
    DecisionGround.LAW: _("on the ground of law"),
    DecisionGround.TERMS: _("on the ground of their terms"),
}


def is_refusal(action: str, ground: str) -> bool:
    """Whether the recipient does not find the content illegal: no action, on the ground of law."""
    return action == RecipientAction.NO_ACTION and ground == DecisionGround.LAW


def actions_before(step: NextStepKind) -> list[RecipientAction]:
    """The actions that cause this step."""
    return [action for action, row in RECIPIENT_ACTIONS.items() if row.step == step]
