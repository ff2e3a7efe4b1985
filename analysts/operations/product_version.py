"""The version of this release, and the order of versions."""

import re
import tomllib
from functools import cache
from pathlib import Path

PROJECT_FILE = Path(__file__).resolve().parent.parent.parent / "pyproject.toml"


@cache
def read_version() -> str:
    """The version in pyproject.toml, the one place that has it."""
    return str(tomllib.loads(PROJECT_FILE.read_text(encoding="utf-8"))["project"]["version"])


def version_key(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparison: 0.10.0 is newer than 0.9.1."""
    return tuple(int(number) for number in re.findall(r"\d{1,6}", version)[:4])
