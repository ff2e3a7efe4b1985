"""Whether the server's advisory locks exclude one another: the audit chain and the erasure of keys rely on them.

Some servers that speak PostgreSQL's protocol accept the functions without effect, and behind a pooler that shares
sessions between transactions two clients can hold one lock. There the chain would fork without an error.
"""

import secrets

from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "Two sessions of this database server can hold one advisory lock: the audit log would fork."


def do_advisory_locks_exclude(connection: BaseDatabaseWrapper) -> bool:
    """Whether a second session is refused a lock that this one holds. Raises DatabaseError."""
    key = secrets.randbits(62)
    other = connection.copy()
    try:
        with connection.cursor() as first, other.cursor() as second:
            first.execute("SELECT pg_try_advisory_lock(%s)", [key])
            holds = first.fetchone() == (True,)
            try:
                second.execute("SELECT pg_try_advisory_lock(%s)", [key])
                return bool(holds and second.fetchone() == (False,))
            finally:
                first.execute("SELECT pg_advisory_unlock(%s)", [key])
    finally:
        other.close()
