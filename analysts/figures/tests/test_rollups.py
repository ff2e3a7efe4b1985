"""Figures by day: counted from what happened, the same when counted again, unchanged by erasure."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Sum

from analysts.assessment import actions
from analysts.codes import UndoReason
from analysts.figures import gauges, reading, rollups
from analysts.figures.intervals import percentile, share_within
from analysts.figures.reading import FigurePeriod
from analysts.incidents import permissions
from analysts.models import Chase, DailyFigure, FigureProgress, GaugeKind, Incident, Report, User, WorkGauge
from analysts.models.figures.rollup import FigureDimension, FigureSubject
from analysts.retention.sealed import SEALED
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of, report_of
from countries.models import Portal
from countries.tests.factories import open_portal

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
type Figures = dict[tuple[str, str, str, str | None], int]


def figures_of(day: date) -> Figures:
    """Numbers by subject, dimension, value and portal."""
    rows = DailyFigure.objects.filter(day=day, is_month=False).values_list(
        "subject", "dimension", "value", "portal__slug", "number"
    )
    return {(subject, dimension, value, slug): number for subject, dimension, value, slug, number in rows}


@pytest.fixture
def counted(belize: Portal, ana: User) -> date:
    """Three reports of one day to two portals, two incidents assessed, one removed; counted."""
    with time_machine.travel(NOW, tick=False):
        zambia = open_portal("zm", "Zambia", "en", country="ZM")
        ana.portals.add(zambia)
        first = incident_of(belize, "https://one.example.org/a", now=NOW - timedelta(hours=5))
        report_of(zambia, "https://one.example.org/a", now=NOW - timedelta(hours=4))
        other = incident_of(belize, "https://two.example.org/b", now=NOW - timedelta(hours=3))
        assessed_illegal(first, ana, now=NOW)
        assessed_not_found(other, ana, now=NOW)
        Chase.objects.filter(incident=first).update(
            noticed_at=NOW, removed_at=NOW + timedelta(hours=30), removed_in_a_row=3, ended_at=NOW, country="NL"
        )
        rollups.count_changes(now=NOW)
    return NOW.date()


def test_figures_count_reports_verdicts_and_removals(counted: date) -> None:
    found = figures_of(counted)
    expected: Figures = {
        ("reports", "all", "", None): 3,
        ("reports", "all", "", "bz"): 2,
        ("reports", "all", "", "zm"): 1,
        ("reports", "language", "en", None): 3,
        ("addresses", "newness", "new", None): 2,
        ("addresses", "newness", "again", "zm"): 1,
        ("assessed", "all", "", None): 2,
        ("assessed", "verdict", "illegal", None): 1,
        ("assessed", "verdict", "illegal", "bz"): 1,
        ("assessed", "verdict", "illegal", "zm"): 1,
        ("assessed", "severity", "C", None): 1,
        ("assessed", "age", "11-13", "zm"): 1,
        ("assessed", "reason", "content_not_found", "bz"): 1,
        ("assessed", "hours", "5", None): 1,
        ("assessed", "hours", "3", "bz"): 1,
        ("decided", "all", "", None): 2,
        ("decided", "all", "", "bz"): 2,
        ("removed", "country", "NL", "zm"): 1,
        ("removed", "hours", "30", None): 1,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert ("decided", "all", "", "zm") not in found


def test_counting_again_changes_nothing_and_erasure_neither(counted: date) -> None:
    before = list(DailyFigure.objects.order_by("pk").values())
    keys = Incident.objects.aggregate(Sum("record_key"))["record_key__sum"]
    assert DailyFigure.objects.get(subject="decided", portal=None, day=counted, is_month=False).key == keys
    assert rollups.recount_all_days(last=counted) == 0
    # As erasure does with the content of rows.
    for kind in SEALED:
        for rows in kind.keyed_rows([*kind.readable().values_list("pk", flat=True)]) if kind.keyed_rows else ():
            rows.update(record_key=None)
    assert not Incident.objects.filter(record_key__isnull=False).exists()
    assert not Report.objects.filter(record_key__isnull=False).exists()
    call_command("rebuild_figures", "--check")
    assert list(DailyFigure.objects.order_by("pk").values()) == before


def test_figures_lost_are_found_by_the_check_and_rebuilt(counted: date) -> None:
    before = figures_of(counted)
    DailyFigure.objects.filter(subject="assessed").delete()
    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild_figures", "--check")
    call_command("rebuild_figures", "--from", counted.isoformat())
    assert figures_of(counted) == before


def test_undone_verdict_leaves_the_day_on_which_it_was_made(counted: date, ana: User) -> None:
    later = NOW + timedelta(minutes=10)
    assessment = Incident.objects.get(assessments__verdict="not_assessed").assessments.get()
    with time_machine.travel(later, tick=False):
        actions.undo(by=ana, incident=assessment.incident, assessment=assessment, reason=UndoReason.SLIP, now=later)
        assert rollups.changed_days(since=later - timedelta(minutes=1), now=later + timedelta(days=90)) >= {counted}
        rollups.count_changes(now=later)
    assert figures_of(counted)["assessed", "all", "", None] == 1
    assert figures_of(counted)["decided", "all", "", None] == 1


def test_open_work_is_counted_by_age_and_portal(counted: date, belize: Portal) -> None:
    with time_machine.travel(NOW, tick=False):
        incident_of(belize, "https://three.example.org/c", now=NOW - timedelta(hours=2))
    gauges.count_open_work(now=NOW + timedelta(hours=24))
    gauges.count_open_work(now=NOW + timedelta(hours=24))
    waiting = WorkGauge.objects.filter(kind=GaugeKind.WAITING).order_by("portal")
    assert [(row.portal_id, row.hours, row.number) for row in waiting] == [(belize.pk, 27, 1), (None, 27, 1)]


def test_first_run_counts_all_days(belize: Portal) -> None:
    long_ago = NOW - timedelta(days=100)
    report_of(belize, now=long_ago)
    Report.objects.update(unpublished=False)
    assert not FigureProgress.objects.exists()
    rollups.count_changes(now=NOW)
    assert figures_of(long_ago.date())[FigureSubject.REPORTS, FigureDimension.ALL, "", "bz"] == 1


def test_first_count_goes_on_where_it_stopped_and_includes_what_changed_meanwhile(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part is committed, so that no run holds up the others for minutes."""
    monkeypatch.setattr(permissions, "number_in_force", lambda _name: 10**6)
    long_ago = NOW - timedelta(days=100)
    with time_machine.travel(long_ago, tick=False):
        incident = incident_of(belize, now=long_ago)
        assessment = assessed_not_found(incident, ana, now=long_ago)
    Report.objects.update(unpublished=False)
    days = [long_ago.date() + number * rollups.DAY for number in (31, 62, 93)]
    for day in days:
        rollups.count_changes(now=NOW, may_go_on=iter([True, False]).__next__)
        assert (rollups.is_counted_to(day), rollups.is_counted_to(day + rollups.DAY)) == (True, False)
        assert rollups.recount_recent_days(now=NOW) == 0
    counted = figures_of(long_ago.date())
    assert counted[FigureSubject.ASSESSED, FigureDimension.ALL, "", "bz"] == 1
    # On a day that is counted.
    later = NOW + timedelta(hours=1)
    actions.undo(by=ana, incident=incident, assessment=assessment, reason=UndoReason.SLIP, now=later)
    assert rollups.count_changes(now=later + timedelta(hours=1), may_go_on=lambda: True) > 0

    progress = FigureProgress.objects.get()
    assert (progress.counted_until, progress.first_count_at) == (later + timedelta(hours=1), None)
    in_parts = {day: figures_of(day) for day in [NOW.date() - number * rollups.DAY for number in range(102)]}
    DailyFigure.objects.all().delete()
    rollups.recount_all_days(last=later.date())
    assert {day: figures_of(day) for day in in_parts} == in_parts
    assert (FigureSubject.ASSESSED, FigureDimension.ALL, "", "bz") not in in_parts[long_ago.date()]


