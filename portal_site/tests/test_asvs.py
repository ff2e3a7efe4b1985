"""docs/reference/asvs.md: every item once, a known decision, and proofs and tests that exist."""

import ast
import re
from collections import Counter

from portal_site.checks.keys import SECRETS
from portal_site.environment import PROJECT
from tests.proofs.__main__ import ON_REQUEST, PROOFS

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


# A test, a proof, a day on which the code or the configuration was seen, or a table of the page itself.
TEST = re.compile(r"`([\w./-]+\.py)::(\w+)`")
PROOF = re.compile(r"proof `(\w+)`")
SEEN = re.compile(r"\bseen 20\d\d-\d\d-\d\d\b")
BELOW = re.compile(r"\[below\]\(#")


def test_every_named_file_test_and_proof_exists() -> None:
    files = {path for path in re.findall(r"`([\w./-]+)(?:::\w+)?`", TEXT) if "/" in path or "." in path}
    tests = set(TEST.findall(TEXT))
    functions = {
        file: {node.name for node in ast.parse((PROJECT / file).read_text()).body if isinstance(node, ast.FunctionDef)}
        for file in {file for file, _ in tests}
    }

    # Names of keys in the inventory are no paths of the source.
    assert [path for path in sorted(files - SECRETS.keys()) if not (PROJECT / path).exists()] == []
    assert [f"{file}::{name}" for file, name in sorted(tests) if name not in functions[file]] == []
    assert [name for _, name in tests if not name.startswith("test_")] == []
    assert set(PROOF.findall(TEXT)) <= {*PROOFS, *ON_REQUEST}
    assert len(tests) > 100


def test_every_item_that_is_met_is_shown_by_what_runs_or_was_seen() -> None:
    met = {item: why for item, _, decision, why in ROWS if decision == "met"}

    assert [item for item, why in met.items() if not any(kind.search(why) for kind in (TEST, PROOF, SEEN, BELOW))] == []


def test_inventory_names_every_secret_of_the_keyring() -> None:
    inventory = TEXT.partition("## Inventory: cryptography")[2].partition("\n## ")[0]

    assert set(re.findall(r"\(`([\w-]+\.key)`\)", inventory)) == set(SECRETS)
    rows = [line.split(" | ") for line in inventory.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 25
    assert [row[0] for row in rows if len(row) != 5] == []
    # The last cell: the test that holds the row, or that of the row above.
    unproved = [row[0] for row in rows if not (TEST.search(row[4]) or PROOF.search(row[4]) or row[4] == "the same |")]
    assert unproved == []
