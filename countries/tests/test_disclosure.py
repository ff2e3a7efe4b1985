"""Disclosure control: the 10-5 rule, noise by cell key, complementary suppression, and the audit by bounds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from random import Random
from unittest.mock import Mock

import pytest

from countries import disclosure
from countries.disclosure import (
    BASE,
    KEYS,
    LEAST_SHOWN,
    NOISE,
    UNBOUNDED,
    Bounds,
    KeyedCount,
    TableSum,
    bounds_of,
    bounds_of_small,
    exact_bounds,
    find_exposed_cells,
    has_breakdown,
    protect_cells,
    protect_count,
    protect_derived,
    protect_share,
    sum_over_people,
    tighten_bounds,
)

ALL_KEYS = range(KEYS)


def test_small_counts_are_hidden_and_others_are_multiples_within_the_bounds_that_readers_know() -> None:
    assert {protect_count(KeyedCount(count, key)) for count in range(LEAST_SHOWN) for key in ALL_KEYS} == {None}
    for count in range(LEAST_SHOWN, 60):
        for key in ALL_KEYS:
            shown = protect_count(KeyedCount(count, key))
            assert shown is not None
            assert shown % BASE == 0
            assert bounds_of(shown).low <= count <= bounds_of(shown).high


def test_noise_is_decided_by_the_records_and_keeps_most_counts_within_3() -> None:
    assert [len(row) for row in NOISE] == [KEYS] * BASE
    assert protect_count(KeyedCount(50, 3)) == protect_count(KeyedCount(50, 3 + KEYS))
    differences = Counter(
        abs((protect_count(KeyedCount(count, key)) or 0) - count) <= 3 for count in range(20, 70) for key in ALL_KEYS
    )
    assert differences[True] / differences.total() >= 0.9
    # On average, rounding adds nothing.
    assert abs(sum(sum(row) for row in NOISE)) / (KEYS * BASE) < 0.05


def test_derived_values_are_hidden_with_their_cells() -> None:
    shares = [protect_share(*each) for each in ((15, 40), (45, 40), (None, 40), (15, None), (15, 0))]
    assert shares == [40, 100, None, None, None]
    assert (protect_derived(36, 20), protect_derived(36, 20, None)) == (36, None)
    assert [has_breakdown(KeyedCount(count, 0)) for count in (9, 10)] == [False, True]


def test_sums_over_people_need_three() -> None:
    assert sum_over_people({1: 4, 2: 5}) is None
    assert sum_over_people({1: 4, 2: 5, 3: 0}) == 9


def test_subtraction_from_a_known_total_finds_the_hidden_part() -> None:
    sums = [TableSum("all", ("a", "b"))]
    found = tighten_bounds({"all": exact_bounds(30), "a": exact_bounds(26)}, sums)
    assert found["b"] == Bounds(4, 4)
    # 10 means 10 to 15, and 40 for 35 to 45: of 12 and 38 altogether, the other has 0 to 2 and 0 to 3.
    assert find_exposed_cells({"a": 10, "b": None}, sums, {"all": exact_bounds(12)}) == ["a", "b"]
    assert find_exposed_cells({"a": 40, "b": None}, sums, {"all": exact_bounds(38)}) == ["a", "b"]
    # With a larger total, only the 10 is narrow in itself.
    assert find_exposed_cells({"a": 10, "b": None}, sums, {"all": Bounds(0, 500)}) == ["a"]
    assert find_exposed_cells({"a": 15, "b": None}, sums, {"all": Bounds(0, 500)}) == []


def test_what_is_known_without_a_publication_is_not_exposed_by_it() -> None:
    """Hiding more would protect no person; the closing says how many such cells there are."""
    sums = [TableSum("all", ("a", "b"))]
    bounds = {"all": exact_bounds(4)}
    assert find_exposed_cells({"a": None, "b": None}, sums, bounds) == []
    assert protect_cells({"a": KeyedCount(4, 0), "b": KeyedCount(0, 0)}, sums, bounds).narrow == {"a", "b"}
    assert (
        protect_cells({"a": KeyedCount(44, 0), "b": KeyedCount(0, 0)}, sums, {"all": exact_bounds(44)}).narrow == set()
    )


def test_publication_of_which_nothing_is_known_hides_small_counts_alone() -> None:
    cells = protect_cells({"a": KeyedCount(44, 99), "b": KeyedCount(9, 0)}, [])
    assert (cells.printed, cells.narrow) == ({"a": 45, "b": None}, frozenset[str]())


@pytest.mark.parametrize(("low", "high"), [(26, 26), (0, 3), (26, UNBOUNDED)])
def test_contradicting_sums_prove_nothing(low: int, high: int) -> None:
    bounds = {"all": exact_bounds(10), "a": Bounds(low, high), "b": Bounds(0, 6)}
    assert tighten_bounds(bounds, [TableSum("all", ("a", "b"))]) == bounds


# Enough for counts without an upper bound, where all others are below 8.
ENOUGH = 40


def solutions(bounds: Mapping[str, Bounds], parts: Sequence[str]) -> Iterator[dict[str, int]]:
    """All counts within the bounds whose sum, `all`, is within its own."""
    for values in product(*(range(bounds[part].low, min(bounds[part].high, ENOUGH) + 1) for part in parts)):
        if bounds["all"].low <= sum(values) <= bounds["all"].high:
            yield {"all": sum(values), **dict(zip(parts, values, strict=True))}


def test_bounds_of_a_sum_are_those_of_all_its_solutions() -> None:
    chance = Random(5)
    contradictions = 0
    for _ in range(300):
        parts = "abc"[: chance.randint(1, 3)]
        bounds = {
            cell: Bounds(low, UNBOUNDED if chance.random() < 0.2 else low + chance.choice((0, chance.randint(0, 4))))
            for cell in ("all", *parts)
            if (low := chance.randint(0, 3) * (1 if cell != "all" else len(parts))) is not None
        }
        results = list(solutions(bounds, parts))
        expected = {
            cell: Bounds(min(values), UNBOUNDED if max(values) >= ENOUGH else max(values))
            for cell in bounds
            if (values := [each[cell] for each in results])
        }
        contradictions += not results
        assert tighten_bounds(bounds, [TableSum("all", tuple(parts))]) == (expected or bounds)
    assert 0 < contradictions < 150


def test_bounds_are_narrowed_in_so_many_rounds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each chain needs one more than its sums have links; the first round of none is the control."""
    chain = [TableSum(f"sum {number}", (f"sum {number + 1}",)) for number in reversed(range(5))]
    for rounds in range(6):
        monkeypatch.setattr(disclosure, "MOST_ROUNDS", rounds)
        narrowed = tighten_bounds({"sum 0": exact_bounds(7)}, chain)
        assert sum(bounds == exact_bounds(7) for bounds in narrowed.values()) == 1 + rounds


