"""Spellings that the search for markers does not know, on purpose: leaks in them must be found by what they do."""

import base64
import binascii
import hashlib
import lzma
import zlib
from collections.abc import Callable, Mapping

LETTERS = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _deflate(raw: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(raw) + packer.flush()


def _uuencode(raw: bytes) -> bytes:
    return b"".join(binascii.b2a_uu(raw[place : place + 45]) for place in range(0, len(raw), 45))


def _base58(raw: bytes) -> bytes:
    number, written = int.from_bytes(raw), bytearray()
    while number:
        number, digit = divmod(number, len(LETTERS))
        written.append(LETTERS[digit])
    return bytes(reversed(written))


UNKNOWN_SPELLINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "base85": base64.b85encode,
    "deflate": _deflate,
    "uuencode": _uuencode,
    "ordinals": lambda raw: " ".join(map(str, raw)).encode(),
    "ones-and-zeros": lambda raw: "".join(f"{byte:08b}" for byte in raw).encode(),
    "lzma": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    "base58": _base58,
    "complement": lambda raw: bytes(255 - byte for byte in raw),
    "letter-by-letter": lambda raw: b".".join(bytes([byte]) for byte in raw),
    "digest": lambda raw: hashlib.sha256(raw).hexdigest().encode(),
}
