"""Receipt codes, and everything that follows from one.

    nonce (16 random bytes, in the form's token) --HKDF--> 100 bits = 20 characters, + 1 to check = the code
    code --HKDF, one label each--> receipt id | digest key | seeds of the mailbox key

HKDF is HKDF-SHA256 without salt; from the code on, its input is the 21 canonical characters in ASCII. No key
of the server takes part, so a receipt outlives every change of keys and of servers.

The server can learn this. While it answers a request that carries a token or a code, it knows the code, and
with it can read the messages in that one mailbox: who runs code on the public server sees this for
requests made during that time. At rest it keeps the receipt's id, the mailbox's public key and digests, so it
knows which envelopes belong to one receipt, which message an answer is to, and when one text was sent twice under it.

It cannot learn a code from data at rest: that means trying 2^100 of them (a quantum computer, some
2^50 one after another). Without the code: no message in the mailbox, and no test of a guess ("was it this
address?") against a digest. Two receipts share nothing, so one person's reports, or two reports of one text,
cannot be linked here.

And the code opens no report: what a reporter typed is sealed to the month's key, so a lost or seized receipt
shows the answers, never the question. Only who has both the code and a copy of the database can test guesses.
"""

import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reports import sealing

NONCE_BYTES = 16
PAYLOAD_LENGTH = 20
CODE_LENGTH = PAYLOAD_LENGTH + 1
GROUP_LENGTH = 3
# A typed code with any decoration is far shorter; what is longer need not be looked at.
LONGEST_TYPED = 200

# Crockford's base 32: no I, L, O (look like 1, 1, 0) and no U (fewer accidental obscenities).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
LOOK_ALIKES = {"O": "0", "I": "1", "L": "1"}

# Keyboards give these for a dash, although Unicode does not class them as one (category Pd): hyphen bullet, swung
# dash, minus sign, modifier minus, and the Arabic tatweel.
OTHER_DASHES = frozenset("\u2043\u2053\u2212\u02d7\u0640")


class Mistyped(ValueError):
    """The typed text is no receipt code: wrong length, alphabet or check character."""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """The values derived from a code. All are secret except the receipt's id and the mailbox's public half.

    The mailbox is only seeds until it is used: deriving is cheap, building the key is not.
    """

    code: str
    receipt_id: UUID
    digest_key: bytes
    mailbox: sealing.PrivateKey


def code_from_nonce(nonce: bytes) -> str:
    """The canonical code (21 characters, no dashes) of a form's nonce (16 bytes, or ValueError)."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"A nonce has {NONCE_BYTES} bytes.")
    bits = int.from_bytes(_derive_bytes(nonce, "code", 13), "big") >> 4
    values = [bits >> shift & 31 for shift in range(5 * (PAYLOAD_LENGTH - 1), -1, -5)]
    values.append(_times_alpha(_checksum_remainder(values)))
    return "".join(ALPHABET[value] for value in values)


def format_code(code: str) -> str:
    """A canonical code as people read it: seven groups of three, joined with '-'."""
    return "-".join(code[start : start + GROUP_LENGTH] for start in range(0, len(code), GROUP_LENGTH))


def parse_code(typed: str) -> str:
    """The canonical code of what a person typed or pasted. Raises Mistyped.

    Ignores case, white space, dashes and invisible marks (bidi marks among them); takes full-width letters,
    the decimal digits of every script, O for 0, and I or L for 1.
    """
    if len(typed) > LONGEST_TYPED:
        raise Mistyped("Not a receipt code.")
    symbols = [
        _canonical_symbol(character)
        for character in unicodedata.normalize("NFKC", typed)
        if not _is_decoration(character)
    ]
    if len(symbols) != CODE_LENGTH or any(symbol not in VALUES for symbol in symbols):
        raise Mistyped("Not a receipt code.")
    if _checksum_remainder(VALUES[symbol] for symbol in symbols) != 0:
        raise Mistyped("Not a receipt code.")
    return "".join(symbols)


def derive_credentials(code: str) -> Credentials:
    """Everything that follows from a canonical code. Raises ValueError for any other spelling, since it would
    give the credentials of a receipt that does not exist."""
    if (
        len(code) != CODE_LENGTH
        or not VALUES.keys() >= set(code)
        or _checksum_remainder(VALUES[character] for character in code)
    ):
        raise ValueError("Not a canonical receipt code.")
    secret = code.encode("ascii")
    return Credentials(
        code=code,
        # Marked as a version 4 UUID, as every random id of the system is: 122 bits of it come from the code.
        receipt_id=UUID(bytes=_derive_bytes(secret, "id", 16), version=4),
        digest_key=_derive_bytes(secret, "digest key", 32),
        mailbox=sealing.PrivateKey(
            "mailbox",
            _derive_bytes(secret, "mailbox ML-KEM-768", sealing.MLKEM_SEED_BYTES)
            + _derive_bytes(secret, "mailbox X25519", 32),
        ),
    )


def text_digest(credentials: Credentials, *, kind: str, text: str) -> bytes:
    """32 bytes that are equal exactly when kind (without NUL) and text are, under one receipt; across receipts never.

    Normalise the text before, if two spellings should count as one.
    """
    return hmac.digest(credentials.digest_key, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), "sha256")


def _derive_bytes(secret: bytes, label: str, length: int) -> bytes:
    info = b"reporting-portals receipt " + label.encode("ascii")
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)


# The check character. A code is valid when its 21 values, as coefficients of a polynomial over GF(32), give
# zero at alpha = x, a root of x^5 + x^2 + 1. The weights are 21 different powers of alpha (its order is 31),
# so one wrong character, or two different ones swapped at any distance, can never give zero again.


def _times_alpha(value: int) -> int:
    return value << 1 ^ (0b100101 if value & 0b10000 else 0)


def _checksum_remainder(values: Iterable[int]) -> int:
    remainder = 0
    for value in values:
        remainder = _times_alpha(remainder) ^ value
    return remainder


def _is_decoration(character: str) -> bool:
    # Cf holds the bidi marks, zero-width characters and the soft hyphen.
    return character.isspace() or unicodedata.category(character) in {"Pd", "Cf"} or character in OTHER_DASHES


def _canonical_symbol(character: str) -> str:
    """The canonical form of one typed character; anything outside the alphabet stays outside it."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    upper = character.upper()
    return LOOK_ALIKES.get(upper, upper)
