"""Inter-rater agreement: how often first and second reviews reach the same category.

A pair is the category of a first review and that of the second review of the same incident (`Assessment.category`).
Only monthly counts are kept, without persons: they measure how clear the rules are, not who is right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import F, TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes import Severity, Verdict
from analysts.models import Agreement
from countries.disclosure import FEWEST_PAIRS

# All values of `Assessment.category`, in the order of our code lists.
CATEGORIES: tuple[Severity | Verdict, ...] = (
    *Severity,
    *(verdict for verdict in Verdict if verdict != Verdict.ILLEGAL),
)

# The number of pairs by (first category, second category).
type Matrix = Mapping[tuple[str, str], int]

MONTHS = 12


class Reading(TextChoices):
    """Kappa as interpreted by Landis and Koch (Biometrics 33, 1977, 159-174), who call their divisions arbitrary."""

    FEW = "few", _("too few pairs")
    UNDEFINED = "undefined", _("not defined: all pairs are in one category")
    NONE = "none", _("no better than chance")
    SLIGHT = "slight", _("slight")
    FAIR = "fair", _("fair")
    MODERATE = "moderate", _("moderate")
    SUBSTANTIAL = "substantial", _("substantial")
    NEARLY_COMPLETE = "nearly_complete", _("almost perfect")


@dataclass(frozen=True, slots=True)
class Figures:
    """`rate`: 0 to 1, None without pairs. `kappa`: at most 1, None if the expected chance agreement is complete."""

    pairs: int
    rate: float | None
    kappa: float | None

    @property
    def percent(self) -> int | None:
        return None if self.rate is None else round(100 * self.rate)

    @property
    def reading(self) -> Reading:
        if self.pairs < FEWEST_PAIRS:
            return Reading.FEW
        match self.kappa:
            case None:
                return Reading.UNDEFINED
            case kappa if kappa <= 0:
                return Reading.NONE
            case kappa if kappa <= 0.2:
                return Reading.SLIGHT
            case kappa if kappa <= 0.4:
                return Reading.FAIR
            case kappa if kappa <= 0.6:
                return Reading.MODERATE
            case kappa if kappa <= 0.8:
                return Reading.SUBSTANTIAL
            case _:
                return Reading.NEARLY_COMPLETE


def count_pair(*, first: str, second: str, at: datetime) -> None:
    """Count a pair. A second review cannot be undone, so no count is ever reduced.

    Part of the action's transaction: concurrent actions wait for each other only if they count the same pair.
    """
    month = at.astimezone(UTC).date().replace(day=1)
    pairs = Agreement.objects.filter(month=month, first=first, second=second)
    if not pairs.update(number=F("number") + 1):
        # The first such pair of the month. A concurrent transaction may have inserted the row first.
        Agreement.objects.bulk_create([Agreement(month=month, first=first, second=second)], ignore_conflicts=True)
        pairs.update(number=F("number") + 1)


def months_until(last: date, number: int = MONTHS) -> list[date]:
    """The first days of the `number` months that end with the month of `last`."""
    counted = [last.year * 12 + last.month - 1 - back for back in reversed(range(number))]
    return [date(month // 12, month % 12 + 1, 1) for month in counted]


def by_month(months: Iterable[date]) -> dict[date, Matrix]:
    """The matrix of each month, including empty ones. One query, of at most 49 rows per month."""
    matrices: dict[date, dict[tuple[str, str], int]] = {month: {} for month in months}
    for pairs in Agreement.objects.filter(month__in=matrices, number__gt=0):
        matrices[pairs.month][pairs.first, pairs.second] = pairs.number
    return dict(matrices)


def sum_matrices(matrices: Iterable[Matrix]) -> Matrix:
    total: dict[tuple[str, str], int] = {}
    for matrix in matrices:
        for pair, number in matrix.items():
            total[pair] = total.get(pair, 0) + number
    return total


def overall_figures(matrix: Matrix) -> Figures:
    """Figures over all categories, with Cohen's kappa (Educational and Psychological Measurement 20, 1960, 37-46)."""
    pairs = sum(matrix.values())
    agreed = sum(number for (first, second), number in matrix.items() if first == second)
    return Figures(pairs, rate=agreed / pairs if pairs else None, kappa=_cohen_kappa(matrix))


def figures_of(category: str, matrix: Matrix) -> Figures:
    """Figures of one category: the pairs that contain it, its specific agreement, and kappa against all others.

    The rate is the specific agreement 2a / (2a + b + c): a pairs have the category on both sides, b and c on one side.
    """
    against_others = sum_matrices(
        {(str(first == category), str(second == category)): number} for (first, second), number in matrix.items()
    )
    both = against_others.get(("True", "True"), 0)
    one = against_others.get(("True", "False"), 0) + against_others.get(("False", "True"), 0)
    rate = 2 * both / (2 * both + one) if both + one else None
    return Figures(both + one, rate=rate, kappa=_cohen_kappa(against_others))


def _cohen_kappa(matrix: Matrix) -> float | None:
    pairs = sum(matrix.values())
    agreed = sum(number for (first, second), number in matrix.items() if first == second)
    # The expected chance agreement times the pairs squared: in integers, so that complete agreement is exact.
    chance = 0
    for category in {category for pair in matrix for category in pair}:
        firsts = sum(number for (first, _second), number in matrix.items() if first == category)
        seconds = sum(number for (_first, second), number in matrix.items() if second == category)
        chance += firsts * seconds
    if chance == pairs * pairs:
        return None
    return (pairs * agreed - chance) / (pairs * pairs - chance)
