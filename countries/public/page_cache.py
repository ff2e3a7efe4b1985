"""Cache of rendered pages, plain and compressed, with placeholders for the values of each visitor.

Rendering and compressing are most of a page's cost. The values, a form's token or a receipt, are written between the
compressed pieces uncompressed, so the length of an answer reveals nothing about them (BREACH). All secret values of one
name have the same length. A value that is HTML, rendered for one visitor, is compressed; random padding hides its
length, as in BoundedGZipMiddleware.
"""

import re
import secrets
import struct
import zlib
from dataclasses import dataclass, field
from functools import reduce
from html import escape

from django.http import HttpResponse

# Private-use characters, which no text of a portal has.
_MARK = "\ue000"
_PLACES = re.compile(f"{_MARK}([a-z]+){_MARK}")
# The indentation of templates: a twentieth of a compressed page. No page has `pre`, and text fields are blank.
_INDENTATION = re.compile(r"\n\s+")

# RFC 1952: magic, deflate, no name and no time, compressed as well as can be, unknown system.
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
# The same with the name of a file, which ends with NUL: the padding.
_PADDED_HEAD = b"\x1f\x8b\x08\x08\0\0\0\0\x02\xff"
_MOST_PADDING = 100
_LONG_VALUE = 64 * 1024
# RFC 1951: a last block with nothing in it.
_LAST_BLOCK = b"\x03\x00"


def placeholder_for(name: str) -> str:
    """The placeholder that a template shows for a value of this name (small letters)."""
    return f"{_MARK}{name}{_MARK}"


@dataclass(frozen=True, slots=True)
class CachedPage:
    """`pieces` of the page, plain and deflated, each but the last followed by the value of that name in `names`."""

    content_type: str
    names: tuple[str, ...]
    pieces: tuple[bytes, ...] = field(repr=False)
    deflated: tuple[bytes, ...] = field(repr=False)
    # CRC-32 of the first piece, which is all or nearly all of most pages.
    checksum: int = field(repr=False)
    # As `page_style.style_source_of` gives it.
    style_source: str = ""

    @classmethod
    def of(cls, response: HttpResponse, style_source: str = "") -> "CachedPage":
        content = response.content.decode()
        if response.headers["Content-Type"].startswith("text/html"):
            content = _INDENTATION.sub("\n", content)
        texts = _PLACES.split(content)
        pieces = tuple(text.encode() for text in texts[0::2])
        deflated = tuple(map(_deflate_piece, pieces))
        checksum = zlib.crc32(pieces[0])
        return cls(response.headers["Content-Type"], tuple(texts[1::2]), pieces, deflated, checksum, style_source)

    def answer(self, values: dict[str, str], *, compressed: bool) -> HttpResponse:
        """The page with its values, escaped unless they are marked safe. Raises KeyError where one is missing."""
        parts = [values[name] for name in self.names]
        is_html = [hasattr(value, "__html__") for value in parts]
        stamps = [(value if html else escape(value)).encode() for value, html in zip(parts, is_html, strict=True)]
        plain = _interleave_stamps(self.pieces, stamps)
        if not compressed:
            return HttpResponse(b"".join(plain), content_type=self.content_type)
        blocks = _interleave_stamps(
            self.deflated,
            [
                _deflate_piece(stamp, _value_level(stamp)) if html else _build_stored_block(stamp)
                for stamp, html in zip(stamps, is_html, strict=True)
            ],
        )
        head = _PADDED_HEAD + b"a" * secrets.randbelow(_MOST_PADDING) + b"\0" if any(is_html) else _GZIP_HEAD
        checksum = reduce(lambda so_far, piece: zlib.crc32(piece, so_far), plain[1:], self.checksum)
        tail = struct.pack("<II", checksum, sum(map(len, plain)))
        page = HttpResponse(b"".join((head, *blocks, _LAST_BLOCK, tail)), content_type=self.content_type)
        page.headers["Content-Encoding"] = "gzip"
        page.headers["Vary"] = "Accept-Encoding"
        return page


def _interleave_stamps(pieces: tuple[bytes, ...], stamps: list[bytes]) -> list[bytes]:
    mixed = [pieces[0]]
    for stamp, piece in zip(stamps, pieces[1:], strict=True):
        mixed += (stamp, piece)
    return mixed


def _value_level(value: bytes) -> int:
    """Text that a stranger sends comes back in a value; to compress half a megabyte well takes a fifth of a second."""
    return 6 if len(value) <= _LONG_VALUE else 1


def _deflate_piece(piece: bytes, level: int = 9) -> bytes:
    """Whole bytes of a deflate stream that continues, without references to data before them."""
    if not piece:
        return b""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(piece) + compressor.flush(zlib.Z_FULL_FLUSH)


def _build_stored_block(value: bytes) -> bytes:
    """A deflate block that stores up to 65,535 bytes uncompressed."""
    return b"\0" + struct.pack("<HH", len(value), len(value) ^ 0xFFFF) + value
