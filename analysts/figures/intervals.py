"""Times taken, counted by intervals: how many records took at most so many hours."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import inf

# The upper bounds in hours: by the hour up to a day, then by 3 and 6 hours, by the day up to a month, by the week.
BOUNDS = (
    *range(1, 25),
    *range(27, 73, 3),
    *range(78, 169, 6),
    *range(192, 721, 24),
    *range(888, 4_417, 168),
    # Longer.
    1_000_000,
)
# Wide intervals, for times by language, category or country.
WIDE_BOUNDS = (6, 12, 24, 48, 72, 168, 336, 720, 1_000_000)
WITHIN_HOURS = (24, 72, 168)


def percentile(numbers: Mapping[int, int], share: float) -> int | None:
    """The bound, in hours, within which at least `share` (0 to 1) of the records are; None without records.

    Args:
        numbers: records by the bound of their interval.
    """
    total = sum(numbers.values())
    bounds = sorted(numbers)
    sums = accumulate(numbers[bound] for bound in bounds)
    return next((bound for bound, sum_so_far in zip(bounds, sums, strict=True) if sum_so_far >= share * total), None)


def estimate_median(numbers: Mapping[int, int], bounds: Sequence[int]) -> float | None:
    """The median in hours, as if the records of each interval were spread evenly over it; None without records.

    Infinite where it is longer than all but the last of the `bounds`, of which `numbers` are counted by some.
    """
    half, below, low = sum(numbers.values()) / 2, 0, 0
    for bound in bounds:
        number = numbers.get(bound, 0)
        if number and below + number >= half:
            return inf if bound == bounds[-1] else low + (bound - low) * (half - below) / number
        below, low = below + number, bound
    return None


def share_within(numbers: Mapping[int, int], hours: int) -> float | None:
    """The share of the records, 0 to 1, that took at most `hours`, one of the BOUNDS; None without records."""
    total = sum(numbers.values())
    return sum(number for bound, number in numbers.items() if bound <= hours) / total if total else None
