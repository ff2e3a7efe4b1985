"""The states of a portal and its transitions, in one table; docs/reference/portal-states.md is generated from it."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from countries.models import PortalState


class Verb(TextChoices):
    RESTRICT = "restrict", _("Restrict")
    SCHEDULE = "schedule", _("Schedule")
    LAUNCH = "launch", _("Launch")
    SUSPEND = "suspend", _("Suspend")
    REOPEN = "reopen", _("Reopen")
    CLOSE = "close", _("Close")
    WITHDRAW = "withdraw", _("Withdraw")


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow: the verb that moves a portal, from which states, to which."""

    verb: Verb
    sources: frozenset[PortalState]
    target: PortalState


_S = PortalState

# Only what was live is suspended, so that whatever is reopened once had its whole checklist.
TRANSITIONS: tuple[Transition, ...] = (
    Transition(Verb.RESTRICT, frozenset({_S.DRAFT, _S.SCHEDULED, _S.LIVE, _S.SUSPENDED, _S.CLOSED}), _S.RESTRICTED),
    # A restricted one only where the public never knew it: see `permissions`.
    Transition(Verb.SCHEDULE, frozenset({_S.DRAFT, _S.RESTRICTED, _S.SCHEDULED}), _S.SCHEDULED),
    Transition(Verb.LAUNCH, frozenset({_S.DRAFT, _S.RESTRICTED, _S.SCHEDULED, _S.CLOSED}), _S.LIVE),
    Transition(Verb.SUSPEND, frozenset({_S.LIVE}), _S.SUSPENDED),
    Transition(Verb.REOPEN, frozenset({_S.SUSPENDED}), _S.LIVE),
    Transition(Verb.CLOSE, frozenset({_S.RESTRICTED, _S.LIVE, _S.SUSPENDED}), _S.CLOSED),
    Transition(Verb.WITHDRAW, frozenset({_S.SCHEDULED}), _S.DRAFT),
)

_BY_VERB = {transition.verb: transition for transition in TRANSITIONS}


def sources(verb: Verb) -> frozenset[PortalState]:
    """The states from which `verb` may be used."""
    return _BY_VERB[verb].sources


def target(verb: Verb) -> PortalState:
    """The state `verb` leads to."""
    return _BY_VERB[verb].target


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {PortalState.DRAFT.value}"]
    for transition in TRANSITIONS:
        lines.extend(
            f"    {source} --> {transition.target.value}: {transition.verb.value}"
            for source in sorted(source.value for source in transition.sources)
        )
    return "\n".join([*lines, ""])
