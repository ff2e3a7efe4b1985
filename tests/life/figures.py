"""The steps of a run of the model, added up over all examples of a process."""

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path


@dataclass(slots=True)
class LifeFigures:
    """Steps by their name; acts that were refused; what incidents reached; and the seconds of computing."""

    steps: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    # Each verb of the model once, used or not.
    verbs: Counter[str] = field(default_factory=Counter)
    checked: int = 0
    examples: int = 0
    # Seconds of the process and of its database session.
    computed: float = 0

    @property
    def number(self) -> int:
        return self.steps.total()

    @property
    def accepted_share(self) -> float:
        return 1 - self.refused.total() / max(1, self.number)

    def note_incidents(self) -> None:
        """Count the states, closings and next steps in which incidents are now."""
        from analysts.models import Incident, NextStep  # noqa: PLC0415 - who only adds figures up loads no models

        self.reached.update(f"state {state}" for state in Incident.objects.values_list("state", flat=True))
        closings = Incident.objects.exclude(closing="").values_list("closing", flat=True)
        self.reached.update(f"closing {closing}" for closing in closings)
        self.reached.update(f"step {kind}" for kind in NextStep.objects.values_list("kind", flat=True))

    def add(self, other: "LifeFigures") -> None:
        self.steps += other.steps
        self.refused += other.refused
        self.crashes += other.crashes
        self.reached += other.reached
        self.checked += other.checked
        self.verbs |= other.verbs
        self.examples += other.examples
        self.computed += other.computed

    def append_to(self, file: Path) -> None:
        """As one line of JSON."""
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({each.name: getattr(self, each.name) for each in fields(self)}) + "\n")

    def lines(self) -> list[str]:
        return [
            f"{self.number} steps in {self.examples} examples, {self.accepted_share:.0%} accepted,"
            f" {self.crashes.total()} crashes, {self.checked} checks of invariants",
            "reached: " + ", ".join(f"{name} {number}" for name, number in sorted(self.reached.items())),
            f"{len(self.verbs) - len(self.never_accepted)} of {len(self.verbs)} verbs accepted; never accepted: "
            + (", ".join(self.never_accepted) or "none"),
            f"{1000 * self.computed / max(1, self.number):.1f} s of computing for 1,000 steps",
        ]

    @property
    def never_accepted(self) -> list[str]:
        """Verbs that were always refused, ended by a crash, or not used."""
        return sorted(self.verbs - (self.steps - self.refused - self.crashes))


def read_figures(file: Path) -> LifeFigures:
    total = LifeFigures()
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        read = json.loads(line)
        counters = {name: Counter(value) for name, value in read.items() if isinstance(value, dict)}
        checked, examples, computed = (read[name] for name in ("checked", "examples", "computed"))
        total.add(LifeFigures(**counters, checked=checked, examples=examples, computed=computed))
    return total


FIGURES = LifeFigures()
