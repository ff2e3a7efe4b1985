"""Private keys of content are used in one module, behind a verb for each purpose; a caller has one purpose."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SEAM = "analysts/incidents/contents/__init__.py"
OPENER = "analysts/incidents/contents/opening.py"
# Uses of keys and of what opens with them, in other modules, each with its reason.
ELSEWHERE: dict[str, dict[str, str]] = {
    "private_key": {},
    "mask_key": {"analysts/incidents/contents/storing.py": "seals a mask with its address, and opens none"},
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


# By purpose: the modules, or the rooms, that may have content opened for it.
CALLERS: dict[str, tuple[str, ...]] = {
    "mask": ("incidents/table.py",),
    "reveal": (
        *("assessment/intake/spellings.py", "assessment/notes_section.py", "assessment/related/addresses.py"),
        *(
            "assessment/reports_section.py",
            "assessment/words_release/page_section.py",
            "assessment/flood/rows.py",
            "welfare/page_section.py",
        ),
        *("takedown/notices/redaction_section.py", "takedown/notices/replies/page_section.py"),
    ),
    "compare": (
        *("assessment/actions/merging.py", "assessment/actions/questions.py", "assessment/related/page_section.py"),
        "takedown/tracing/actions.py",
    ),
    "intake": ("assessment/intake/", "takedown/notices/replies/intake.py"),
    "letter": (
        "takedown/facts/network_addresses.py",
        "takedown/facts/redaction.py",
        "takedown/notices/case_facts/",
        "takedown/notices/batching.py",
        "takedown/notices/rendering.py",
    ),
    "inbox": ("takedown/inbox/actions.py",),
    "release": ("assessment/words_release/actions.py",),
    "list": ("takedown/url_list/",),
    "batch": ("handoff/",),
    "export": ("exports/",),
    "import": ("imports/",),
    "draft": ("assessment/drafts.py",),
    "search": ("incidents/fingerprints.py",),
    "reseal": ("retention/resealing.py",),
    "demonstrate": ("demonstration/copies.py",),
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


def _imported_names(node: ast.ImportFrom | ast.Import) -> str:
    package = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    return " ".join(f"{package}{alias.name}" for alias in node.names)


def _verbs() -> dict[str, str]:
    """The names of the seam, with the opener that each calls."""
    return {
        ast.unparse(node.targets[0]): ast.unparse(node.value)
        for node in _parse(ROOT / SEAM).body
        if isinstance(node, ast.Assign)
    }


def _purpose(verb: str) -> str:
    return verb.partition("_")[0]


def test_private_keys_are_used_in_one_module() -> None:
    uses: dict[str, set[str]] = defaultdict(set)
    for path, tree in _modules():
        for name in _names(tree) & ELSEWHERE.keys():
            uses[name].add(path)
    assert OPENER in uses["private_key"] & uses["mask_key"]
    others = {name: paths - {OPENER} for name, paths in uses.items()}
    assert others == {name: set(paths) for name, paths in ELSEWHERE.items()}


def test_content_is_opened_through_the_seam_alone() -> None:
    importers = {
        path
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import) and "contents.opening" in _imported_names(node)
    }
    assert importers == {SEAM, "analysts/incidents/contents/masking.py"}


def test_every_opener_has_a_verb_and_every_verb_a_purpose() -> None:
    openers = {
        f"opening.{node.name}"
        for node in _parse(ROOT / OPENER).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    # Opens an address to seal the mask that it lacks, within the seam.
    assert openers - set(_verbs().values()) == {"opening.open_address"}
    assert {_purpose(verb) for verb in _verbs()} == CALLERS.keys()


def test_each_caller_has_content_opened_for_one_purpose() -> None:
    verbs = _verbs().keys()
    calls = {path: _names(tree) & verbs for path, tree in _modules() if path != SEAM}
    assert set().union(*calls.values()) == verbs
    for path, names in calls.items():
        purposes = {_purpose(name) for name in names}
        assert len(purposes) <= 1, path
        assert all(path.startswith(tuple(f"analysts/{caller}" for caller in CALLERS[one])) for one in purposes), path


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
        "Door.WORDS": ["analysts/welfare/viewing.py"],
        "Door.RELATED": ["analysts/welfare/viewing.py"],
        "Door.COPY": ["analysts/welfare/viewing.py"],
        "Door.LETTER": ["analysts/takedown/notices/manual_actions.py"],
        "Door.BATCH": ["analysts/handoff/drawing.py"],
        "Door.EXPORT": ["analysts/exports/incident_table.py"],
        "Door.INBOX": ["analysts/takedown/inbox/actions.py"],
    }
