"""Batch files and results: each line is signed, then sealed to its reader. docs/guides/workstation.md has the format.

signed  = a compact JWS (RFC 7515) with Ed25519 (RFC 8037)
line    = base64url(0x01 || HPKE single-shot (RFC 9180): encapsulated key || ciphertext || tag)
suite   = KEM ML-KEM-768 + X25519, KDF HKDF-SHA256, AEAD ChaCha20-Poly1305
info    = "v1|handoff|||batch" or "v1|handoff|||batch-results"
plain   = length (4 bytes, big-endian) || {"line": signed} || zeros up to a power of two
"""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

# Batches, in which each incident has its own work; and results, which may have the abuse contact of a provider.
BATCH_FORMAT, RESULTS_FORMAT = 2, 3
BATCH, RESULTS = "batch", "batch-results"
SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
SMALLEST = 1024
MLKEM_BYTES, SEED_BYTES = 1184, 64
PRIVATE_BYTES = SEED_BYTES + 32

# A parsed JSON object: the header and lines of a file, whose fields docs/reference/batch.schema.json describes.
type JsonObject = dict[str, Any]


class FileFault(Exception):
    """The file cannot be used; the message is for the person at the workstation."""


@dataclass(frozen=True)
class WorkstationKeys:
    """`sealing`: 64 bytes of ML-KEM seed, then 32 of X25519. `hotline`: the public key that batches are signed with."""

    signing: bytes = field(repr=False)
    sealing: bytes = field(repr=False)
    hotline: bytes = b""

    @property
    def signing_public(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.signing).public_key().public_bytes_raw()

    @property
    def sealing_parts(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        return (
            MLKEM768PrivateKey.from_seed_bytes(self.sealing[:SEED_BYTES]),
            X25519PrivateKey.from_private_bytes(self.sealing[SEED_BYTES:]),
        )

    @property
    def sealing_public(self) -> bytes:
        mlkem, x25519 = self.sealing_parts
        return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def public_text(self) -> str:
        """The two public keys, a line each, as an administrator registers them."""
        return "".join(f"{b64encode(key).decode()}\n" for key in (self.signing_public, self.sealing_public))


def generate_keys() -> WorkstationKeys:
    return WorkstationKeys(secrets.token_bytes(32), secrets.token_bytes(PRIVATE_BYTES))


# --- Lines ----------------------------------------------------------------------------------------------------------


def key_id(public: bytes) -> str:
    """The short id of a public key, to compare with the staff site."""
    return hashlib.sha256(public).hexdigest()[:16]


def parse_public_key(text: str) -> bytes:
    try:
        public = b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise FileFault("the hotline's key is 44 characters ending in =, as the staff site shows it") from None
    return public


def encode_base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def write_json(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def sign_payload(payload: Mapping[str, object], secret: bytes, typ: str) -> str:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    header = {"alg": "EdDSA", "kid": key_id(key.public_key().public_bytes_raw()), "typ": typ}
    text = f"{encode_base64(write_json(header))}.{encode_base64(write_json(payload))}"
    return f"{text}.{encode_base64(key.sign(text.encode()))}"


def open_signed(line: str, public: bytes, typ: str) -> JsonObject:
    try:
        header, payload, signature = line.split(".")
        if json.loads(decode_base64(header)) != {"alg": "EdDSA", "kid": key_id(public), "typ": typ}:
            raise FileFault("signed with another key, or a line of another kind of file")
        Ed25519PublicKey.from_public_bytes(public).verify(decode_base64(signature), f"{header}.{payload}".encode())
        content: JsonObject = json.loads(decode_base64(payload))
    except InvalidSignature:
        raise FileFault("the signature is invalid: the line was changed after it was signed") from None
    except ValueError:
        raise FileFault("damaged or cut short") from None
    return content


def sealing_info(typ: str) -> bytes:
    return f"v1|handoff|||{typ}".encode()


def seal_line(line: str, to: bytes, typ: str) -> str:
    body = write_json({"line": line})
    length = 4 + len(body)
    plain = (len(body).to_bytes(4, "big") + body).ljust(max(SMALLEST, 1 << (length - 1).bit_length()), b"\0")
    key = hpke.MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(to[:MLKEM_BYTES]), X25519PublicKey.from_public_bytes(to[MLKEM_BYTES:])
    )
    return encode_base64(b"\x01" + SUITE.encrypt(plain, key, info=sealing_info(typ)))


def unseal_line(line: str, keys: WorkstationKeys, typ: str) -> str:
    try:
        sealed = decode_base64(line)
        if sealed[:1] != b"\x01":
            raise FileFault("sealed in a way that this version does not know")
        key = hpke.MLKEM768X25519PrivateKey(*keys.sealing_parts)
        plain = SUITE.decrypt(sealed[1:], key, info=sealing_info(typ))
        text: str = json.loads(plain[4 : 4 + int.from_bytes(plain[:4], "big")])["line"]
    except (InvalidTag, ValueError, KeyError):
        raise FileFault("sealed to another workstation, or damaged") from None
    return text


# --- Files ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class OpenBatch:
    head: JsonObject
    incidents: Sequence[JsonObject]


def open_batch(content: str, keys: WorkstationKeys) -> OpenBatch:
    """Open a complete batch. Raises FileFault for any other file."""
    if not keys.hotline:
        raise FileFault("The hotline's key is not known yet: run the command `trust`.")
    lines = []
    for number, line in enumerate(content.split(), start=1):
        try:
            lines.append(open_signed(unseal_line(line, keys, BATCH), keys.hotline, BATCH))
        except FileFault as fault:
            raise FileFault(f"Line {number}: {fault}.") from None
    if not lines or lines[0].get("kind") != "batch":
        raise FileFault("The first line of a batch is missing.")
    head, incidents = lines[0], lines[1:]
    if head.get("format") != BATCH_FORMAT:
        raise FileFault(f"Format {head.get('format')}, but this folder reads {BATCH_FORMAT}: update it, or draw again.")
    if len(incidents) != head["count"] or any(incident.get("batch") != head["batch"] for incident in incidents):
        raise FileFault(f"{head['count']} incidents were drawn, but the file has {len(incidents)} or is mixed.")
    if [incident["number"] for incident in incidents] != sorted({incident["number"] for incident in incidents}):
        raise FileFault("The order of the lines was changed.")
    return OpenBatch(head, incidents)


def write_results(batch: OpenBatch, results: Sequence[JsonObject], keys: WorkstationKeys, *, made_at: str) -> str:
    """The results of a batch, each line signed by this workstation and sealed to the hotline."""
    to, of_batch = b64decode(batch.head["results_key"]), batch.head["batch"]
    head = {"kind": "results", "format": RESULTS_FORMAT, "batch": of_batch, "made_at": made_at, "count": len(results)}
    lines = [head, *({"kind": "result", "batch": of_batch, **result} for result in results)]
    return "".join(f"{seal_line(sign_payload(line, keys.signing, RESULTS), to, RESULTS)}\n" for line in lines)
