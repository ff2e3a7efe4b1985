"""One search for every marker in every spelling, in any bytes."""

import base64
import bz2
import hashlib
import lzma
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol

import brotli

from tests.proofs.privacy import spellings
from tests.proofs.privacy.markers import SEED, Markers

CHUNK = 32 * 2**20
# Longer than any marker in any spelling.
OVERLAP = 4096
WINDOW = 512
# Values that the server made for a reporter are searched for in these spellings; each costs a pass over every byte.
SECRET_SPELLINGS = ("plain", "capitals", "UTF-16", "base64", "hexadecimal", "reversed")
PART = "part of a marker"
PART_OF_SEED = f"{SEED}{PART}"
# A container that unpacks to more is not read to its end, which counts as a fault of the search.
MOST_UNPACKED = 64 * 2**20
DEEPEST = 3


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """The place of a finding and its name; never the value."""

    place: str
    marker: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Needle:
    """`alone`: so short that it counts only without a digit before or after it. `part`: its name where no whole
    marker is found."""

    written: bytes
    spelling: str
    part: str = PART
    alone: bool = False


class Needles:
    """Hundreds of them in one pass: data is read as numbers of four bytes, and of these a set is asked.

    In any data, one of four neighbouring beginnings is at a multiple of four.
    """

    BLOCK = 2**18
    # Four bytes from each of four places.
    SHORTEST = 7

    def __init__(self, needles: Iterable[Needle]) -> None:
        self.by_four: dict[int, list[Needle]] = {}
        self.short: list[Needle] = []
        for needle in needles:
            written = needle.written
            if len(written) < self.SHORTEST:
                self.short.append(needle)
                continue
            for place in range(len(written) - self.SHORTEST, len(written) - 3):
                four = int.from_bytes(written[place : place + 4], sys.byteorder)
                self.by_four.setdefault(four, []).append(needle)
        self.fours = frozenset(self.by_four)
        self.nothing = bytes(self.BLOCK)

    def met(self, data: bytes) -> set[tuple[int, Needle]]:
        """Every position of each of them."""
        met = {(position, needle) for needle in self.short for position in _find_positions(data, needle.written)}
        whole = data + bytes(-len(data) % 4)
        for start in range(0, len(whole), self.BLOCK):
            # Much of the write-ahead log is reserved and not yet written.
            if whole.startswith(self.nothing, start):
                continue
            block = memoryview(whole)[start : start + self.BLOCK].cast("I")
            for needle in {needle for four in self.fours.intersection(block) for needle in self.by_four[four]}:
                reach = len(needle.written)
                near = data[max(0, start - reach) : start + self.BLOCK + reach]
                met |= {(max(0, start - reach) + place, needle) for place in _find_positions(near, needle.written)}
        return met


@dataclass(slots=True)
class Control:
    """A harmless word that is known to be in a place: a search, or a log, that misses it is broken."""

    name: str
    places: str
    word: bytes
    found: bool = False


@dataclass
class Search:
    """Feed it with `look` and `look_at_file`; then read `hits`, their counts, and what was read."""

    markers: Markers
    controls: list[Control] = field(default_factory=list)
    hits: Counter[Hit] = field(default_factory=Counter)
    read: int = 0
    places: int = 0
    unpacked: int = 0
    cut_short: list[str] = field(default_factory=list)
    # Digests of searched data: most files of a second round are those of the first.
    known: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Made once: markers and secrets made after this are not searched for.
        self.needles = Needles(_build_needles(self.markers))
        self.values = _marker_values(self.markers)

    def look_at_file(self, path: Path, place: str) -> None:
        """Raises FileNotFoundError where it has gone."""
        with path.open("rb") as file:
            before = b""
            while chunk := file.read(CHUNK):
                self.look(place, before + chunk)
                before = chunk[-OVERLAP:]

    def look(self, place: str, data: bytes) -> None:
        self.places += 1
        self.read += len(data)
        self._check_controls(place, data)
        digest = hashlib.blake2b(data, digest_size=16).digest()
        if digest not in self.known:
            self.known.add(digest)
            self._look(place, data)

    def _check_controls(self, place: str, data: bytes) -> None:
        for control in self.controls:
            control.found = control.found or (fnmatch(place, control.places) and control.word in data)

    def _look(self, place: str, data: bytes, depth: int = 0) -> None:
        for position, needle in self.needles.met(data):
            if not needle.alone or _stands_alone(data, position, len(needle.written)):
                marker = self._whose(data, position, needle)
                self.hits[Hit(place, marker, needle.spelling)] += 1
        if depth == DEEPEST:
            return
        for container, content, whole in unpack_all(place, data):
            self.unpacked += len(content)
            if not whole:
                self.cut_short.append(place)
            self._check_controls(f"{place} > {container}", content)
            self._look(f"{place} > {container}", content, depth + 1)

    def _whose(self, data: bytes, position: int, needle: Needle) -> str:
        """The marker at `position`; the longest of several, where one begins with another."""
        start, end = max(0, position - WINDOW), position + WINDOW
        best, length = needle.part, 0
        for pattern, marker in self.values.get(needle.spelling, {}).items():
            if len(pattern) <= length:
                continue
            found = data.find(pattern, start, end)
            while found != -1:
                if found <= position < found + len(pattern):
                    best, length = marker, len(pattern)
                    break
                found = data.find(pattern, found + 1, end)
        return best


