"""Checks of keys: SECRET_KEY, weak, used twice or shared by the surfaces; and the keyring's files."""

import re
import stat
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from portal_site import secret_key_fingerprint
from reports import sealing
from reports.installation_keys import INSTALLATION_KEYS
from reports.keys import MASKS

# 50 random hexadecimal digits, the least there can be, have fewer once in a hundred million times.
FEWEST_DIFFERENT = 10
# Words of a sentence or a placeholder. None of 300,000 random keys matched.
SENTENCE = re.compile(r"[a-z]{2,12}(?:[-_ ,.]+[a-z]{2,12}){4}|\s|(?i:insecure|example|change|secret|password)")
HOW_TO_MAKE = "python -c 'import secrets; print(secrets.token_urlsafe(60))' makes one."
# Sizes in bytes of the keyring's files, by suffix; the named secrets have sizes of their own.
LENGTHS = {"pub": sealing.PUBLIC_BYTES, "key": sealing.PRIVATE_BYTES}
SECRETS = {name: key.length for name, key in INSTALLATION_KEYS.items()}


@register(Tags.security, deploy=True)
def check_secret_keys(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """With a guessable key, an attacker can sign tokens and sessions."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if any(len(key) < 50 or len(set(key)) < FEWEST_DIFFERENT or SENTENCE.search(key) for key in keys):
        yield Error("SECRET_KEY, or one of its fallbacks, is not random.", hint=HOW_TO_MAKE, id="portal_site.E010")
    if len(set(keys)) < len(keys):
        yield Error(
            "SECRET_KEY_FALLBACKS contains SECRET_KEY itself, or the same key twice.",
            hint="Keep only earlier keys there, and only until what they signed has expired.",
            id="portal_site.E011",
        )


@register(Tags.security, deploy=True)
def check_secret_keys_differ(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """With a shared key, an attacker on the public server can sign staff sessions and open authenticator secrets."""
    if settings.SURFACE == "all":
        return  # refused as such
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    try:
        matches = secret_key_fingerprint.match_keys(connection, keys)
    except DatabaseError:
        return  # the database checks say so
    hint = "As the owner of the database, with the staff surface's settings: manage.py grant_roles"
    if settings.STAFF and (matches is None or not matches[0]):
        text = "The database has no fingerprint of this SECRET_KEY: the public surface has nothing to compare."
        yield Error(text, hint=hint, id="portal_site.E012")
    elif matches is None:
        text = "The database has no fingerprint of the staff surface's SECRET_KEY: the two may be the same."
        yield Error(text, hint=hint, id="portal_site.E012")
    elif not settings.STAFF and any(matches):
        hint = f"Give each surface its own. {HOW_TO_MAKE}"
        yield Error("The staff surface has the same SECRET_KEY.", hint=hint, id="portal_site.E013")


@register(Tags.security, deploy=True)
def check_keyring(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Sealing keys that all users may read, that are not keys, or that are one key under two names.

    That a public surface sees no private half is not checked here: it does not start (`portal_site.apps`).
    """
    by_content: dict[str, list[str]] = defaultdict(list)
    for path in _key_files():
        try:
            mode, text = path.stat().st_mode, path.read_text().strip()
        except OSError:
            yield _keyring_error(path, "cannot be read", "Let this surface's user read it.")
            continue
        if path.suffix == ".key" and mode & stat.S_IRWXO:
            yield Error(
                f"All users of this machine may read {path.name} of the keyring.",
                hint="chmod o= on each file in the keyring's folder `private`, and on the folder.",
                id="portal_site.E014",
            )
        by_content[text].append(path.name)
        if (reason := _no_key(path, text)) is not None:
            yield _keyring_error(path, reason, "Restore the file from the keyring's backup.")
    for names in by_content.values():
        if len(names) > 1:
            yield _keyring_error(Path(names[0]), f"is the same key as {names[1]}", "Restore both from the backup.")
    yield from _missing_secrets()
    if not any(settings.KEYRING.glob("public/words-*.pub")):
        yield Error(
            "The keyring has no public key: no report can be accepted.",
            hint="On the staff side manage.py create_keys; on a public server copy the keyring's folder `public`.",
            id="portal_site.E016",
        )


def _missing_secrets() -> Iterator[CheckMessage]:
    if not settings.STAFF:
        return
    files = {path.name for path in (settings.KEYRING / "private").glob("*.key")}
    hint = "Restore it from the keyring's backup. If it never existed (an update brings it): manage.py create_keys"
    yield from (_keyring_error(Path(name), "is missing", hint) for name in sorted(SECRETS.keys() - files))


def _key_files() -> Iterator[Path]:
    for folder in ("public", "private"):
        for suffix in LENGTHS:
            yield from sorted((settings.KEYRING / folder).glob(f"*.{suffix}"))


def _no_key(path: Path, text: str) -> str | None:
    """Why `text` is not the key its file's name promises; None where it is."""
    is_of_masks = path.stem.split("-")[0] == MASKS
    length = sealing.MASK_KEY_BYTES if is_of_masks else SECRETS.get(path.name) or LENGTHS[path.suffix[1:]]
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != length:
        return "is damaged"
    # 32 random bytes hardly ever have fewer than 24 different values.
    if len(set(raw)) < 16:
        return "is not random"
    if path.suffix == ".pub":
        private = settings.KEYRING / "private" / f"{path.stem}.key"
        try:
            if sealing.PrivateKey(path.stem, bytes.fromhex(private.read_text())).public().raw != raw:
                return "does not belong to its private half: data sealed to it could never be opened"
        except (OSError, ValueError):
            return None  # not readable for this user, as on the public surface, or checked on its own
    return None


def _keyring_error(path: Path, what: str, hint: str) -> Error:
    return Error(f"{path.name} of the keyring {what}.", hint=hint, id="portal_site.E015")
