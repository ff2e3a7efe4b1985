"""The results of a proof."""

from dataclasses import asdict, dataclass, field


class NotPossibleHere(Exception):
    """This machine lacks what the proof needs; the text says what. Reported as not proved, never as proved."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside what was promised; `holds` is None for a figure without a promise."""

    name: str
    value: float | str
    goal: str = ""
    holds: bool | None = None
    unit: str = ""

    def __str__(self) -> str:
        mark = {True: "holds", False: "FAILS", None: ""}[self.holds]
        value = f"{self.value:,.3f}".rstrip("0").rstrip(".") if isinstance(self.value, float) else f"{self.value}"
        return "  ".join(part for part in (f"{self.name}: {value} {self.unit}".rstrip(), self.goal, mark) if part)


def equal_to(name: str, value: float | str, wanted: float | str, unit: str = "") -> Figure:
    """A figure that must equal `wanted`."""
    return Figure(name, value, f"must be {wanted}", value == wanted, unit)


def at_least(name: str, value: float, least: float, unit: str = "") -> Figure:
    return Figure(name, value, f"must be at least {least}", value >= least, unit)


def at_most(name: str, value: float, most: float, unit: str = "") -> Figure:
    return Figure(name, value, f"must be at most {most}", value <= most, unit)


def plain_figure(name: str, value: float | str, unit: str = "") -> Figure:
    return Figure(name, value, unit=unit)


@dataclass(slots=True)
class Result:
    """All figures of one proof. `impossible` is the reason why it could not run here."""

    proof: str
    shows: str
    promises: tuple[int, ...]
    seconds: float = 0
    figures: list[Figure] = field(default_factory=list)
    impossible: str = ""

    @property
    def holds(self) -> bool:
        return not self.impossible and bool(self.figures) and all(figure.holds is not False for figure in self.figures)

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "promises": list(self.promises), "seconds": round(self.seconds, 1), "holds": self.holds}
