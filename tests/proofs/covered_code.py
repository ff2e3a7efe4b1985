"""Which code a proof covers, and its digest: a recorded result counts for the code with the same digest.

A proof covers the paths that its module declares as `COVERS` (folders with all that is in them, or files), its own
module, and the modules of `tests` that those import or name ("tests.proofs.slow", run as a process). Unit tests,
READMEs, compiled files and results do not count. The files on disk are read, not the commit: an uncommitted change
counts, and a source without git has the same digest.
"""

import ast
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from portal_site.environment import PROJECT

# The public surface: the web server's and the database's configuration, and all that the process loads.
PUBLIC_SURFACE = (
    "manage.py", "requirements.txt", "deploy", "portal_site", "audit", "countries", "reports", "static", "templates",
)  # fmt: skip
# Both surfaces, the worker and the jobs.
INSTALLATION = (*PUBLIC_SURFACE, "analysts")

_SKIPPED_FOLDERS = frozenset({"__pycache__", "tests"})
_COMPILED = (".pyc", ".mo", ".new")
# Written from the results: with it, each result would be of other code at once.
_RESULTS = "countries/public/data/proofs.json"
_TEST_MODULE = re.compile(r"tests(?:\.\w+)+")


class CodeDigests:
    """Digests of the code below `root` as it is now. Each file is read once, so an instance is short-lived."""

    def __init__(self, root: Path = PROJECT) -> None:
        self.root = root
        self._lines: dict[str, tuple[str, ...]] = {}

    def digest_of(self, module: str, covers: Iterable[str]) -> str:
        """SHA-256 over the sorted paths and contents of the files that a proof's module covers.

        Raises:
            ValueError: a path of `covers` does not exist.
        """
        paths = {*covers, *modules_behind(module, self.root)}
        lines = sorted({line for path in paths for line in self._lines_of(path)})
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def _lines_of(self, path: str) -> tuple[str, ...]:
        """A line for each file: its path and the digest of its content."""
        if path not in self._lines:
            self._lines[path] = tuple(
                f"{os.path.relpath(file, self.root)} {hashlib.sha256(Path(file).read_bytes()).hexdigest()}"
                for file in _files_of(self.root / path)
            )
        return self._lines[path]


def _files_of(path: Path) -> Iterator[str]:
    if path.is_file():
        yield str(path)
        return
    if not path.is_dir():
        raise ValueError(f"{path} does not exist.")
    for folder, folders, names in os.walk(path):
        # `tests` is left out below a declared folder, not where it is that folder.
        folders[:] = [each for each in folders if each not in _SKIPPED_FOLDERS and not each.startswith(".")]
        for name in names:
            file = f"{folder}/{name}"
            if not file.endswith((*_COMPILED, _RESULTS)) and name != "README.md" and not name.startswith("."):
                yield file


def modules_behind(module: str, root: Path = PROJECT) -> set[str]:
    """The paths of the module and of those of `tests` that it needs, directly or not."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        path = _path_of_module(waiting.pop(), root)
        if path is None or path in found:
            continue
        found.add(path)
        waiting += _named_modules(path)
        package = path.parent
        if path.name == "__init__.py" and package.parent == root / "tests" / "proofs":
            # Taken whole: which of its modules run is decided while it runs.
            waiting += [f"tests.proofs.{package.name}.{each.stem}" for each in package.iterdir()]
    return {path.relative_to(root).as_posix() for path in found}


def _path_of_module(name: str, root: Path) -> Path | None:
    path = root.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@lru_cache(maxsize=256)
def _named_modules(path: Path) -> tuple[str, ...]:
    """The modules of `tests` that a module imports, or names in a text of its own."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module), level=0):
                found += [module, *(f"{module}.{each.name}" for each in node.names)]
            case ast.Import():
                found += [each.name for each in node.names]
            case ast.Constant(value=str(text)) if match := _TEST_MODULE.match(text):
                found.append(match[0])
    return tuple(each for each in found if each.startswith("tests."))
