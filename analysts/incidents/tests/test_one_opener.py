"""Private keys of content are used in one module, and each module that has content opened has one purpose."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OPENER = "analysts/incidents/contents.py"
# Uses of keys and of what opens with them, in other modules, each with its reason.
ELSEWHERE: dict[str, dict[str, str]] = {
    "private_key": {},
    "unseal_json": {
        "analysts/takedown/notices/replies/links.py": "the reply page's own content, by the secret of its link",
        "analysts/handoff/sealed_lines.py": "lines of a workstation's results, by the key of results",
    },
    "fingerprint_key": {
        "analysts/incidents/fingerprints.py": "the blind index, which opens nothing",
        "analysts/takedown/notices/replies/links.py": "links made before reply links had a key of their own",
    },
    "reply_link_key": {"analysts/takedown/notices/replies/links.py": "secrets of reply links"},
}


class Purpose(Enum):
    MASK = "a list shows the masked address"
    REVEAL = "a page shows what was revealed"
    COMPARE = "a rule compares addresses, and shows none"
    INTAKE = "reports and replies are taken in, and read again when rules change"
    LETTER = "a notice is written, and its redaction confirmed"
    LIST = "members fetch the URL list"
    BATCH = "a batch for the isolated workstation"
    EXPORT = "an export"
    DRAFT = "the author's own draft"
    SEARCH = "the record of a search"
    RESEAL = "content outlives its key"
    DEMONSTRATION = "invented content is copied"


OPENINGS: dict[str, tuple[Purpose, set[str]]] = {
    "analysts/assessment/actions/merging.py": (
        Purpose.COMPARE,
        {"unseal_address", "unseal_envelopes", "unseal_spellings"},
    ),
    "analysts/assessment/actions/questions.py": (Purpose.COMPARE, {"unseal_address"}),
    "analysts/assessment/drafts.py": (Purpose.DRAFT, {"unseal_draft"}),
    "analysts/assessment/intake/envelope_reading.py": (Purpose.INTAKE, {"unseal_payload"}),
    "analysts/assessment/intake/incident_matching.py": (Purpose.INTAKE, {"unseal_address", "unseal_spellings"}),
    "analysts/assessment/intake/rechecking.py": (
        Purpose.INTAKE,
        {"unseal_address", "unseal_envelopes", "unseal_spellings"},
    ),
    "analysts/assessment/intake/spellings.py": (Purpose.REVEAL, {"unseal_spellings"}),
    "analysts/assessment/notes_section.py": (Purpose.REVEAL, {"unseal_note"}),
    "analysts/assessment/related/addresses.py": (Purpose.REVEAL, {"unseal_address"}),
    "analysts/assessment/related/page_section.py": (Purpose.COMPARE, {"unseal_address"}),
    "analysts/assessment/reports_section.py": (Purpose.REVEAL, {"unseal_all_envelopes", "unseal_all_questions"}),
    "analysts/demonstration/copies.py": (
        Purpose.DEMONSTRATION,
        {"notice_answer", "unseal_address", "unseal_copy", "unseal_payload", "unseal_spellings"},
    ),
    "analysts/exports/files.py": (Purpose.EXPORT, {"unseal_export_part"}),
    "analysts/exports/incident_table.py": (Purpose.EXPORT, {"unseal_address"}),
    "analysts/handoff/batch_contents.py": (Purpose.BATCH, {"unseal_address", "unseal_all_envelopes"}),
    "analysts/handoff/drawing.py": (Purpose.BATCH, {"unseal_address"}),
    "analysts/incidents/fingerprints.py": (Purpose.SEARCH, {"derive_monthly_secret"}),
    "analysts/incidents/table.py": (Purpose.MASK, {"mask_sealed_address"}),
    "analysts/pages/incident.py": (Purpose.REVEAL, {"unseal_address"}),
    "analysts/retention/resealing.py": (Purpose.RESEAL, {"reseal"}),
    "analysts/takedown/facts/redaction.py": (Purpose.LETTER, {"unseal_address", "unseal_copy"}),
    "analysts/takedown/notices/batching.py": (Purpose.LETTER, {"unseal_address"}),
    "analysts/takedown/notices/redaction_section.py": (Purpose.REVEAL, {"unseal_copy"}),
    "analysts/takedown/notices/rendering.py": (Purpose.LETTER, {"unseal_copy"}),
    "analysts/takedown/notices/replies/intake.py": (Purpose.INTAKE, {"notice_answer"}),
    "analysts/takedown/notices/replies/page_section.py": (Purpose.REVEAL, {"notice_answer"}),
    "analysts/takedown/tracing/actions.py": (Purpose.COMPARE, {"unseal_address"}),
    "analysts/takedown/url_list/entries.py": (Purpose.LIST, {"unseal_copy"}),
    "analysts/takedown/url_list/feed.py": (Purpose.LIST, {"unseal_copy"}),
    "analysts/welfare/page_section.py": (Purpose.REVEAL, {"unseal_address"}),
}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "analysts").rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path.relative_to(ROOT).as_posix(), _parse(path)


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _names(tree: ast.AST) -> set[str]:
    """Names that the code reads, and those that it imports."""
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return attributes | imports | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _openers() -> set[str]:
    """Public functions of the module that use a private key, themselves or through one another."""
    functions = {node.name: _names(node) for node in _parse(ROOT / OPENER).body if isinstance(node, ast.FunctionDef)}
    openers, callers = set[str](), {"private_key"}
    while callers:
        openers |= callers
        callers = {name for name, names in functions.items() if names & openers} - openers
    return {name for name in openers - {"private_key"} if not name.startswith("_")}


def test_private_keys_are_used_in_one_module() -> None:
    uses: dict[str, set[str]] = defaultdict(set)
    for path, tree in _modules():
        for name in _names(tree) & ELSEWHERE.keys():
            uses[name].add(path)
    assert OPENER in uses["private_key"]
    others = {name: paths - {OPENER} for name, paths in uses.items()}
    assert others == {name: set(paths) for name, paths in ELSEWHERE.items()}


def test_each_opening_has_a_purpose() -> None:
    openers = _openers()
    calls = {path: _names(tree) & openers for path, tree in _modules() if path != OPENER}
    assert {path: names for path, names in calls.items() if names} == {
        path: names for path, (_purpose, names) in OPENINGS.items()
    }


def test_every_opener_and_every_purpose_is_used() -> None:
    assert set().union(*(names for _purpose, names in OPENINGS.values())) == _openers()
    assert {purpose for purpose, _names_of in OPENINGS.values()} == set(Purpose)


def test_content_reaches_people_through_the_meter_alone() -> None:
    """A letter is rendered for a reader in one place, and each door is passed in one place."""
    renders = {path for path, tree in _modules() if "render_letter" in _names(tree)}
    assert renders == {f"analysts/takedown/notices/{name}.py" for name in ("manual_actions", "sending")}
    doors: dict[str, list[str]] = defaultdict(list)
    for path, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "pass_door":
                doors[ast.unparse(node.args[0])].append(path)
    assert doors == {
        "Door.PAGE": ["analysts/welfare/viewing.py"],
        "Door.RELATED": ["analysts/welfare/viewing.py"],
        "Door.COPY": ["analysts/welfare/viewing.py"],
        "Door.LETTER": ["analysts/takedown/notices/manual_actions.py"],
        "Door.BATCH": ["analysts/handoff/drawing.py"],
        "Door.EXPORT": ["analysts/exports/incident_table.py"],
    }
