"""The keys of an installation that last, each with one purpose and a file of its own. Staff's side only.

KEYRING/private/fingerprint.key   32 bytes as hex: the staff's blind index
KEYRING/private/reply-links.key   32 bytes as hex: the secrets of notices' reply links
KEYRING/private/handoff.key   32 bytes as hex (Ed25519): signs what is carried to the isolated workstation
KEYRING/private/results.key   96 bytes as hex: opens the results that the isolated workstation seals
KEYRING/private/anchor.key    32 bytes as hex (Ed25519): signs the anchors of the audit log
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reports import sealing
from reports.keys import KeyMissing, create_secret, half_folder

# Batches from before the key of results existed have been imported, or have ended, by then.
FORMER_RESULTS = timedelta(days=14)


class InstallationKey(NamedTuple):
    """`length` in bytes; `purpose` as `create_keys` says it."""

    length: int
    purpose: str


INSTALLATION_KEYS = {
    "fingerprint.key": InstallationKey(32, "fingerprint key. Back it up: without it known addresses look new."),
    "reply-links.key": InstallationKey(32, "key of the reply links in notices."),
    "handoff.key": InstallationKey(32, "key that signs files for the isolated workstation."),
    "results.key": InstallationKey(sealing.PRIVATE_BYTES, "key that opens results of the isolated workstation."),
    "anchor.key": InstallationKey(32, "key that signs anchors. Note its public half: the page of batches shows it."),
}


def fingerprint_key() -> bytes:
    """The staff-only key of the blind index, which finds an address again without storing it in clear."""
    return _read_secret(half_folder("private") / "fingerprint.key")


def reply_link_key() -> bytes:
    """The staff-only key from which the secrets of notices' reply links are derived.

    Raises:
        KeyMissing: it has not been created yet.
    """
    return _read_named("reply-links.key")


def handoff_key() -> bytes:
    """The installation's own key, with which the workstation verifies that a file comes from here and is complete.

    Raises:
        KeyMissing: it has not been created yet.
    """
    return _read_named("handoff.key")


def anchor_key() -> bytes:
    """The key that signs anchors of the audit log; before `create_keys` has made it, the hand-off key, as formerly.

    Raises:
        KeyMissing: neither has been created yet.
    """
    try:
        return _read_named("anchor.key")
    except KeyMissing:
        return handoff_key()


@lru_cache(maxsize=1)
def derive_handoff_sealing_key(secret: bytes) -> sealing.PrivateKey:
    """The key that results were formerly sealed to, of the hand-off key `secret`."""
    derived = HKDF(algorithm=SHA256(), length=sealing.PRIVATE_BYTES, salt=None, info=b"workstation results")
    return sealing.PrivateKey("handoff", derived.derive(secret))


def results_key() -> sealing.PrivateKey:
    """The key that results of batches are sealed to; before `create_keys` has made it, the derived one, as formerly.

    Raises:
        KeyMissing: neither has been created yet.
    """
    try:
        return sealing.PrivateKey("results", _read_named("results.key"))
    except KeyMissing:
        return derive_handoff_sealing_key(handoff_key())


def opening_results_keys(now: datetime) -> list[sealing.PrivateKey]:
    """The keys that open results: the present one, and for FORMER_RESULTS after it was made the one derived formerly.

    Raises:
        KeyMissing: there is none.
    """
    present = results_key()
    try:
        made = datetime.fromtimestamp((half_folder("private") / "results.key").stat().st_mtime, tz=UTC)
        former = derive_handoff_sealing_key(handoff_key()) if now - made < FORMER_RESULTS else present
    except (FileNotFoundError, KeyMissing):
        former = present
    return [present] if former.raw == present.raw else [present, former]


def _read_named(name: str) -> bytes:
    try:
        return _read_secret(half_folder("private") / name)
    except OSError as error:
        raise KeyMissing from error


@lru_cache(maxsize=8)
def _read_secret(path: Path) -> bytes:
    return bytes.fromhex(path.read_text())


def create_missing_keys() -> list[str]:
    """Make the keys that do not exist. Returns what each is for.

    None is made twice: known addresses would look new, waiting notices would get links that lead nowhere, results of
    batches drawn before would be refused, and the workstation and auditors would need the new public halves.
    """
    return [key.purpose for name, key in INSTALLATION_KEYS.items() if create_secret(name, key.length)]
