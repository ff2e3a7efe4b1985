"""The site with a clock that a test moves while it serves: by the hours in the file that CLOCK names.

RENEW_AFTER: the seconds for which the public surface believes its copy of the portals, where a test will not wait.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from wsgiref.types import StartResponse, WSGIEnvironment

import time_machine

from portal_site.wsgi import application as site


class MovedSite:
    """The site, whose clock is `hours` ahead."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lock = Lock()
        self.clock = time_machine.travel(datetime.now(tz=UTC), tick=True).start()
        self.hours = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self.lock:
            hours = float(self.file.read_text())
            if hours != self.hours:
                self.clock.shift(timedelta(hours=hours - self.hours))
                self.hours = hours
        return site(environ, start_response)


if "RENEW_AFTER" in os.environ:
    from countries.public import published

    published.RENEW_AFTER = float(os.environ["RENEW_AFTER"])
application = MovedSite(Path(os.environ["CLOCK"]))
