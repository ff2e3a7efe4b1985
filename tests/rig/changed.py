"""`make test-changed`: run the tests that reach what was changed since the main branch, by the notes of earlier runs.

Tests that need browsers, whole installations or proofs are left to `make test`, unless they were changed themselves.
"""

import ast
import subprocess
import sys

import grimp

from portal_site.environment import PROJECT
from tests.rig.data_folders import CACHE
from tests.rig.kinds import SuiteKind
from tests.rig.reach import ReachNote, read_notes

MAIN = "main"
# Rules of the whole code base hold for every change.
RULES = ("/test_rules.py", "/test_connections.py")
QUICK = {SuiteKind.UNIT, SuiteKind.PAGES}
# From so many files on, two processes are faster than one.
MANY = 12


def main() -> None:
    base = merge_base()
    changed = find_changed_files(base)
    notes = read_notes()
    if not notes:
        print("No run has noted yet what tests reach (`make test` does): going by what they import.")
    chosen = test_files_for(changed, base, notes)
    slow = {file for file in chosen - changed if file in notes and not QUICK.issuperset(notes[file]["kinds"])}
    files = sorted(chosen - slow)
    if slow:
        print(f"Left to `make test`: {len(slow)} test files with browsers, whole installations or proofs.")
    print(f"{len(changed)} files changed: running {len(files)} test files.", flush=True)
    processes = ["--numprocesses", "2", "--dist", "loadfile"] if len(files) >= MANY else []
    command = [sys.executable, "-m", "pytest", "--quiet", *processes, *files]
    sys.exit(subprocess.run(command, cwd=PROJECT, check=False).returncode)


def merge_base() -> str:
    """The commit at which this branch left the main one; the latest where there is none."""
    return next(iter(_git_lines("merge-base", "HEAD", MAIN)), "HEAD")


def find_changed_files(base: str) -> set[str]:
    """Committed since `base`, not committed, and new."""
    return {*_git_lines("diff", "--name-only", base), *_git_lines("ls-files", "--others", "--exclude-standard")}


def test_files_for(changed: set[str], base: str, notes: dict[str, ReachNote]) -> set[str]:
    """The rules, test files that changed, and those that reach what changed: as noted, or else by their imports."""
    listed = _git_lines("ls-files", "--cached", "--others", "--exclude-standard", "*/test_*.py")
    tests = {path for path in listed if (PROJECT / path).exists()}
    graph = import_graph()
    modules = {path: module for path in changed if (module := _module_name(path)) in graph.modules}
    # A module that imports only a table or a constant runs no function of the module that it is in.
    outside = {path: module for path, module in modules.items() if is_changed_outside_functions(path, base)}
    reached = changed | {
        _module_path(name) for each in outside.values() for name in graph.find_modules_that_directly_import(each)
    }
    downstream = {_module_path(name) for each in modules.values() for name in graph.find_downstream_modules(each)}
    return {
        path
        for path in tests
        if path in changed
        or path.endswith(RULES)
        or (reached & {path, *notes[path]["reached"]} if path in notes else path in downstream)
    }


def import_graph() -> grimp.ImportGraph:
    packages = [path.parent.name for path in PROJECT.glob("*/__init__.py")]
    return grimp.build_graph(*packages, cache_dir=str(CACHE / "imports"))


def is_changed_outside_functions(path: str, base: str) -> bool:
    before = "\n".join(_git_lines("show", f"{base}:{path}"))
    now = PROJECT / path
    return not now.exists() or _without_bodies(before) != _without_bodies(now.read_text(encoding="utf-8"))


def _without_bodies(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = []
    return ast.dump(tree)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _module_path(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (PROJECT / path).is_dir() else f"{path}.py"


def _git_lines(*arguments: str) -> list[str]:
    """The lines that it prints; none where it fails."""
    done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


if __name__ == "__main__":
    main()
