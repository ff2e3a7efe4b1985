"""The states of an incident and its transitions: one table. docs/reference/incident-states.md is generated from it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from countries.transitions import Transition, TransitionTable


class State(TextChoices):
    WAITING = "waiting", _("waiting")
    CLAIMED = "claimed", _("claimed")
    ASSESSED = "assessed", _("assessed")
    ACTING = "acting", _("acting")
    CLOSED = "closed", _("closed")


TRANSITIONS: tuple[Transition[str, State], ...] = (
    Transition("claim", frozenset({State.WAITING}), State.CLAIMED),
    Transition("release", frozenset({State.CLAIMED}), State.WAITING),
    Transition("expire", frozenset({State.CLAIMED}), State.WAITING),
    Transition("hand_over", frozenset({State.CLAIMED}), State.CLAIMED),
    # Not asked why: back into the queue, and not to the same person.
    Transition("skip", frozenset({State.CLAIMED}), State.WAITING),
    Transition("renew", frozenset({State.CLAIMED}), State.CLAIMED),
    Transition("assess", frozenset({State.CLAIMED}), State.ASSESSED),
    # A second look, or a senior's decision where two looks disagree.
    Transition("look_again", frozenset({State.ASSESSED}), State.WAITING),
    # Within the grace time, by whoever decided.
    Transition("undo", frozenset({State.ASSESSED, State.CLOSED, State.WAITING}), State.CLAIMED),
    Transition("refer", frozenset({State.ASSESSED, State.ACTING}), State.ACTING),
    Transition("close", frozenset({State.ASSESSED, State.ACTING}), State.CLOSED),
    Transition("reopen", frozenset({State.ASSESSED, State.ACTING, State.CLOSED}), State.WAITING),
    # Its reports are those of another incident from now on, and the other way round.
    Transition("merge", frozenset({State.WAITING, State.CLAIMED}), State.CLOSED),
    Transition("split", frozenset({State.CLOSED}), State.WAITING),
    # Many that are nearly alike, in one act.
    Transition("close_flood", frozenset({State.WAITING}), State.CLOSED),
    Transition("undo_flood", frozenset({State.CLOSED}), State.WAITING),
)

_TABLE = TransitionTable(TRANSITIONS, initial=State.WAITING, final=State.CLOSED)
sources, target, diagram = _TABLE.sources, _TABLE.target, _TABLE.diagram
