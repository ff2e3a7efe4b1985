"""Actions of recipients on a notice, as staff and reports of figures name them: one row for each action."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.notices import DecisionGround, RecipientAction


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientActionRow:
    label: Promise
    # The next step of staff, and the id of the incident page's section for it.
    next_step: Promise
    section: str
    # It says that the content is no longer there, so that a check is due.
    is_removal: bool = False


_STILL_THERE = _("It may still be online elsewhere. Check it on the isolated workstation, or escalate.")
_REMOVED = _("Check the removal on the isolated workstation. This reply alone does not end the takedown.")

RECIPIENT_ACTIONS: Mapping[RecipientAction, RecipientActionRow] = {
    RecipientAction.REMOVED: RecipientActionRow(
        label=_("removed"), next_step=_REMOVED, section="status", is_removal=True
    ),
    RecipientAction.BLOCKED: RecipientActionRow(
        label=_("blocked by country"), next_step=_STILL_THERE, section="status"
    ),
    RecipientAction.LIMITED: RecipientActionRow(
        label=_("visibility limited"), next_step=_STILL_THERE, section="status"
    ),
    RecipientAction.ACCOUNT_CLOSED: RecipientActionRow(
        label=_("account closed"), next_step=_REMOVED, section="status", is_removal=True
    ),
    RecipientAction.NO_ACTION: RecipientActionRow(
        label=_("no action"),
        next_step=_("They leave it online. Escalate, or add another recipient."),
        section="status",
    ),
}

GROUNDS: Mapping[DecisionGround, Promise] = {
    DecisionGround.LAW: _("on the ground of law"),
    DecisionGround.TERMS: _("on the ground of their terms"),
}


def is_refusal(action: str, ground: str) -> bool:
    """Whether the recipient does not find the content illegal: no action, on the ground of law."""
    return action == RecipientAction.NO_ACTION and ground == DecisionGround.LAW
