"""The keyring: which monthly key seals now, and where the key files are.

    KEYRING/public/<id>.pub      1,216 bytes as hex, class `words` only: all that a public server ever gets
    KEYRING/private/<id>.pub     the same of class `addresses`: only staff seal to it
    KEYRING/private/<id>.key     96 bytes as hex, either class; never on a public server
    KEYRING/private/masks-<...>.key   32 bytes as hex, beside each `addresses-<...>`: seals masks of its addresses

Keys that last are in `reports.installation_keys`.

An id is `<class>-<year>-<month>-<8 hex>`: `words-2026-11-5f0c91aa`. A key that replaces another one of its month says
which one of the month it is: `words-2026-11-r02-5f0c91aa`.

A key of masks is made and destroyed with its key of addresses, and is no row of the database.

The folder holds valid keys only: a closed key has no public half here, a destroyed one no half at all. So a mirror of
the folder, deletions included, has the same.
"""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from reports import sealing
from reports.models import KeyClass

MONTHS_AHEAD = 13
MASKS = "masks"


class NoOpenKey(Exception):
    """There is no public key to seal to: nothing can be stored."""


class KeyMissing(Exception):
    """The private half is not in this keyring: destroyed, or not mounted here."""


def half_folder(half: str) -> Path:
    """Where the `public` or the `private` halves are."""
    return Path(settings.KEYRING) / half


def _folder_of_public_half(key_class: KeyClass) -> Path:
    return half_folder("public" if key_class == KeyClass.WORDS else "private")


def _month_of(key_id: str) -> str:
    """`2026-11` of `words-2026-11-5f0c91aa`."""
    return "-".join(key_id.split("-")[1:3])


def key_generation(key_id: str) -> int:
    """Which key of its month it is: 1 for the first, 2 for the one that replaced it, and so on."""
    mark = key_id.split("-")[3]
    return int(mark[1:]) if mark.startswith("r") else 1


def is_of_month(key_id: str, now: datetime) -> bool:
    return _month_of(key_id) == f"{now:%Y-%m}"


@lru_cache(maxsize=64)
def _read_public(path: Path) -> sealing.PublicKey:
    return sealing.PublicKey(id=path.stem, raw=bytes.fromhex(path.read_text()))


@lru_cache(maxsize=8)
def _in_order(folder: Path, key_class: str, month: str, mtime: int) -> tuple[Path, ...]:
    """The month's key, earlier ones from the newest on, then later ones; read again when the folder changes.

    Within a month the newest first: a server that has not dropped a replaced key yet must not use it. Its `r02` sorts
    behind the digits of the first.
    """
    by_age = sorted(folder.glob(f"{key_class}-*.pub"))
    current = [path for path in by_age if _month_of(path.stem) <= month]
    return (*reversed(current), *by_age[len(current) :])


def public_key(now: datetime, key_class: KeyClass = KeyClass.WORDS) -> sealing.PublicKey:
    """The key of `now`'s month; where it is missing, the newest earlier one, else the earliest later one.

    Raises:
        NoOpenKey: the keyring has no public half of the class.
    """
    folder = _folder_of_public_half(key_class)
    try:
        paths = _in_order(folder, key_class.value, f"{now:%Y-%m}", folder.stat().st_mtime_ns)
    except OSError as error:
        raise NoOpenKey from error
    for path in paths:
        try:
            return _read_public(path)
        except (OSError, ValueError):
            # Half copied, or not readable here: the next one is used instead, and the health check reports the old key.
            continue
    raise NoOpenKey


@lru_cache(maxsize=1)
def _private_half_cache(folder: str, mtime: int) -> dict[str, sealing.PrivateKey]:
    """The private halves read since the folder last changed: after one is destroyed, a process drops them all."""
    return {}


@lru_cache(maxsize=1)
def _mask_key_cache(folder: str, mtime: int) -> dict[str, sealing.MaskKey]:
    return {}


def _read_key[Key](name: str, make: Callable[[str, bytes], Key], cache: Callable[[str, int], dict[str, Key]]) -> Key:
    # As text: a page with thirty addresses asks this often, and `Path` takes longer than the system.
    folder = str(half_folder("private"))
    path = f"{folder}/{name}.key"
    try:
        keys = cache(folder, os.stat(folder).st_mtime_ns)
        # Checked each time: a destroyed key must not live on in a process.
        os.stat(path)
        if path not in keys:
            keys[path] = make(name, bytes.fromhex(Path(path).read_text()))
    except OSError as error:
        raise KeyMissing from error
    return keys[path]


def private_key(key_id: str | None) -> sealing.PrivateKey:
    """The private half, on the staff side.

    Raises:
        KeyMissing: destroyed, or not mounted here; or `key_id` is None: nothing is sealed.
    """
    if key_id is None:
        raise KeyMissing
    return _read_key(key_id, sealing.PrivateKey, _private_half_cache)


