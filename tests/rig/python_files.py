"""The project's own Python files, for tests of rules about all of them."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("audit", "countries", "reports", "analysts", "portal_site")


def python_files(*folders: str, tests: bool = False) -> Iterator[Path]:
    """Every module below these folders, without their tests unless these are asked for."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if tests or "tests" not in path.relative_to(ROOT).parts[1:]:
                yield path


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