@pytest.mark.parametrize(("low", "reads"), [(0, 1), (5, 2)])
def test_sums_are_read_again_only_after_a_change(monkeypatch: pytest.MonkeyPatch, low: int, reads: int) -> None:
    monkeypatch.setattr(disclosure, "_tighten_sum", tighten := Mock(wraps=disclosure._tighten_sum))
    tighten_bounds({"all": Bounds(low, 9), "a": Bounds(0, 9), "b": Bounds(0, 3)}, [TableSum("all", ("a", "b"))])
    assert tighten.call_count == reads


def test_bounds_follow_through_a_chain_of_sums() -> None:
    """Each sum narrows the next one, whichever comes first; cells that were never published begin at 0."""
    sums = [TableSum(f"sum {number}", (f"sum {number + 1}", f"cell {number}")) for number in range(20)]
    cells = {f"cell {number}": exact_bounds(1) for number in range(20)}
    for order in (sums, sums[::-1]):
        assert tighten_bounds({"sum 0": exact_bounds(23), **cells}, order)["sum 20"] == Bounds(3, 3)
        assert tighten_bounds({"sum 20": exact_bounds(0), **cells}, order)["sum 0"] == Bounds(20, 20)
    below = {"sum 1": Bounds(0, 4), "cell 0": Bounds(0, 4)}
    assert tighten_bounds({"sum 0": exact_bounds(4)}, sums[:1]) == {"sum 0": exact_bounds(4)} | below
    # A count of a million is no open one.
    assert tighten_bounds({"a": Bounds(0, 10**6), "b": exact_bounds(1)}, [TableSum("all", ("a", "b"))])["all"].high == (
        10**6 + 1
    )


