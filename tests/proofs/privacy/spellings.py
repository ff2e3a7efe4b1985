"""The spellings of a text in a file: the same words as other bytes."""

import base64
import codecs
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

type Spelling = Callable[[str], Iterable[bytes]]


def _per_character(template: str) -> Spelling:
    """Every character written as a number, in small and in capital hexadecimal letters."""

    def spell(text: str) -> Iterable[bytes]:
        written = "".join(template.format(ord(character)) for character in text)
        yield written.encode()
        yield "".join(template.replace("x}", "X}").format(ord(character)) for character in text).encode()

    return spell


def _base_encoding(encode: Callable[[bytes], bytes], bits: int, group: int, charset: str) -> Spelling:
    """An alphabet of 2^bits characters in groups of `group` bytes: only the characters that no neighbour can change,
    for every place in a group at which the text may begin."""

    def spell(text: str) -> Iterable[bytes]:
        raw = text.encode(charset)
        for before in range(group):
            padded = bytes(before) + raw
            whole = encode(padded + bytes(-len(padded) % group))
            yield whole[-(-8 * before // bits) : 8 * len(padded) // bits]

    return spell


# Searches only for text made of letters, digits and dots: no spelling needs more.
SPELLINGS: Mapping[str, Spelling] = {
    "plain": lambda text: [text.encode()],
    "capitals": lambda text: [text.upper().encode()],
    "first letters capital": lambda text: [text.capitalize().encode(), text.title().encode()],
    # Without the zeros at either end: the same in both orders of bytes.
    "UTF-16": lambda text: [text.encode("utf-16-le")[:-1]],
    "UTF-32": lambda text: [text.encode("utf-32-le")[:-3]],
    "base64": _base_encoding(base64.b64encode, 6, 3, "utf-8"),
    "base64 of UTF-16": _base_encoding(base64.b64encode, 6, 3, "utf-16-le"),
    "base64url": _base_encoding(base64.urlsafe_b64encode, 6, 3, "utf-8"),
    "base32": _base_encoding(base64.b32encode, 5, 5, "utf-8"),
    "hexadecimal": lambda text: [text.encode().hex().encode(), text.encode().hex().upper().encode()],
    "hexadecimal, spaced": lambda text: [text.encode().hex(" ").encode(), text.encode().hex(":").encode()],
    "hexadecimal escapes": _per_character("\\x{:02x}"),
    "octal escapes": lambda text: ["".join(f"\\{ord(character):03o}" for character in text).encode()],
    "JSON escapes": _per_character("\\u{:04x}"),
    "percent-encoding": _per_character("%{:02x}"),
    "percent-encoding, twice": _per_character("%25{:02x}"),
    "HTML entities": lambda text: ["".join(f"&#{ord(character)};" for character in text).encode()],
    "HTML entities, hexadecimal": _per_character("&#x{:x};"),
    "quoted-printable": _per_character("={:02x}"),
    "reversed": lambda text: [text[::-1].encode()],
    "rot13": lambda text: [codecs.encode(text, "rot13").encode()],
    "EBCDIC": lambda text: [text.encode("cp037")],
}
# Formats that the search unpacks before it looks: see search.inside.
CONTAINERS = ("gzip", "zlib", "bzip2", "xz", "brotli", "compressed in base64")
DIGESTS = ("md5", "sha1", "sha256", "sha512")


def spellings_of(text: str, names: Iterable[str] = SPELLINGS) -> dict[bytes, str]:
    """The name of each spelling by its bytes; where two agree, of the first."""
    found: dict[bytes, str] = {}
    for name in names:
        for written in SPELLINGS[name](text):
            found.setdefault(written, name)
    return found


def digests_of(text: str) -> dict[bytes, str]:
    """Unsalted digests, as bytes and as hexadecimal digits: an address has so few values that each can be tried."""
    found: dict[bytes, str] = {}
    for name in DIGESTS:
        digest = hashlib.new(name, text.encode(), usedforsecurity=False)
        found[digest.digest()] = name
        found[digest.hexdigest().encode()] = f"{name}, hexadecimal"
    return found


def of_address(numbers: Sequence[int]) -> dict[bytes, str]:
    """Spellings of an IPv4 address, or of every address that begins with these three numbers. Three digits each."""
    part = len(numbers) < 4
    forwards, backwards = [str(number) for number in numbers], [str(number) for number in reversed(numbers)]
    mapped = "ffff:" + "".join(f"{number:02x}" + (":" if place == 1 else "") for place, number in enumerate(numbers))
    packed = bytes(numbers)
    return {
        **spellings_of(".".join([*forwards, ""] if part else forwards)),
        "-".join([*forwards, ""] if part else forwards).encode(): "address with dashes",
        ".".join(["", *backwards, "in-addr"] if part else [*backwards, "in-addr"]).encode(): "address for look-up",
        mapped.encode(): "IPv4 in IPv6",
        mapped.upper().encode(): "IPv4 in IPv6",
        b"\x02\x20" + packed: "PostgreSQL inet",
        bytes(10) + b"\xff\xff" + packed: "IPv4 in IPv6, packed",
    }


def as_number(numbers: Sequence[int]) -> dict[bytes, str]:
    """An address as one number. So short that it counts only with no digit around it: see search."""
    packed = bytes(numbers)
    return {
        str(int.from_bytes(packed)).encode(): "decimal number",
        packed.hex().encode(): "hexadecimal number",
        packed.hex().upper().encode(): "hexadecimal number",
    }
