"""How the surfaces verify that they do not share a SECRET_KEY, without disclosing the key to each other.

`manage.py grant_roles`, which runs with the staff's settings, leaves a mark of the staff's keys in the database: scrypt
under a random salt. With a key one can test whether the mark was made of that key; the mark does not reveal the key,
and a random key cannot be guessed. The staff surface must find its own key in the mark, the public surface must find
none of its keys there: where both checks pass, the keys differ.

The mark is the comment of a table (`countries.table_marks`). Rejected: the comment of a role, which all databases of a
server share; a plain hash, by which a weak key could be guessed as fast as a machine can hash.
"""

import hashlib
import secrets
from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from countries.table_marks import TableMark

# On a table of the whole installation and no app, so that no migration ever comments on it.
MARK = TableMark("django_migrations", "marks of the staff surface's SECRET_KEY:")


def write_fingerprint(connection: BaseDatabaseWrapper, keys: Sequence[str]) -> None:
    """Replace the mark by one of `keys`. The connection must be the owner's."""
    salt = secrets.token_bytes(16)
    MARK.write(connection, " ".join([salt.hex(), *(_hash_key(key, salt) for key in keys)]))


def match_keys(connection: BaseDatabaseWrapper, keys: Sequence[str]) -> list[bool] | None:
    """Whether each of `keys` is in the mark; None where there is no mark. Costs about 50 ms a key."""
    mark = MARK.read(connection)
    if mark is None:
        return None
    salt, *marks = mark.split()
    return [_hash_key(key, bytes.fromhex(salt)) in marks for key in keys]


def _hash_key(key: str, salt: bytes) -> str:
    return hashlib.scrypt(key.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
