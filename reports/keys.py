"""The keyring: which key seals now, and where the halves are.

    KEYRING/public/<id>.pub      1,216 bytes as hex, class `words` only: all that a public server ever gets
    KEYRING/private/<id>.pub     the same of class `addresses`: only staff seal to it
    KEYRING/private/<id>.key     96 bytes as hex, either class; never on a public server
    KEYRING/private/fingerprint.key   32 bytes as hex: the staff's blind index

An id is `<class>-<year>-<month>-<8 hex>`: `words-2026-11-5f0c91aa`.
"""

import os
import secrets
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from reports import sealing
from reports.models import KeyClass

MONTHS_AHEAD = 13


class NoOpenKey(Exception):
    """There is no public key to seal to: nothing may be stored."""


class KeyMissing(Exception):
    """The private half is not in this keyring: destroyed, or not mounted here."""


def _folder(half: str) -> Path:
    return Path(settings.KEYRING) / half


def _folder_of_public_half(key_class: KeyClass) -> Path:
    return _folder("public" if key_class == KeyClass.WORDS else "private")


def _month_of(key_id: str) -> str:
    """`2026-11` of `words-2026-11-5f0c91aa`."""
    return "-".join(key_id.split("-")[1:3])


def is_of_month(key_id: str, now: datetime) -> bool:
    return _month_of(key_id) == f"{now:%Y-%m}"


@lru_cache(maxsize=64)
def _read_public(path: Path) -> sealing.PublicKey:
    return sealing.PublicKey(id=path.stem, raw=bytes.fromhex(path.read_text()))


@lru_cache(maxsize=8)
def _listed(folder: Path, key_class: str, mtime: int) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob(f"{key_class}-*.pub")))


def public_key(now: datetime, key_class: KeyClass = KeyClass.WORDS) -> sealing.PublicKey:
    """The key of `now`'s month; where it is missing, the newest earlier one, else the earliest later one.

    Raises:
        NoOpenKey: the keyring has no public half of the class.
    """
    folder = _folder_of_public_half(key_class)
    try:
        paths = _listed(folder, key_class.value, folder.stat().st_mtime_ns)
    except OSError as error:
        raise NoOpenKey from error
    current = [path for path in paths if _month_of(path.stem) <= f"{now:%Y-%m}"]
    later = paths[len(current) :]
    for path in [*reversed(current), *later]:
        try:
            return _read_public(path)
        except (OSError, ValueError):
            # Half copied, or not readable here: sealed to the next one instead, and health tells of the old key.
            continue
    raise NoOpenKey


@lru_cache(maxsize=64)
def _read_private(path: Path, mtime: int) -> sealing.PrivateKey:
    return sealing.private_from_seed(path.stem, bytes.fromhex(path.read_text()))


def private_key(key_id: str) -> sealing.PrivateKey:
    """The private half, on the staff side.

    Raises:
        KeyMissing: destroyed, or not mounted here.
    """
    path = _folder("private") / f"{key_id}.key"
    try:
        # Asked each time: what was destroyed must not live on in a process.
        return _read_private(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise KeyMissing from error


def fingerprint_key() -> bytes:
    """The staff-only key of the blind index that finds an address again without storing it in clear."""
    return _read_secret(_folder("private") / "fingerprint.key")


@lru_cache(maxsize=4)
def _read_secret(path: Path) -> bytes:
    return bytes.fromhex(path.read_text())


def private_halves(keyring: Path) -> list[Path]:
    """Every private half below `keyring`; a public surface that finds one refuses to start."""
    return sorted(keyring.rglob("*.key"))


def _write(path: Path, secret: bytes, mode: int) -> None:
    """Write once, whole or not at all: a half-written key would seal to nobody."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755 if mode == 0o644 else 0o700)
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def create(key_class: KeyClass, month: date) -> str:
    """Make one pair and write its private half; nobody seals to it before `publish`. Returns the new id."""
    key_id = f"{key_class.value}-{month:%Y-%m}-{secrets.token_hex(4)}"
    _write(_folder("private") / f"{key_id}.key", sealing.generate(key_id).raw, 0o600)
    return key_id


def publish(key_id: str) -> None:
    """Write the public half where it is missing: the last step, once the database knows the key.

    A public half without its row would be sealed to, and every report refused.
    """
    path = _folder_of_public_half(KeyClass(key_id.split("-")[0])) / f"{key_id}.pub"
    if not path.exists():
        _write(path, private_key(key_id).public().raw, 0o644)


def create_fingerprint_key() -> bool:
    """Make the blind index's key once; a second one would make every known address look new."""
    path = _folder("private") / "fingerprint.key"
    if path.exists():
        return False
    _write(path, secrets.token_bytes(32), 0o600)
    return True
