"""The machine's clock: the month whose key seals, the life of form tokens, authenticator codes and sessions."""

import ctypes
import os
from collections.abc import Iterator

from django.core.checks import CheckMessage, Info, Tags, Warning, register

HINT = "Install a time service (on Debian: apt-get install systemd-timesyncd) and look at it with timedatectl."
# adjtimex(2): its result, and the bit of its status, for a clock that is not synchronised.
TIME_ERROR = 5
STA_UNSYNC = 0x40


class Timex(ctypes.Structure):
    """The head of `struct timex`; `rest` only reserves memory for the fields that follow."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def is_clock_synchronised() -> bool | None:
    """Whether the kernel reports a synchronised clock; None where it cannot be asked (not Linux, not allowed)."""
    try:
        reading = Timex()  # modes 0: look, change nothing
        answer = ctypes.CDLL(None).adjtimex(ctypes.byref(reading))
    except (AttributeError, OSError):
        return None
    if answer == -1:
        return None
    return answer != TIME_ERROR and not reading.status & STA_UNSYNC


@register(Tags.security, deploy=True)
def check_clock(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """A warning, because an installation whose clock is nearly right works."""
    match is_clock_synchronised():
        case False:
            yield Warning("This machine's clock is not synchronised.", hint=HINT, id="portal_site.W050")
        case None:
            where = "a container" if os.path.exists("/.dockerenv") else "this system"
            yield Info(
                f"Whether the clock is kept right cannot be seen from inside {where}.",
                hint="Look on the machine itself: timedatectl",
                id="portal_site.I051",
            )
