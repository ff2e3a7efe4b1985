"""Limits on the passwords that a process checks at once, so that strangers use up neither its memory nor its threads.

Argon2 takes MEMORY_KIB for each check, by design. At most PASSWORD_CHECKS run at once, and one of these is never a
stranger's: browsers that signed in to the account before, and staff who are signed in, have a lane of their own
(passkeys need no check). Strangers share the other checks and a short queue, whether or not the account exists; beyond
that an attempt is refused before anything is checked or counted.

In the memory of each process, like the threads that this protects: nothing about the sender is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# The second choice that RFC 9106 recommends, for little memory: 64 MiB, three passes, four lanes.
MEMORY_KIB = 64 * 1024
PASSES = 3
LANES = 4
# Seconds after which the sender of a refused attempt should try again.
RETRY_SECONDS = 5


class SignInBusy(ValidationError):
    """The password was not checked, because too many others were at that moment."""

    status = 503
    seconds = RETRY_SECONDS

    def __init__(self) -> None:
        super().__init__(
            _(
                "Very many people are signing in at this moment, so your password was not checked. Please try again in "
                "a few seconds. A passkey works at once."
            ),
            code="busy",
        )


class StrangersLane:
    """Lets `at_once` in, and has at most `waiting` others wait for up to `seconds`."""

    def __init__(self, *, at_once: int, waiting: int, seconds: float) -> None:
        self._running = BoundedSemaphore(at_once)
        self._places = BoundedSemaphore(at_once + waiting)
        self._seconds = seconds

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Raises SignInBusy if the lane is full, or stays occupied."""
        if not self._places.acquire(blocking=False):
            raise SignInBusy
        try:
            if not self._running.acquire(timeout=self._seconds):
                raise SignInBusy
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._places.release()


# One fewer than run at once: the last is kept free of strangers.
strangers_lane = StrangersLane(
    at_once=settings.PASSWORD_CHECKS - 1,
    waiting=settings.PASSWORD_QUEUE,
    seconds=settings.PASSWORD_WAIT_SECONDS,
)
_checks = BoundedSemaphore(settings.PASSWORD_CHECKS)


class StaffPasswordHasher(Argon2PasswordHasher):
    """Argon2id within the limit of PASSWORD_CHECKS. A check waits for its turn, behind those of known browsers only."""

    time_cost = PASSES
    memory_cost = MEMORY_KIB
    parallelism = LANES

    def encode(self, password: str, salt: str) -> str:
        with _checks:
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with _checks:
            return bool(super().verify(password, encoded))
