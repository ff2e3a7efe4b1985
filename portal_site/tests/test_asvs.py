"""docs/reference/asvs.md: every item once, a known decision, and proofs and tests that exist."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from django.urls import URLPattern, URLResolver

from portal_site import urls_public, urls_staff
from portal_site.checks.keys import SECRETS
from portal_site.environment import PROJECT
from tests.proofs.__main__ import ON_REQUEST, PROOFS
from tests.rig.size import is_product, list_files

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

IN_ORDER = [f"{section}.{n}" for section, last in ITEMS.items() for n in range(1, last + 1)]

TEXT = (PROJECT / "docs" / "reference" / "asvs.md").read_text()
# One row may be about several items in a row: `10.1.1 to 10.7.3`.
LINE = re.compile(r"^\| (\d+\.\d+\.\d+)(?: to (\d+\.\d+\.\d+))? \|(.+?)\|(.+?)\|(.+)\|$", re.M)
LINES = [tuple(map(str.strip, line)) for line in LINE.findall(TEXT)]
ROWS = [
    (item, asks, decision, why)
    for first, last, asks, decision, why in LINES
    for item in IN_ORDER[IN_ORDER.index(first) : IN_ORDER.index(last or first) + 1]
]


def test_every_item_has_one_row_in_order() -> None:
    assert sum(ITEMS.values()) == 253
    assert [item for item, *_ in ROWS] == IN_ORDER


def test_only_features_that_the_product_has_not_share_a_row() -> None:
    assert [first for first, last, _, decision, _ in LINES if last and decision != "not applicable"] == []


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


def read_inventory(name: str, columns: int) -> str:
    """A table of the page, each of whose rows names the test that holds it, or the day on which it was seen."""
    inventory = TEXT.partition(f"## Inventory: {name}")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in inventory.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not row[0].startswith("---")][1:]
    assert rows
    assert [row[0] for row in rows if len(row) != columns] == []
    # The last cell: the test that holds the row, or that of the row above.
    proofs = (TEST, PROOF, SEEN, re.compile("^the same$"))
    assert [row[0] for row in rows if not any(proof.search(row[-1]) for proof in proofs)] == []
    return inventory


def test_inventory_names_every_secret_of_the_keyring() -> None:
    inventory = read_inventory("cryptography", 5)

    assert set(re.findall(r"\(`([\w-]+\.key)`\)", inventory)) == set(SECRETS)
    assert inventory.count("\n| ") > 26


# A line of a configuration by which a program writes a log, or none.
LOG_LINE = re.compile(
    r"^\s*(access_log|error_log|log_\w+|logger_class|logging|Log|LogNamespace|Standard(Output|Error)|Storage)\b", re.M
)
# Code by which a process writes one beyond those of `LOGGING`, or opens a file to add to it.
LOG_CODE = re.compile(r"logging\.(\w*Handler|Formatter|handlers)|addHandler|glogging|syslog|O_APPEND|open\(.*\"ab?\"")
WRITES_NO_LOG = {
    "portal_site/checks/logs.py": "looks at the handlers",
    "portal_site/checks/web_servers.py": "looks for logs of the web server",
    "portal_site/database/embedded.py": "the demonstration's database: its lock, and its settings",
    "portal_site/settings.py": "`LOGGING`, compared below",
}
# Code or a unit that answers beside the surfaces.
ANSWERING = re.compile(r"serve_forever\(|\.listen\(")
WATCHES = re.compile(r"(?m)^ExecStart=.*( watch| serve_\w+|health)\b")
MONITORING_ROUTE = re.compile(r"health|metrics|monitor|operations/$|debug|docs|openapi|schema|/ping")


def find_files(pattern: re.Pattern[str], *, product: bool) -> set[str]:
    """Product modules, or files of deployments but guides and scripts of an installation, with a match."""

    def is_searched(path: PurePath) -> bool:
        if product:
            is_elsewhere = path.parts[0] in {"deploy", "supply", "workstation"}
            return is_product(path) and path.suffix == ".py" and not is_elsewhere
        is_deployed = path.parts[0] == "deploy" and "steps" not in path.parts and path.suffix != ".md"
        return is_deployed or path.name in {"compose.yaml", "Dockerfile"}

    return {str(path) for path in filter(is_searched, list_files()) if pattern.search((PROJECT / path).read_text())}


def test_inventory_names_everything_that_writes_a_log(settings: Any) -> None:
    inventory = read_inventory("logs", 5)
    configurations, modules = find_files(LOG_LINE, product=False), find_files(LOG_CODE, product=True)

    assert len(configurations) > 8
    assert modules >= {"audit/anchors.py", "audit/stream.py", "portal_site/logging.py", *WRITES_NO_LOG}
    writers = configurations | modules - WRITES_NO_LOG.keys()
    assert [path for path in sorted(writers) if f"`{path}`" not in inventory] == []
    assert {name: handler["class"] for name, handler in settings.LOGGING["handlers"].items()} == {
        "stderr": "logging.StreamHandler"
    }


def list_routes(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from list_routes(pattern.url_patterns, route)
        else:
            yield route


def test_inventory_names_everything_that_answers_monitoring() -> None:
    inventory = read_inventory("monitoring", 4)
    routes = {route for urls in (urls_public, urls_staff) for route in list_routes(urls.urlpatterns)}
    doors = {route for route in routes if MONITORING_ROUTE.search(route)}
    checks = find_files(re.compile(r"(?m)^ *(HEALTHCHECK|healthcheck:)"), product=False)

    assert doors >= {"health/live/", "health/ready/"}
    answering = doors | checks | find_files(ANSWERING, product=True)
    assert [door for door in sorted(answering) if door not in inventory] == []
    # Units that run a command of the product and are neither a surface nor a worker.
    units = find_files(WATCHES, product=False)
    assert units == {f"deploy/systemd/portals-{name}.service" for name in ("metrics", "watch")}
    assert [unit for unit in sorted(units) if f"`{unit}`" not in inventory] == []
