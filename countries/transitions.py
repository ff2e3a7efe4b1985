"""A table of states and of the verbs that lead from one to another, with its diagram for docs/reference."""

from dataclasses import dataclass

from django.db.models import TextChoices


@dataclass(frozen=True, slots=True)
class Transition[Verb: str, State: TextChoices]:
    """One arrow: the verb, the states it may be used from, the state it leads to."""

    verb: Verb
    sources: frozenset[State]
    target: State


class TransitionTable[Verb: str, State: TextChoices]:
    """All transitions of one thing, each verb once.

        PORTAL = TransitionTable((Transition("close", frozenset({LIVE}), CLOSED),), initial=LIVE)
        PORTAL.target("close")

    `final`: the state that ends the diagram, where there is one.
    """

    def __init__(
        self, transitions: tuple[Transition[Verb, State], ...], *, initial: State, final: State | None = None
    ) -> None:
        self.transitions = transitions
        self.initial = initial
        self.final = final
        self._by_verb = {transition.verb: transition for transition in transitions}

    def sources(self, verb: Verb) -> frozenset[State]:
        """The states from which `verb` may be used."""
        return self._by_verb[verb].sources

    def target(self, verb: Verb) -> State:
        """The state `verb` leads to."""
        return self._by_verb[verb].target

    def diagram(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial.value}"]
        for transition in self.transitions:
            verb = transition.verb.value if isinstance(transition.verb, TextChoices) else transition.verb
            lines.extend(
                f"    {source} --> {transition.target.value}: {verb}"
                for source in sorted(source.value for source in transition.sources)
            )
        if self.final is not None:
            lines.append(f"    {self.final.value} --> [*]")
        return "\n".join([*lines, ""])
