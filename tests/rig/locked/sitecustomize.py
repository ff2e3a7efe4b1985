"""Hides the modules of every installed package that the file in LOCK does not name.

Python imports a module of this name at its start, before any other; so an import of a hidden module fails as it does
where nothing but the lock is installed. Imports the standard library only.
"""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import Distribution, distributions
from pathlib import Path
from types import ModuleType

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)


def normalise_name(name: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names_in_lock(lock: Path) -> frozenset[str]:
    return frozenset(map(normalise_name, _REQUIREMENT.findall(lock.read_text(encoding="utf-8"))))


def hidden_modules(lock: Path) -> frozenset[str]:
    """Dotted names of all modules and packages that only distributions outside the lock have installed."""
    names = names_in_lock(lock)
    inside, outside = set[str](), set[str]()
    for distribution in distributions():
        is_locked = normalise_name(distribution.metadata["Name"]) in names
        (inside if is_locked else outside).update(_modules_of(distribution))
    return frozenset(outside - inside)


def _modules_of(distribution: Distribution) -> Iterable[str]:
    """Its modules, and the packages that they are in."""
    for line in (distribution.read_text("RECORD") or "").splitlines():
        folder, _, file = line.strip('"').split(",", 1)[0].rpartition("/")
        name, _, ending = file.partition(".")
        if not ending.endswith(("py", "so")):
            continue
        parts = [*filter(None, folder.split("/")), *([] if name == "__init__" else [name])]
        if all(part.isidentifier() for part in parts):
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


class LockedPathFinder(PathFinder):
    """Finds modules as Python does, except those that are hidden."""

    hidden: frozenset[str] = frozenset()

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if fullname in cls.hidden else super().find_spec(fullname, path, target)


def hide_modules(lock: Path) -> None:
    LockedPathFinder.hidden = hidden_modules(lock)
    sys.meta_path[:] = [LockedPathFinder if finder is PathFinder else finder for finder in sys.meta_path]
    # Measuring of coverage begins even earlier.
    for name in LockedPathFinder.hidden & sys.modules.keys():
        del sys.modules[name]


if __name__ == "sitecustomize":
    hide_modules(Path(os.environ["LOCK"]))
