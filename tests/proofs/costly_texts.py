"""Texts that cost more to read than they look: repeated units, texts made for the product's own patterns, and noise."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from urllib.parse import quote_from_bytes

import reports
from tests.rig.slow_patterns import build_attacks

# Bytes of a body, as the web server and the application limit it; some are left for the form's other fields.
MOST_BYTES = 512 * 1024 - 4096
# Characters: of a line, of a text, and as many as a body holds.
SIZES = (2_000, 20_000, MOST_BYTES)
UNITS = (
    "1 ", "1-", "(1", "+1 ", "0.", "a", "a.", "a@", "a@b.c ", "[at]", "data:", "data:a/a;", "A0+/ ", "aZ09+/", "://",
    "http://a.invalid/ ", "http://", "hxxp[:]//a[.]b/", "www.", "a.invalid\n", "[.]", "ed2k://|file|", "<", "&", '"',
    "%", "%25", "\0", "\r\n", " ", "\u00e9", "a\u0301", "\u202e", "\u200b", "\ufdfa", "\U0001f600", "\u0627 ",
    "\u0905\u094d", "../", "?a=b&", "#", "=", "[", "{", "-", "~", "O",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CostlyText:
    """`prefix`, then `unit` again and again, then an end on which a pattern fails."""

    unit: str
    prefix: str = ""
    end: str = "x"

    def __str__(self) -> str:
        return f"{self.prefix[:20]!r} {self.unit[:20]!r} {self.end!r}"

    def encoded(self, characters: int, most_bytes: int = MOST_BYTES) -> bytes:
        """As a browser encodes it: at most so many characters, and bytes."""
        unit = _encode(self.unit)
        most = most_bytes - len(_encode(self.prefix + self.end))
        turns = max(1, min((characters - len(self.prefix + self.end)) // len(self.unit), most // len(unit)))
        return _encode(self.prefix) + unit * turns + _encode(self.end)


@dataclass(frozen=True, slots=True)
class CostlyNoise:
    """Random bytes, or random characters of any script."""

    seed: int
    is_text: bool

    def __str__(self) -> str:
        return f"{'characters' if self.is_text else 'bytes'} by chance {self.seed}"

    def encoded(self, characters: int, most_bytes: int = MOST_BYTES) -> bytes:
        chance = random.Random(self.seed)
        if not self.is_text:
            return quote_from_bytes(chance.randbytes(min(characters, most_bytes // 3)), safe="").encode()
        number = min(characters, most_bytes // 12)
        return _encode(
            "".join(
                chr(chance.choice((chance.randrange(32, 127), chance.randrange(160, 0xD800)))) for _ in range(number)
            )
        )


def costly_texts(*, full: bool) -> list[CostlyText | CostlyNoise]:
    """The same list in each run."""
    units = [
        CostlyText(unit, end=f"{unit.strip()[-1:]}{'!' if place % 5 == 4 else 'x'}") for place, unit in enumerate(UNITS)
    ]
    made = list(_of_patterns())
    random.Random(7).shuffle(made)
    noise = [CostlyNoise(seed, is_text) for seed in range(4) for is_text in (True, False)]
    # The first is what an audit sent.
    return [*units, *made[:80], *noise] if full else [units[0], *units[5::11], *made[:3], *noise[:1]]


def _of_patterns() -> Iterator[CostlyText]:
    """For the patterns over what reporters type."""
    for info in walk_packages(reports.__path__, "reports."):
        if ".tests" in info.name or ".migrations" in info.name or ".management" in info.name:
            continue
        for pattern in vars(import_module(info.name)).values():
            if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                for attack in build_attacks(pattern):
                    yield CostlyText(attack.pump, attack.prefix, attack.suffix)


def _encode(text: str) -> bytes:
    return quote_from_bytes(text.encode("utf-8", "replace"), safe="").encode()