def unpack_all(place: str, data: bytes) -> Iterator[tuple[str, bytes, bool]]:
    """(kind, content, whether all of it) of everything compressed that begins anywhere in `data`."""
    if place.endswith(".br"):
        # A file may have such a name and be no archive.
        with suppress(brotli.error):
            yield "brotli", brotli.decompress(data), True
    for magic, kind, start in MAGICS:
        for position in _find_positions(data, magic):
            if unpacked := _unpack_at(start, data, position):
                yield kind, *unpacked
    for run in _find_runs(data):
        text = run.translate(bytes.maketrans(b"-_", b"+/"))
        yield "base64", base64.b64decode(text[: len(text) // 4 * 4]), True


def _find_runs(data: bytes) -> Iterator[bytes]:
    """Base64 that may hold something compressed, each run once."""
    end = 0
    for position in sorted(position for start in BASE64_STARTS for position in _find_positions(data, start)):
        if position >= end and (run := BASE64.match(data, position)):
            end = run.end()
            yield run[0]


def _unpack_at(start: Callable[[], "Unpacker"], data: bytes, position: int) -> tuple[bytes, bool] | None:
    """The content of a stream that may begin at `position`; None where there is none, which is the usual case."""
    try:
        # Quickly excludes bytes that only begin like one.
        if not start().decompress(data[position : position + 256], 64):
            return None
        content = b""
        unpacker = start()
        source: bytes = data[position:]
        while source and not unpacker.eof and len(content) < MOST_UNPACKED:
            content += unpacker.decompress(source, MOST_UNPACKED)
            source = getattr(unpacker, "unconsumed_tail", b"")
    except (zlib.error, OSError, EOFError, lzma.LZMAError):
        return None
    return content, len(content) < MOST_UNPACKED


class Unpacker(Protocol):
    """The common interface of zlib's, bz2's and lzma's decompressors."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _gzip_unpacker() -> Unpacker:
    return zlib.decompressobj(wbits=31)


MAGICS: tuple[tuple[bytes, str, Callable[[], Unpacker]], ...] = (
    (b"\x1f\x8b\x08", "gzip", _gzip_unpacker),
    (b"\x78\x01", "zlib", zlib.decompressobj),
    (b"\x78\x5e", "zlib", zlib.decompressobj),
    (b"\x78\x9c", "zlib", zlib.decompressobj),
    (b"\x78\xda", "zlib", zlib.decompressobj),
    (b"BZh91AY&SY", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMADecompressor),
)
# How gzip and zlib begin in base64: Django's signed values among others.
BASE64_STARTS = (b"eJ", b"eN", b"H4sI")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{22,}")


def _find_positions(data: bytes, needle: bytes) -> Iterator[int]:
    position = data.find(needle)
    while position != -1:
        yield position
        position = data.find(needle, position + 1)


def _stands_alone(data: bytes, position: int, length: int) -> bool:
    """No further digit on either side; and no dash behind, since identifiers begin with eight digits and a dash."""
    around = data[position - 1 : position] + data[position + length : position + length + 1]
    return not re.search(rb"[0-9a-fA-F]", around) and not around.endswith(b"-")


def _build_needles(markers: Markers) -> Iterator[Needle]:
    common = (
        (PART, markers.core, markers.network),
        (PART_OF_SEED, markers.seed_core, markers.seed_network),
    )
    for part, core, network in common:
        found = spellings.spellings_of(core) | spellings.of_address((127, *network))
        yield from (Needle(written, spelling, part) for written, spelling in found.items())
    for name, numbers in markers.addresses().items():
        digests = spellings.digests_of(".".join(map(str, numbers)))
        yield from (Needle(written, spelling, name) for written, spelling in digests.items())
        yield from (Needle(*item, name, alone=True) for item in spellings.as_number(numbers).items())
    for what, texts in markers.reported.items():
        digests = {written: spelling for text in texts for written, spelling in spellings.digests_of(text).items()}
        yield from (Needle(written, spelling, what) for written, spelling in digests.items())
    for name, secret in markers.secrets.items():
        yield from (Needle(written, spelling, name) for written, spelling in _of_secret(secret).items())


def _of_secret(secret: str | bytes) -> dict[bytes, str]:
    if isinstance(secret, str):
        return {secret.lower().encode(): "small letters", **spellings.spellings_of(secret, SECRET_SPELLINGS)}
    return {
        secret: "bytes",
        secret.hex().encode(): "hexadecimal",
        secret.hex().upper().encode(): "hexadecimal",
        base64.b64encode(secret).rstrip(b"="): "base64",
        base64.urlsafe_b64encode(secret).rstrip(b"="): "base64url",
    }


def _marker_values(markers: Markers) -> dict[str, dict[bytes, str]]:
    """The markers' whole values by their bytes, to identify the marker that was found, by spelling."""
    values: dict[str, dict[bytes, str]] = {}

    def note(patterns: dict[bytes, str], name: str) -> None:
        for pattern, spelling in patterns.items():
            values.setdefault(spelling, {})[pattern] = name

    for name, marker in markers.named.items():
        note(spellings.spellings_of(marker), name)
    for name, numbers in markers.addresses().items():
        note(spellings.of_address(numbers), name)
    return values
