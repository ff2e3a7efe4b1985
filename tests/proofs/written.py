"""Which of a few words and keys occur in any written file, as text in every spelling and as bytes."""

import stat
from dataclasses import dataclass, field
from pathlib import Path

from reports.sealing import MLKEM_SEED_BYTES
from tests.proofs.privacy.search import Needle, Needles
from tests.proofs.privacy.spellings import spellings_of


def of_word(word: str, name: str) -> list[Needle]:
    return [Needle(written, name) for written in spellings_of(word)]


def of_key(raw: bytes, name: str) -> list[Needle]:
    """A private key's two parts (a shorter key has one), as bytes, and the digits of its file."""
    parts = [part for part in (raw[:MLKEM_SEED_BYTES], raw[MLKEM_SEED_BYTES:]) if part]
    digits = [part.hex() for part in parts]
    return [
        *(Needle(part, f"{name}, bytes") for part in parts),
        *(Needle(text.encode(), f"{name}, digits") for each in digits for text in (each, each.upper())),
    ]


@dataclass
class Written:
    """`found`: for each name of a needle the places it was met in."""

    needles: Needles
    found: dict[str, set[str]] = field(default_factory=dict)
    read: int = 0

    def look(self, place: str, data: bytes) -> None:
        self.read += len(data)
        for _, needle in self.needles.met(data):
            self.found.setdefault(needle.spelling, set()).add(place)

    def look_below(self, folder: Path) -> None:
        """Search every regular file; those of a running server may disappear meanwhile."""
        for path in sorted(folder.rglob("*")):
            try:
                if stat.S_ISREG(path.lstat().st_mode):
                    self.look(str(path.relative_to(folder)), path.read_bytes())
            except FileNotFoundError:
                continue

    def places(self, name: str) -> list[str]:
        """The places of every needle whose name begins with this."""
        return sorted({place for found, places in self.found.items() if found.startswith(name) for place in places})
