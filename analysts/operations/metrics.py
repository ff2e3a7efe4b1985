"""The health items as metrics. No label says who, when or which portal; what reports move is in whole hours or GiB.

Names, units and bands are documented in docs/guides/operations.md; deploy/monitoring/ has alert rules on them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from analysts.models import HostReading, ReadingKind
from analysts.operations.database_signs import count_gib
from analysts.operations.health_item import HealthState, count_hours
from analysts.operations.host_readings import ANSWER_BANDS, Readings
from analysts.operations.jobs import list_waiting_jobs
from analysts.operations.operations_items import all_items, read_state
from analysts.operations.product_version import read_version
from analysts.operations.step_times import count_steps

# Items that count from a moment; their age is in whole hours, which change on the hour.
AGED = {"worker", "intake", "host_readings", "restore"}
# Items that a report can move have an age always: its first hour is 0, like no age.
AGED_BY_REPORTS = {"envelopes", "jobs", "alarms", "failed_jobs", "mail"}
ORDER = {HealthState.OK: 1, HealthState.NOT_OK: 0}


class OperationsCollector(Collector):
    """Reads everything when it is asked, but at most once in `seconds`, however often it is asked."""

    def __init__(self, *, seconds: float = 15, clock: Callable[[], float] = monotonic) -> None:
        self.seconds = seconds
        self.clock = clock
        self.read_at = float("-inf")
        self.families: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        if self.clock() - self.read_at >= self.seconds:
            self.families = list(build_metrics(timezone.now()))
            self.read_at = self.clock()
        yield from self.families

    def describe(self) -> Iterator[Metric]:
        """Nothing: the registry would collect once to find the names."""
        yield from ()


def build_metrics(now: datetime) -> Iterator[Metric]:
    """Raises DatabaseError: a monitoring system reads that as a failed scrape."""
    labels = ["check", "grade"]
    in_order = GaugeMetricFamily("portals_in_order", "1 if what is watched is in order, 0 if not.", labels=labels)
    unknown = GaugeMetricFamily("portals_unknown", "1 if what is watched cannot be read, otherwise 0.", labels=labels)
    age = GaugeMetricFamily("portals_age_hours", "Age in whole hours of what a check counts from.", labels=["check"])
    state = read_state(now)
    for item in all_items(state):
        if item.is_watched:
            unknown.add_metric([item.name, str(item.grade)], item.state is HealthState.UNKNOWN)
        if item.state in ORDER:
            in_order.add_metric([item.name, str(item.grade)], ORDER[item.state])
        if item.name in AGED_BY_REPORTS or (item.name in AGED and item.since is not None):
            age.add_metric([item.name], count_hours(item.since, now) if item.since else 0)
    yield in_order
    yield unknown
    yield age
    waiting = GaugeMetricFamily("portals_jobs_waiting", "Jobs that wait, by kind.", labels=["task"])
    for kind in list_waiting_jobs(now):
        waiting.add_metric([kind.task], kind.waiting)
    yield waiting
    yield GaugeMetricFamily("portals_jobs_failed", "Failed jobs, at most 20.", value=len(state.failed_jobs))
    yield GaugeMetricFamily(
        "portals_database_gib", "Size of the database in GiB, rounded up.", count_gib(state.database_size)
    )
    yield from _host_metrics(state.readings, now)
    yield step_metric(now)
    version = GaugeMetricFamily("portals_version_info", "Always 1; the label has the version.", labels=["version"])
    version.add_metric([read_version()], 1)
    yield version


def _host_metrics(readings: Readings, now: datetime) -> Iterator[Metric]:
    free = GaugeMetricFamily("portals_disk_free_percent", "Free space in whole per cent.", labels=["disk"])
    for disk in readings[ReadingKind.DISK]:
        if disk.total:
            free.add_metric([disk.name], 100 * (disk.number or 0) // disk.total)
    yield free
    ends = GaugeMetricFamily("portals_certificate_days", "Days until a certificate ends.", labels=["certificate"])
    for row in readings[ReadingKind.CERTIFICATE]:
        if row.moment is not None:
            ends.add_metric([row.name], (row.moment - now) // timedelta(days=1))
    yield ends
    family = GaugeMetricFamily("portals_backup_hours", "Hours since the newest backup.", labels=["backup"])
    for row in readings[ReadingKind.BACKUP]:
        if row.moment is not None:
            family.add_metric([row.name], (now - row.moment) // timedelta(hours=1))
    yield family
    failed = GaugeMetricFamily("portals_unit_failed", "1 if a service has failed or does not run.", labels=["unit"])
    for row in readings[ReadingKind.UNIT]:
        if row.number is not None:
            failed.add_metric([row.name], bool(row.number))
    yield failed
    yield _answer_metric(readings[ReadingKind.SURFACE])


def _answer_metric(readings: list[HostReading]) -> Metric:
    """The last answer to the watch's own request, by class and band of time. No visitor's answer is counted."""
    answers = GaugeMetricFamily(
        "portals_surface_answer",
        "1 for the class and the band in seconds of a surface's answer to the watch.",
        labels=["surface", "class", "under_seconds"],
    )
    for row in readings:
        if row.number is not None:
            band = "more" if row.total in (None, ANSWER_BANDS[-1]) else f"{row.total / 1000:g}"
            answers.add_metric([row.name, f"{row.number // 100}xx" if row.number else "none", band], 1)
    return answers


def step_metric(now: datetime) -> Metric:
    steps = GaugeMetricFamily(
        "portals_steps",
        "Decisions of the last seven whole days, by the hours that a step took or has taken so far.",
        labels=["step", "under_hours"],
    )
    for step, numbers in count_steps(now).items():
        for band, number in numbers.items():
            steps.add_metric([step, band], number)
    return steps
