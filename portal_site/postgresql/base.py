"""Whether a kept connection still leads somewhere, told without a round trip where that can be known."""

import select
from time import monotonic
from typing import Any

from django.db.backends.postgresql import base

# Within this time no server is lost and replaced by another one: what was used so lately and is not closed still works.
TRUSTED_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """CONN_HEALTH_CHECKS asks `SELECT 1` before the first statement of a request: half of what storing a report asks.

    A server that stopped, crashed or ended the session has closed the socket, and this machine's kernel knows it. What
    the kernel cannot know, a server that vanished without a word, is asked for as before once a connection has rested,
    and after any error.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trusted_until = 0.0

    def is_usable(self) -> bool:
        known = monotonic() < self.trusted_until and not self.errors_occurred and _is_silent(self.connection)
        usable = known or super().is_usable()
        self.trusted_until = monotonic() + TRUSTED_SECONDS if usable else 0.0
        return usable


def _is_silent(connection: Any) -> bool:
    """Open, and nothing has come unasked. An end comes so; a notice does too, and then the server is asked."""
    if connection is None or connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
