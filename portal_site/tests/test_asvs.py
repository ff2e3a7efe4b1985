"""docs/reference/asvs.md: every item once, a known decision, and tests that exist."""

import re
from collections import Counter

from portal_site.environment import PROJECT

# ASVS 5.0.0, levels 1 and 2: these are the first items of each section, 70 and 183 in all.
ITEMS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
DECISIONS = {"met", "by design", "not applicable", "operator", "deviation", "open"}

TEXT = (PROJECT / "docs" / "reference" / "asvs.md").read_text()
ROWS = [tuple(map(str.strip, row)) for row in re.findall(r"^\| (\d+\.\d+\.\d+) \|(.+?)\|(.+?)\|(.+)\|$", TEXT, re.M)]


def test_every_item_has_one_row_in_order() -> None:
    assert sum(ITEMS.values()) == 253
    assert [item for item, *_ in ROWS] == [
        f"{section}.{n}" for section, last in ITEMS.items() for n in range(1, last + 1)
    ]


def test_decisions_are_known_and_counted() -> None:
    counted = dict(re.findall(r"^\| ([a-z ]+) \| (\d+) \|", TEXT, re.M))

    assert set(counted) == DECISIONS
    assert Counter(decision for _, _, decision, _ in ROWS) == {name: int(count) for name, count in counted.items()}


def test_every_row_says_what_is_asked_and_why_it_is_so() -> None:
    assert [row for row in ROWS if not all(row)] == []


def test_every_proof_exists() -> None:
    named = {path for path in re.findall(r"`([\w./-]+)`", TEXT) if "/" in path or "." in path}

    assert len(named) > 80
    assert [path for path in sorted(named) if not (PROJECT / path).exists()] == []
