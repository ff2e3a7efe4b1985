"""A moment's wait for a connection to the database, where the server has none left or is just starting again.

Nothing has been sent to the server before there is a connection, so that to try again is safe. At most MOST_WAITING
threads of a process wait at once; the others are refused at once, and pages without a query go on.
"""

from threading import BoundedSemaphore
from time import monotonic, sleep

from django.conf import settings
from django.db import OperationalError, connection

# Out of the eight threads of a process.
MOST_WAITING = 3
# Seconds before the first new attempt; doubled by each further one.
FIRST_PAUSE = 0.1

_waiting = BoundedSemaphore(MOST_WAITING)


def await_connection() -> None:
    """Make sure that this thread has a connection; costs nothing where it has one.

    Waits up to CONNECTION_WAIT_SECONDS, and for the last attempt. Raises OperationalError as without it.
    """
    try:
        _connect()
    except OperationalError:
        if not settings.CONNECTION_WAIT_SECONDS or not _waiting.acquire(blocking=False):
            raise
        try:
            _try_again()
        finally:
            _waiting.release()


def _connect() -> None:
    connection.close_if_health_check_failed()
    connection.ensure_connection()


def _try_again() -> None:
    end = monotonic() + settings.CONNECTION_WAIT_SECONDS
    pause = FIRST_PAUSE
    while True:
        sleep(min(pause, max(0.0, end - monotonic())))
        pause *= 2
        try:
            _connect()
        except OperationalError:
            if monotonic() >= end:
                raise
        else:
            return
