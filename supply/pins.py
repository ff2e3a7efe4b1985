"""Strict reader of a lock file's pins: a line that it cannot parse is an error."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import NormalizedName, canonicalize_name

PROJECT = Path(__file__).resolve().parent.parent
RUNTIME = PROJECT / "requirements.txt"
DEMO = PROJECT / "requirements-demo.txt"
EVERYTHING = PROJECT / "requirements-dev.txt"

REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>[^\s;@]+)( ; (?P<marker>.+))?")
HASH = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in one version, the SHA-256 of each file that may be installed, and where it is needed."""

    name: NormalizedName
    version: str
    hashes: tuple[str, ...]
    marker: str

    @property
    def needed_here(self) -> bool:
        return not self.marker or Marker(self.marker).evaluate()


def read_needed_pins(lock: Path) -> dict[NormalizedName, Pin]:
    """The pins that are needed here, by name. Raises ValueError as `read_pins` does."""
    return {pin.name: pin for pin in read_pins(lock) if pin.needed_here}


def read_pins(lock: Path) -> list[Pin]:
    """Every pin of a lock file, by name. Raises ValueError for a line that is no pin, and for one without a hash."""
    text = re.sub(r"^\s*#.*\n", "", lock.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    pins = []
    for line in filter(None, map(str.strip, text.splitlines())):
        requirement, *hashes = re.split(r"\s+(?=--)", line)
        matched = REQUIREMENT.fullmatch(requirement.strip())
        digests = [HASH.fullmatch(part.strip()) for part in hashes]
        if matched is None or not digests or None in digests:
            raise ValueError(f"{lock.name}: not pinned to a version and hashes: {requirement}")
        pins.append(
            Pin(
                name=canonicalize_name(matched["name"]),
                version=matched["version"],
                hashes=tuple(sorted(digest["digest"] for digest in digests if digest)),
                marker=matched["marker"] or "",
            )
        )
    return sorted(pins, key=lambda pin: pin.name)
