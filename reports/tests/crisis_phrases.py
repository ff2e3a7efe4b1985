"""Phrases by which the words of crisis are measured, by language or way of writing.

`crisis_phrases.json` was written together with the patterns and may be read while they are improved. The authors of the
patterns have not read `crisis_held_out.json`: only its figures say how well unknown phrases are found. Once it has been
read to improve a pattern, it needs new phrases by an author who does not know the patterns.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from reports.safety import in_crisis

DATA = Path(__file__).with_name("data")
WRITTEN_ALONG = DATA / "crisis_phrases.json"
HELD_OUT = DATA / "crisis_held_out.json"

# Per cent.
LEAST_FOUND = 80
MOST_FALSE_ALARMS = 2


@dataclass(frozen=True, slots=True)
class CrisisRecall:
    """The phrases of one language that were found. No failing test prints the phrases: they may be held out."""

    crisis: int
    missed: tuple[str, ...] = field(repr=False)
    ordinary: int
    false_alarms: tuple[str, ...] = field(repr=False)

    @property
    def percentage_found(self) -> float:
        return 100 * (self.crisis - len(self.missed)) / max(1, self.crisis)

    @property
    def is_enough(self) -> bool:
        return self.percentage_found >= LEAST_FOUND and self.percentage_false <= MOST_FALSE_ALARMS

    @property
    def percentage_false(self) -> float:
        return 100 * len(self.false_alarms) / max(1, self.ordinary)


@cache
def measure_recall(path: Path) -> dict[str, CrisisRecall]:
    """By language, and of all together as "all"."""
    recalls = {
        language.replace("_", "-").lower(): CrisisRecall(
            len(kinds["crisis"]),
            tuple(phrase for phrase in kinds["crisis"] if not in_crisis(phrase)),
            len(kinds["ordinary"]),
            tuple(phrase for phrase in kinds["ordinary"] if in_crisis(phrase)),
        )
        for language, kinds in json.loads(path.read_text(encoding="utf-8")).items()
    }
    total = CrisisRecall(
        sum(each.crisis for each in recalls.values()),
        tuple(phrase for each in recalls.values() for phrase in each.missed),
        sum(each.ordinary for each in recalls.values()),
        tuple(phrase for each in recalls.values() for phrase in each.false_alarms),
    )
    return {**recalls, "all": total}
