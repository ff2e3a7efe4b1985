"""The site with a clock that a test moves while it serves: by the hours in the file that CLOCK names."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import time_machine

from portal_site.wsgi import application as site

_file = Path(os.environ["CLOCK"])
_lock = Lock()
_travel = time_machine.travel(datetime.now(tz=UTC), tick=True)
_clock = _travel.start()
# By how many hours the clock is moved now.
_moved_by = [0.0]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    with _lock:
        hours = float(_file.read_text())
        if hours != _moved_by[0]:
            _clock.shift(timedelta(hours=hours - _moved_by[0]))
            _moved_by[0] = hours
    return site(environ, start_response)
