"""One size: filled, run day after day, and its pages measured."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from multiprocessing import get_context
from time import perf_counter

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from analysts.models import Chase, Notice, NoticeItem, NoticeState, NoticeTemplate, Purpose, RecipientKind, User
from analysts.takedown.chasing.lists import BY_NAME
from countries.models import Portal
from tests.benchmarks.chasing import fill, runner
from tests.benchmarks.chasing.results import ChasingFigures, ChasingRun, NamedRun
from tests.benchmarks.incidents import people
from tests.benchmarks.incidents.pages import PageTiming
from tests.benchmarks.incidents.pages import measure_calls as measured
from tests.rig.fixtures import client_of

# One run a day: the notices of the day before are sent when the next run comes.
DAYS = 3


def measure_size(chases: int, recipients: int, *, tell: Callable[[str], None]) -> ChasingFigures:
    """All measurements, as JSON values."""
    call_command("create_keys", stdout=StringIO())
    call_command("load_catalogue", live=True, stdout=StringIO())
    portals = list(Portal.objects.order_by("slug"))
    viewers = people.create_viewers(portals)
    now, by = timezone.now(), viewers["all portals"]
    began = perf_counter()
    fill.fill_chases(chases, fill.create_recipients(recipients, by, now=now), portals, by, now=now)
    fill.vacuum_database()
    tell(f"{chases:,} open chases in {perf_counter() - began:.0f} s")
    runs: list[NamedRun] = []
    for day in range(1, DAYS + 1):
        runs.append({"what": f"day {day}", **run_in_process(now + timedelta(days=day))})
        tell(f"  {runs[-1]}")
        mark_notices_sent(now + timedelta(days=day), by)
        fill.vacuum_database()
    runs.append({"what": "nothing due", **run_in_process(now + timedelta(days=DAYS))})
    tell(f"  {runs[-1]}")
    pages = []
    for page in measure_pages(viewers):
        tell(f"  {page}")
        pages.append(asdict(page))
    return {
        "chases": Chase.objects.open().count(),
        "ended": Chase.objects.exclude(ended_at=None).count(),
        "recipients": recipients,
        "items": NoticeItem.objects.count(),
        "letters": Notice.objects.count(),
        "runs": runs,
        "pages": pages,
    }


def run_in_process(now: datetime) -> ChasingRun:
    """Run in a fresh process, so that its memory is only the run's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(runner.measure_run, now).result()


def mark_notices_sent(now: datetime, by: User) -> None:
    """Mark the collected notices as sent."""
    words, _ = NoticeTemplate.objects.get_or_create(
        kind=RecipientKind.HOST,
        purpose=Purpose.AGAIN,
        language="en",
        version=1_000,
        defaults={"subject": "Placeholder", "body": "Placeholder", "by": by, "at": now},
    )
    left = Notice.objects.filter(state__in=[NoticeState.GATHERING, NoticeState.READY])
    left.update(state=NoticeState.SENT, sent_at=now, template=words, next_try_at=None)


def _get_page(client: Client, path: str, **query: str) -> None:
    answer = client.get(path, query)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}.")


def measure_pages(viewers: dict[str, User]) -> Iterator[PageTiming]:
    for by, user in viewers.items():
        get = partial(_get_page, client_of(user))
        for what in map(BY_NAME.__getitem__, ("check", "escalate", "moved", "trace", "reply")):
            yield measured(f"what is due: {what.label}", by, partial(get, "/admin/to-do/", what=what.name))
        yield measured(
            "what is due: the last page that can be turned to",
            by,
            partial(get, "/admin/to-do/", what="check", page="34"),
        )
        yield measured("dashboard", by, partial(get, "/admin/"))
