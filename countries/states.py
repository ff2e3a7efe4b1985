"""The states of a portal and its transitions, in one table; docs/reference/portal-states.md is generated from it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from countries.models import PortalState
from countries.transitions import Transition, TransitionTable


class Verb(TextChoices):
    RESTRICT = "restrict", _("Restrict")
    SCHEDULE = "schedule", _("Schedule")
    LAUNCH = "launch", _("Launch")
    SUSPEND = "suspend", _("Suspend")
    REOPEN = "reopen", _("Reopen")
    CLOSE = "close", _("Close")
    WITHDRAW = "withdraw", _("Withdraw")


_S = PortalState

# Only a live portal can be suspended, so that every portal that is reopened once had its whole checklist.
TRANSITIONS: tuple[Transition[Verb, PortalState], ...] = (
    Transition(Verb.RESTRICT, frozenset({_S.DRAFT, _S.SCHEDULED, _S.LIVE, _S.SUSPENDED, _S.CLOSED}), _S.RESTRICTED),
    # To restricted only if the public never saw it: see `permissions`.
    Transition(Verb.SCHEDULE, frozenset({_S.DRAFT, _S.RESTRICTED, _S.SCHEDULED}), _S.SCHEDULED),
    Transition(Verb.LAUNCH, frozenset({_S.DRAFT, _S.RESTRICTED, _S.SCHEDULED, _S.CLOSED}), _S.LIVE),
    Transition(Verb.SUSPEND, frozenset({_S.LIVE}), _S.SUSPENDED),
    Transition(Verb.REOPEN, frozenset({_S.SUSPENDED}), _S.LIVE),
    Transition(Verb.CLOSE, frozenset({_S.RESTRICTED, _S.LIVE, _S.SUSPENDED}), _S.CLOSED),
    Transition(Verb.WITHDRAW, frozenset({_S.SCHEDULED}), _S.DRAFT),
)

_TABLE = TransitionTable(TRANSITIONS, initial=PortalState.DRAFT)
sources, target, diagram = _TABLE.sources, _TABLE.target, _TABLE.diagram
