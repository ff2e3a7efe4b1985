"""Texts that no keyboard would send: the list of the unit tests, and generated ones."""

import random
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from reports.tests import hostile
from tests.proofs.payloads import ALL


@dataclass(frozen=True, slots=True)
class HostileValue:
    """A field's value as it is sent, and the text that it means."""

    encoded: bytes
    text: str


def hostile_texts(*, full: bool) -> list[HostileValue]:
    """The list of the unit tests, script payloads, and generated texts."""
    chance = random.Random(20261124)
    known = [_encode_text(text) for text in (*hostile.TEXTS.values(), *ALL)]
    known += [HostileValue(body, text) for body, text in hostile.BYTES.values()]
    made_up = [_encode_text(_random_text(chance)) for _ in range(40)]
    noise = [_encode_bytes(chance.randbytes(chance.randrange(1, 200))) for _ in range(20)]
    huge = [
        _encode_text("x" * 100_000),
        _encode_text("http://" + "a." * 10_000 + "example/" + "../" * 3_000),
        _encode_text("[" * 9_000 + '{"a":' * 1_000),
        _encode_text("http://example.org/?u=" * 900),
        _encode_bytes(b"\0" * 5_000 + b"\xff" * 5_000),
        _encode_bytes(b"x" * 600_000),
    ]
    texts = [*known, *made_up, *noise, *huge]
    return texts if full else texts[5::17]


def _encode_text(text: str) -> HostileValue:
    """Encode as a browser does; a lone surrogate as a careless program would."""
    return _encode_bytes(text.encode("utf-8", "surrogatepass"))


def _encode_bytes(body: bytes) -> HostileValue:
    """Every byte escaped. Bytes that are not UTF-8 are stored as `\\xNN`, visibly."""
    return HostileValue(quote_from_bytes(body, safe="").encode(), body.decode("utf-8", "backslashreplace"))


# Characters that often cause errors: controls, direction marks, look-alikes, surrogates, ends of planes.
ODD = (
    "\0\t\n\r\x0b\x1b\x7f\x85\u00ad\u034f"
    "\u061c\u180e\u200b\u200e\u200f\u2028\u202e\u2066\u2069\u3002\ud800\udfff\ufdd0\ufe64\ufeff\uff0e\uffff"
)
ALIKE = "аеорсухіԁһ／．：＠０１ℯⅼ。｡․"
PIECES = (
    *(
        "http://",
        "hxxps[:]//",
        "//",
        "www.",
        "example.org",
        "xn--",
        "[::ffff:192.0.2.7]",
        "192.0.2.",
        "@",
        ":",
        "?",
        "#",
    ),
    *(
        "%",
        "%00",
        "%25",
        "..",
        "/",
        "\\",
        "&",
        "=",
        ";",
        "'",
        '"',
        "<",
        "{{",
        "}}",
        "{%",
        "${",
        "`",
        "$(",
        "|",
        "%s",
        "%n",
    ),
    *(
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "' OR 1=1 --",
        "\r\nSet-Cookie: a=b",
        "../../etc/passwd",
        "javascript:",
        "data:",
    ),
)


def _random_text(chance: random.Random) -> str:
    """A random text of pieces of addresses and attacks, with odd characters between and look-alike letters."""
    pieces = chance.choices(PIECES, k=chance.randrange(1, 30))
    return "".join(piece + chance.choice((chance.choice(ODD), chance.choice(ALIKE), "", "a")) for piece in pieces)
