"""Files encrypted under a passphrase: the workstation's keys, and the drafts of each batch.

keys      {"format": 1, "n": ..., "salt": ..., "sealed": ...}: scrypt gives the master key that seals the keys
drafts    the same without "n" and "salt": sealed under a key derived from the master key for this batch
sealed    nonce (12 bytes) || ChaCha20-Poly1305, bound to the name of the file's purpose
"""

import hashlib
import json
import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workstation.sealed_file import FileFault, JsonObject, WorkstationKeys, write_json

# Memory of 128 MiB, and about half a second, for each attempt.
COST, BLOCK = 1 << 17, 8
SHORTEST_PASSPHRASE = 12
PURPOSE = b"workstation keys"
KEY_NAMES = ("signing", "sealing", "hotline")


def derive_master_key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=cost, r=BLOCK, p=1, maxmem=2 * 128 * BLOCK * cost, dklen=32)


def _seal(content: JsonObject, key: bytes, purpose: bytes) -> str:
    nonce = secrets.token_bytes(12)
    return b64encode(nonce + ChaCha20Poly1305(key).encrypt(nonce, write_json(content), purpose)).decode()


def _unseal(sealed: str, key: bytes, purpose: bytes) -> JsonObject:
    raw = b64decode(sealed)
    content: JsonObject = json.loads(ChaCha20Poly1305(key).decrypt(raw[:12], raw[12:], purpose))
    return content


def _write_whole(path: Path, content: JsonObject) -> None:
    """Write so that the file is whole at any time, and readable only by its owner."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(write_json(content))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class LockedStore:
    """The folder of the workstation's own files, opened with the passphrase."""

    def __init__(self, folder: Path, master: bytes, keys: WorkstationKeys) -> None:
        self.folder, self.master, self.keys = folder, master, keys

    @classmethod
    def create(cls, folder: Path, passphrase: str, keys: WorkstationKeys, *, cost: int = COST) -> "LockedStore":
        """Raises FileFault if there are keys already, or for a short passphrase."""
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise FileFault(f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters.")
        if _keys_path(folder).exists():
            raise FileFault(f"{_keys_path(folder)} exists already: it holds this workstation's keys.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        salt = secrets.token_bytes(16)
        store = cls(folder, derive_master_key(passphrase, salt, cost), keys)
        store._write_keys(salt, cost)
        return store

    @classmethod
    def open(cls, folder: Path, passphrase: str) -> "LockedStore":
        """Raises FileFault for a wrong passphrase, and without keys."""
        stored = cls._read_keys(folder)
        master = derive_master_key(passphrase, b64decode(stored["salt"]), stored["n"])
        try:
            secrets = _unseal(stored["sealed"], master, PURPOSE)
        except (InvalidTag, ValueError):
            raise FileFault("The passphrase is wrong, or the file of keys is damaged.") from None
        return cls(folder, master, WorkstationKeys(**{name: bytes.fromhex(secrets[name]) for name in KEY_NAMES}))

    def trust(self, hotline: bytes) -> None:
        """Accept batches signed with this key from now on."""
        stored = self._read_keys(self.folder)
        self.keys = WorkstationKeys(self.keys.signing, self.keys.sealing, hotline)
        self._write_keys(b64decode(stored["salt"]), stored["n"])

    @staticmethod
    def _read_keys(folder: Path) -> JsonObject:
        try:
            stored: JsonObject = json.loads(_keys_path(folder).read_bytes())
        except OSError:
            raise FileFault(f"There are no keys in {folder}: run the command `make-keys`.") from None
        except ValueError:
            raise FileFault(f"{_keys_path(folder)} is damaged.") from None
        return stored

    def _write_keys(self, salt: bytes, cost: int) -> None:
        hex_keys = {name: getattr(self.keys, name).hex() for name in KEY_NAMES}
        sealed = _seal(hex_keys, self.master, PURPOSE)
        _write_whole(
            _keys_path(self.folder), {"format": 1, "n": cost, "salt": b64encode(salt).decode(), "sealed": sealed}
        )

    # --- Drafts ---------------------------------------------------------------------------------------

    def _drafts_path(self, batch: str) -> Path:
        return self.folder / f"batch-{batch[:8]}.drafts"

    def _drafts_key(self, batch: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"drafts {batch}".encode()).derive(self.master)

    def load_drafts(self, batch: str) -> JsonObject:
        try:
            sealed = json.loads(self._drafts_path(batch).read_bytes())
            return _unseal(sealed["sealed"], self._drafts_key(batch), batch.encode())
        except FileNotFoundError:
            return {}
        except (InvalidTag, ValueError, KeyError):
            raise FileFault(f"{self._drafts_path(batch)} is damaged. Move it away to begin again.") from None

    def save_drafts(self, batch: str, content: JsonObject) -> None:
        sealed = _seal(content, self._drafts_key(batch), batch.encode())
        _write_whole(self._drafts_path(batch), {"format": 1, "sealed": sealed})

    def erase_drafts(self, batch: str) -> None:
        self._drafts_path(batch).unlink(missing_ok=True)


def _keys_path(folder: Path) -> Path:
    return folder / "workstation.keys"
