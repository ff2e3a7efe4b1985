"""What follows from the secret of a notice's link, as everything of a receipt follows from its code.

secret (128 bits, in the link) --HKDF, one label each--> id of the row | key that opens it | digest key
"""

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reports import sealing
from reports.models import KeyClass


@dataclass(frozen=True, slots=True, repr=False)
class LinkCredentials:
    """What a secret stands for. All of it is secret but the id and the key's public half."""

    link_id: UUID
    digest_key: bytes
    key: sealing.PrivateKey


def credentials(secret: bytes) -> LinkCredentials:
    return LinkCredentials(
        # Marked as a version 4 UUID, as every random id of the system is.
        link_id=UUID(bytes=_derived(secret, "id", 16), version=4),
        digest_key=_derived(secret, "digest key", 32),
        key=sealing.private_from_seed(
            "notice", _derived(secret, "ML-KEM-768", sealing.MLKEM_SEED_BYTES) + _derived(secret, "X25519", 32)
        ),
    )


def link_info(link_id: UUID) -> bytes:
    """What the row is bound to: moved to another id it does not open."""
    return sealing.info(key_class=KeyClass.WORDS.value, portal="", receipt=link_id, kind="notice link")


def _derived(secret: bytes, label: str, length: int) -> bytes:
    info = b"reporting-portals notice " + label.encode("ascii")
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)
