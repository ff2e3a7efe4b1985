"""The states and transitions of an incident, from which docs/reference/incident-states.md is generated."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from countries.transitions import Transition, TransitionTable


class State(TextChoices):
    WAITING = "waiting", _("waiting")
    CLAIMED = "claimed", _("in review")
    ASSESSED = "assessed", _("assessed")
    ACTING = "acting", _("takedown in progress")
    CLOSED = "closed", _("closed")


TRANSITIONS: tuple[Transition[str, State], ...] = (
    Transition("claim", frozenset({State.WAITING}), State.CLAIMED),
    Transition("release", frozenset({State.CLAIMED}), State.WAITING),
    Transition("expire", frozenset({State.CLAIMED}), State.WAITING),
    Transition("hand_over", frozenset({State.CLAIMED}), State.CLAIMED),
    # Needs no reason; the incident is not offered to the same person again that day.
    Transition("skip", frozenset({State.CLAIMED}), State.WAITING),
    Transition("renew", frozenset({State.CLAIMED}), State.CLAIMED),
    Transition("assess", frozenset({State.CLAIMED}), State.ASSESSED),
    # For a second review, or for a senior's decision if two reviews disagree.
    Transition("review_again", frozenset({State.ASSESSED}), State.WAITING),
    # Within the grace time, by the author of the decision.
    Transition("undo", frozenset({State.ASSESSED, State.CLOSED, State.WAITING}), State.CLAIMED),
    Transition("refer", frozenset({State.ASSESSED, State.ACTING}), State.ACTING),
    Transition("close", frozenset({State.ASSESSED, State.ACTING}), State.CLOSED),
    Transition("reopen", frozenset({State.ASSESSED, State.ACTING, State.CLOSED}), State.WAITING),
    # Merging moves an incident's reports to another one; splitting reverses that.
    Transition("merge", frozenset({State.WAITING, State.CLAIMED}), State.CLOSED),
    Transition("split", frozenset({State.CLOSED}), State.WAITING),
    # A flood of similar incidents, in one action.
    Transition("close_flood", frozenset({State.WAITING}), State.CLOSED),
    Transition("undo_flood", frozenset({State.CLOSED}), State.WAITING),
)

_TABLE = TransitionTable(TRANSITIONS, initial=State.WAITING, final=State.CLOSED)
sources, target, diagram = _TABLE.sources, _TABLE.target, _TABLE.diagram
