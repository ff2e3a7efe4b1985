"""How far two looks agree: counted by month, without anybody's name."""

from datetime import UTC, date, datetime

from analysts import agreement
from analysts.models import Agreement

MARCH = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


def counted() -> list[tuple[date, str, str, int]]:
    return list(
        Agreement.objects.order_by("month", "first", "second").values_list("month", "first", "second", "number")
    )


def test_a_pair_is_counted_in_its_month(db: None) -> None:
    agreement.count(first="A", second="B", at=MARCH)
    agreement.count(first="A", second="B", at=MARCH)
    agreement.count(first="B", second="A", at=MARCH)
    agreement.count(first="A", second="B", at=datetime(2026, 4, 1, tzinfo=UTC))

    march, april = date(2026, 3, 1), date(2026, 4, 1)
    assert counted() == [(march, "A", "B", 2), (march, "B", "A", 1), (april, "A", "B", 1)]


def test_a_pair_that_is_taken_back_is_counted_down_and_never_below_zero(db: None) -> None:
    agreement.count(first="A", second="A", at=MARCH)

    for _ in range(3):
        agreement.count(first="A", second="A", at=MARCH, by=-1)
    agreement.count(first="C", second="C", at=MARCH, by=-1)

    assert counted() == [(date(2026, 3, 1), "A", "A", 0)]
