"""An analyst at work beside the reports: claims, verdicts and notices; run by `manage.py shell`."""

import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic, perf_counter, sleep

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from analysts.assessment import actions
from analysts.codes import IncidentKind
from analysts.exports.actions import order_export
from analysts.exports.incident_table import COLUMNS
from analysts.models import ExportFormat, ExportSubject, User
from analysts.takedown.notices import manual_actions
from analysts.tests.notices import gathering_for
from tests.acts import verdicts
from tests.benchmarks.incidents import shown

# One verdict in so many is illegal, with a notice that is sent at once.
ILLEGAL_ONE_IN = 4
COUNT_FIGURES = "analysts.pages.tasks.count_figures"
# Of those that `takedowns` has filled.
HOSTS = 200
CLAIM, ILLEGAL, OTHER = "claim of the next", "illegal verdict", "verdict without action"


def work(number: int, seconds: float, pause: float) -> None:
    """Print the milliseconds of each action as JSON. Analyst 0 first orders an export, and the counting of figures."""
    by = User.objects.get(username=f"analyst-{number:02}")
    if number == 0:
        columns = [name for name, column in COLUMNS.items() if column.is_usual]
        order_export(by=by, subject=ExportSubject.INCIDENTS, format=ExportFormat.CSV, columns=columns)
        # The clock may have ordered it already.
        with suppress(AlreadyEnqueued):
            app.configure_task(COUNT_FIGURES, queueing_lock="figures").defer(timestamp=0)
    times: dict[str, list[float]] = defaultdict(list)
    end, turn = monotonic() + seconds, 0
    while monotonic() < end:
        incident = _measure(times[CLAIM], partial(actions.claim_next, by=by))
        if incident is None:
            raise RuntimeError("Nothing waits any more.")
        if incident.kind == IncidentKind.ADDRESS and turn % ILLEGAL_ONE_IN == 0:
            # Filled addresses are bytes that do not open.
            shown.seal_addresses([incident], now=timezone.now())
            _measure(times[ILLEGAL], partial(verdicts.assess_as_illegal, by, incident))
            item = gathering_for(incident, by, name=f"Filled host {1 + secrets.randbelow(HOSTS)}")
            manual_actions.send_now(by=by, notice=item.notice)
        else:
            _measure(times[OTHER], partial(verdicts.assess_as_not_found, by, incident))
        turn += 1
        sleep(pause)
    print("DESK", json.dumps(times))


def _measure[Result](times: list[float], action: Callable[[], Result]) -> Result:
    began = perf_counter()
    result = action()
    times.append((perf_counter() - began) * 1000)
    return result