def test_each_of_the_recent_days_is_counted_again_and_none_before(belize: Portal) -> None:
    days = [NOW - number * rollups.DAY for number in (0, 5, 6, 7, 33, 34, 35, 39, 40, 41)]
    for day in days:
        with time_machine.travel(day, tick=False):
            report_of(belize, f"https://{day:%d.%m}.example/a", now=day)
    rollups.count_changes(now=NOW)
    before = {day: figures_of(day.date()) for day in days}
    DailyFigure.objects.filter(is_month=False).delete()
    assert rollups.recount_recent_days(now=NOW) > 0
    assert {day: figures_of(day.date()) for day in days} == {**before, days[-1]: {}}


@pytest.mark.parametrize("first", [date(2026, 2, 1), date(2026, 2, 20), date(2026, 3, 5), date(2025, 12, 31)])
def test_long_periods_are_read_by_month_with_the_same_sums(counted: date, belize: Portal, first: date) -> None:
    with time_machine.travel(NOW, tick=False):
        for days in (5, 33, 64):
            report_of(belize, f"https://{days}.example.org/a", now=NOW - timedelta(days=days))
        rollups.count_changes(now=NOW)
    for last in (date(2026, 2, 28), date(2026, 3, 5), date(2026, 3, 31)):
        for is_open in {False, last >= NOW.date()}:
            period = FigurePeriod(first, max(first, last), is_open=is_open)
            rows = DailyFigure.objects.filter(period.of_portal, subject="reports", dimension="all")
            [by_day, by_month] = [rows.filter(q).aggregate(Sum("number")) for q in (period.by_day, period.by_month)]
            assert by_day == by_month


@pytest.mark.parametrize(("first", "step"), [("2026-02-01", "day"), ("2025-12-25", "week"), ("2025-04-20", "month")])
def test_steps_of_charts_have_the_sums_of_their_days(counted: date, belize: Portal, first: str, step: str) -> None:
    with time_machine.travel(NOW, tick=False):
        for days in (1, 2, 5, 33, 64, 65, 90, 300):
            report_of(belize, f"https://{days}.example.org/a", now=NOW - timedelta(days=days))
        rollups.count_changes(now=NOW)
    period = FigurePeriod(date.fromisoformat(first), NOW.date(), is_open=True)
    rows = DailyFigure.objects.filter(period.of_portal, period.by_day, subject="reports", dimension="all")
    expected: Counter[date] = Counter()
    for day, number in rows.values_list("day", "number"):
        expected[max(begin for begin in period.steps if begin <= day)] += number

    assert period.step == step
    assert reading.read_steps(period)[FigureSubject.REPORTS, ""] == expected
    assert expected.total() > 3


def test_percentiles_and_shares_follow_from_intervals() -> None:
    numbers = {1: 5, 24: 3, 72: 1, 1_000_000: 1}
    assert [percentile(numbers, share) for share in (0.5, 0.6, 0.9, 1)] == [1, 24, 72, 1_000_000]
    assert [share_within(numbers, hours) for hours in (24, 72, 168)] == [0.8, 0.9, 0.9]
    assert (percentile({}, 0.5), share_within({}, 24)) == (None, None)