def test_small_counts_of_a_list_and_sums_of_counts() -> None:
    assert (bounds_of_small(None), bounds_of_small(20)) == (Bounds(0, 9), Bounds(15, 25))
    assert KeyedCount(4, 250).plus(KeyedCount(8, 9)) == KeyedCount(12, 259)


def test_lonely_hidden_cell_is_joined_by_the_smallest_other() -> None:
    counts = {"a": KeyedCount(4, 99), "b": KeyedCount(30, 99), "c": KeyedCount(20, 99), "d": KeyedCount(90, 99)}
    found = protect_cells(counts, [TableSum("all", tuple(counts))], {"all": exact_bounds(144)})
    assert found.printed == {"a": None, "b": 30, "c": None, "d": 90}
    assert not found.narrow


@pytest.mark.parametrize("small", range(LEAST_SHOWN))
def test_audit_hides_what_narrows_a_hidden_cell(small: int) -> None:
    """Two hidden cells whose sum is known to be small: a third is hidden with them."""
    counts = {"a": KeyedCount(small, 0), "b": KeyedCount(0, 0), "c": KeyedCount(10, 0), "d": KeyedCount(400, 0)}
    total = {"all": exact_bounds(410 + small)}
    found = protect_cells(counts, [TableSum("all", tuple(counts))], total)
    assert not found.narrow
    bounds = tighten_bounds(
        {**total, **{cell: bounds_of(value) for cell, value in found.printed.items()}}, [TableSum("all", tuple(counts))]
    )
    assert all(bounds[cell].range >= 10 for cell in found.printed)


def test_later_table_does_not_reveal_a_month_that_operators_saw_as_small() -> None:
    """15 + 15 + 0 reports, shown as 20 + 20 + hidden; a quarter shown as 25 or less would prove the 0."""
    months = {"1": bounds_of(20), "2": bounds_of(20), "3": bounds_of_small(None)}
    sums = [TableSum("quarter", ("1", "2", "3"))]
    assert protect_count(KeyedCount(30, 0)) == 25
    assert sorted(find_exposed_cells({"quarter": 25}, sums, months)) == ["1", "2", "3", "quarter"]
    found = protect_cells({"quarter": KeyedCount(30, 0)}, sums, months)
    assert found.printed == {"quarter": None}


# Tables of rows a to c and columns x to z: counts with their keys, what readers know, and what is shown of the rest.
TABLES = [
    (
        {
            "ax": (13, 240), "ay": (48, 44), "az": (52, 104), "bx": (3, 58), "by": (52, 76), "bz": (0, 5),
            "cx": (3, 196), "cz": (0, 151), "total a": (113, 21), "total b": (55, 223), "total c": (26, 215),
        },
        {"total z": exact_bounds(52), "cy": Bounds(20, 30)},
        # The rows b and c hide two each, and z all three. Beside those, ax and the total of c are the smallest.
        {"ay": 50, "by": 50, "total a": 115, "total b": 55},
    ),
    (
        {"ax": (68, 11), "bx": (42, 87), "by": (14, 1)},
        {"total x": exact_bounds(110), "total y": exact_bounds(38), "ay": Bounds(20, 30)},
        {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "bounds", "printed"), TABLES)
def test_table_hides_what_its_rows_and_columns_would_tell(
    counts: dict[str, tuple[int, int]], bounds: dict[str, Bounds], printed: dict[str, int]
) -> None:
    rows, columns = ("abc", "xyz") if len(counts) > 3 else ("ab", "xy")
    sums = [TableSum(f"total {column}", tuple(row + column for row in rows)) for column in columns]
    sums += [TableSum(f"total {row}", tuple(row + column for column in columns)) for row in rows]
    cells = protect_cells({cell: KeyedCount(*count) for cell, count in counts.items()}, sums, bounds)
    assert ({cell: value for cell, value in cells.printed.items() if value is not None}, cells.narrow) == (
        printed,
        frozenset[str](),
    )