def mask_key(key_id: str | None) -> sealing.MaskKey:
    """The key of the masks of addresses under the key `key_id`.

    Raises:
        KeyMissing: destroyed, not created yet, or not mounted here; or `key_id` is None.
    """
    if key_id is None:
        raise KeyMissing
    return _read_key(_mask_key_id(key_id), sealing.MaskKey, _mask_key_cache)


def _mask_key_id(key_id: str) -> str:
    return MASKS + key_id.removeprefix(KeyClass.ADDRESSES.value)


def has_private_half(key_id: str) -> bool:
    """Whether this process can read it: what was sealed with the key can be opened."""
    path = half_folder("private") / f"{key_id}.key"
    return os.access(path, os.R_OK) and bool(path.stat().st_size)


def private_halves(keyring: Path) -> list[Path]:
    """Every private half below `keyring`; a public surface that finds one refuses to start."""
    return sorted(keyring.rglob("*.key"))


def _write_key(path: Path, secret: bytes, mode: int) -> None:
    """Write once, whole or not at all: an envelope sealed to a half-written key could never be opened."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755 if mode == 0o644 else 0o700)
    if path.parent.stat().st_mode & stat.S_ISGID:
        # Where an administrator gave the folder to a group (deploy/systemd/tmpfiles.conf), the users who read keys are
        # not the one who makes and destroys them.
        mode |= stat.S_IRGRP
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def create(key_class: KeyClass, month: date, *, number: int = 1) -> str:
    """Make one pair, the `number`th of its month, and write its private half; it is not used before `publish`.

    Returns the new id.
    """
    mark = f"r{number:02}-" if number > 1 else ""
    key_id = f"{key_class.value}-{month:%Y-%m}-{mark}{secrets.token_hex(4)}"
    if key_class == KeyClass.ADDRESSES:
        create_mask_key(key_id)
    _write_key(half_folder("private") / f"{key_id}.key", sealing.generate_key(key_id).raw, 0o600)
    return key_id


def create_mask_key(key_id: str) -> None:
    """Make the key of masks of the key of addresses `key_id`, unless it exists."""
    create_secret(f"{_mask_key_id(key_id)}.key")


def publish(key_id: str) -> None:
    """Write the public half where it is missing: the last step, once the database knows the key.

    A public half without its row would be sealed to, and every report refused.
    """
    path = _folder_of_public_half(KeyClass(key_id.split("-")[0])) / f"{key_id}.pub"
    if not path.exists():
        _write_key(path, private_key(key_id).public().raw, 0o644)


def public_key_ids() -> set[str]:
    """The ids of both classes whose public half is in this keyring."""
    return {
        path.stem
        for key_class in KeyClass
        for path in _folder_of_public_half(key_class).glob(f"{key_class.value}-*.pub")
    }


def private_key_ids() -> set[str]:
    """The ids whose private half is in this keyring."""
    return {path.stem for key_class in KeyClass for path in half_folder("private").glob(f"{key_class.value}-*.key")}


def mask_key_owners() -> set[str]:
    """The ids of the keys of addresses whose keys of masks are in this keyring."""
    paths = half_folder("private").glob(f"{MASKS}-*.key")
    return {KeyClass.ADDRESSES.value + path.stem.removeprefix(MASKS) for path in paths}


def withdraw_public_half(key_id: str) -> None:
    """Remove the public half: servers that mirror the folder stop sealing to the key."""
    path = _folder_of_public_half(KeyClass(key_id.split("-")[0])) / f"{key_id}.pub"
    path.unlink(missing_ok=True)
    _keep_names(path.parent)


def destroy_key(key_id: str) -> None:
    """Remove both halves for good, and its key of masks; secrets are overwritten first.

    Safe to run again after any interruption.
    docs/guides/keys-and-erasure.md lists what a file system, a solid-state disk or a snapshot may still keep.
    """
    withdraw_public_half(key_id)
    folder = half_folder("private")
    for name in (key_id, _mask_key_id(key_id)) if key_id.startswith(KeyClass.ADDRESSES.value) else (key_id,):
        path = folder / f"{name}.key"
        with suppress(FileNotFoundError):
            with path.open("r+b") as file:
                file.write(b"\0" * path.stat().st_size)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
    _keep_names(folder)


def _keep_names(folder: Path) -> None:
    """Flush the folder's directory entries to disk: without it a removed file may be back after a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create_secret(name: str, length: int = 32) -> bool:
    """Write random bytes to the file of this name unless it exists. Returns whether it was made."""
    path = half_folder("private") / name
    if path.exists():
        return False
    _write_key(path, secrets.token_bytes(length), 0o600)
    return True
