"""Measures the pages of figures, closings and verifications of `tests.benchmarks.figures`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from io import StringIO
from time import perf_counter
from urllib.parse import urlencode

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.codes import Role
from analysts.figures import closing, public_figures
from analysts.figures.breakdowns import Breakdown
from analysts.figures.providers import actions as sheet_actions
from analysts.figures.verification import verify_period
from analysts.models import DailyFigure, PeriodClose, Recipient, User
from countries.public import published
from tests.benchmarks import processes
from tests.benchmarks.figures_filled import create_portals, fill_figures, open_portals
from tests.benchmarks.incidents.pages import measure_calls
from tests.rig.fixtures import client_of, create_person

PAGE_MS, CLOSE_SECONDS = 50.0, 5.0
YEAR = timedelta(days=364)


@dataclass(slots=True)
class Cost:
    """`busy`: seconds of the processor, in this process and in PostgreSQL's."""

    seconds: float = 0
    busy: float = 0
    queries: int = 0

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, processor {self.busy:.2f} s, {self.queries} queries"


@contextmanager
def measured() -> Iterator[Cost]:
    connection.ensure_connection()
    pids = [os.getpid(), connection.connection.info.backend_pid]
    cost = Cost()
    with CaptureQueriesContext(connection) as captured:
        busy, began = processes.processor_seconds(pids), perf_counter()
        yield cost
        cost.seconds, cost.busy = perf_counter() - began, processes.processor_seconds(pids) - busy
    cost.queries = len(captured)


def measure_all(rows: int) -> list[str]:
    """Fill if nothing is there, and print all; returns what is over its limit."""
    now = timezone.now()
    if not DailyFigure.objects.exists():
        call_command("create_keys", stdout=StringIO())
        call_command("load_catalogue", live=True, stdout=StringIO())
        create_portals()
        fill_figures(rows, now=now)
        create_person("sena", Role.SENIOR, *open_portals())
        create_person("selma", Role.SENIOR)
        create_person("petra", Role.PARTNER, open_portals()[0])
    days = DailyFigure.objects.filter(is_month=False)
    print(
        f"{days.count():,} figures of {days.values('day').distinct().count():,} days and {len(open_portals())} portals,"
        f" {DailyFigure.objects.filter(is_month=True).count():,} of months",
        flush=True,
    )
    return [*measure_closings(now), *measure_verifications(), *measure_pages(now.date())]


def measure_closings(now: datetime) -> Iterator[str]:
    """Close and confirm every period that is over, then publish what is due."""
    first, second = User.objects.get(username="sena"), User.objects.get(username="selma")
    while period := closing.find_closable(now=now):
        with measured() as cost:
            close = closing.close_period(by=first, period=period, now=now)
        print(f"closing {period}: {cost}", flush=True)
        if cost.busy > CLOSE_SECONDS:
            yield f"closing {period}"
        closing.confirm_period(by=second, close=close, now=now)
    with measured() as cost:
        count = len(public_figures.publish_due_periods(today=now.date()))
    print(f"publishing {count} periods: {cost}", flush=True)


def measure_verifications() -> Iterator[str]:
    """Figures of the latest quarter and year."""
    closes = PeriodClose.objects.filter(confirmed_at__isnull=False).order_by("-period")
    for close in (closes.filter(period__contains="Q")[0], closes.exclude(period__contains="Q")[0]):
        with measured() as cost:
            found = verify_period(close)
        if any(found.values()):
            raise RuntimeError(f"{close.period} does not agree: {found}")
        print(f"verifying {close.period}: {cost}", flush=True)
        if cost.busy > CLOSE_SECONDS:
            yield f"verifying {close.period}"


def measure_pages(today: date) -> Iterator[str]:
    """Print what each page costs."""
    published.clear_cache()
    for what, client, path in pages(today):
        timing = measure_calls(what, "", partial(ask, client, path))
        print(
            f"{what}: {timing.median_ms} ms (95th percentile {timing.p95_ms}), processor {timing.cpu_ms} ms,"
            f" {timing.queries} queries",
            flush=True,
        )
        if timing.cpu_ms > PAGE_MS:
            yield what


def ask(client: Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}.")


def pages(today: date) -> Iterator[tuple[str, Client, str]]:
    """The page measured, by whom, and its path."""
    sena = User.objects.get(username="sena")
    senior, partner, stranger = client_of(sena), client_of(User.objects.get(username="petra")), Client()
    portal = open_portals()[0]
    year = {"first": str(today - YEAR), "last": str(today)}
    in_figures: Callable[[dict[str, str]], str] = lambda query: f"/admin/figures/?{urlencode(query)}"  # noqa: E731
    yield "figures, usual days", senior, in_figures({})
    yield "figures, a year", senior, in_figures({**year, "by": Breakdown.PORTAL})
    yield "figures, a year of one portal", senior, in_figures({**year, "portal": portal.slug, "by": Breakdown.LANGUAGE})
    for breakdown in (Breakdown.LANGUAGE, Breakdown.COUNTRY, Breakdown.PROVIDER, Breakdown.SEVERITY):
        yield f"figures, a year by {breakdown.label}", senior, in_figures({**year, "by": breakdown})
    every = {"first": str(today - 2 * YEAR), "last": str(today), "by": Breakdown.PORTAL}
    yield "figures, two years", senior, in_figures(every)
    yield "closed periods", senior, "/admin/figures/periods/"
    yield "report of trusted flaggers", senior, f"/admin/figures/periods/dsa/?period={today.year - 1}"
    yield "provider sheets", senior, "/admin/figures/providers/"
    yield "a provider sheet", senior, released_sheet(sena)
    yield "partner, a portal", partner, f"/admin/figures/portals/{portal.pk}/"
    yield "partner, a sheet", partner, f"/admin/figures/portals/{portal.pk}/sheet/"
    yield "public, network", stranger, "/network/en/statistics/"
    yield "public, a year", stranger, f"/network/en/statistics/{today.year - 1}/"
    yield "public, a portal", stranger, f"/{portal.slug}/en/statistics/"
    yield "public, CSV", stranger, "/statistics/figures.csv"
    yield "public, JSON", stranger, "/statistics/figures.json"


def released_sheet(by: User) -> str:
    """The path of a sheet of the latest quarter."""
    quarters = PeriodClose.objects.filter(confirmed_at__isnull=False, period__contains="Q")
    close = quarters.order_by("-period")[0]
    provider = Recipient.objects.get(pk=sorted(closing.figures_of(close)["names"])[0])
    if not close.sheets.filter(provider=provider).exists():
        sheet_actions.release_sheet(by=by, close=close, provider=provider)
    return f"/admin/figures/providers/{provider.pk}/?period={close.period}"
