"""Publication of a closed quarter: 30 days after its end, in protected form only, and verified as it is printed."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import cast

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import QuerySet

from analysts.codes import Role
from analysts.figures import closing, rollups
from analysts.figures.public_figures import build_public_figures, publish_due_periods
from analysts.figures.publication import (
    NETWORK,
    VERDICTS,
    FigureCell,
    known_small_years,
    protect_period,
    sums_of,
)
from analysts.figures.snapshot import FrozenFigures, digest_of
from analysts.models import DailyFigure, PeriodClose, User
from countries.disclosure import LEAST_SHOWN, Bounds, KeyedCount
from countries.models import Portal, PublishedStatistics
from countries.statistics import PublicMeasure
from countries.tests.factories import open_portal
from tests.rig.fixtures import create_person

AFTER = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
# Reports of the quarter.
REPORTS = 37


@pytest.fixture
def closed(belize: Portal, sena: User) -> PeriodClose:
    """A quarter with reports to Belize and none to Ghana, which was launched before; closed, not confirmed."""
    Portal.objects.update(launched_on=date(2025, 1, 1))
    open_portal("gh", "Ghana", "en", country="GH")
    Portal.objects.filter(slug="gh").update(launched_on=date(2026, 2, 1))
    for portal in (belize.pk, None):
        for is_month, day in ((False, date(2026, 1, 5)), (True, date(2026, 1, 1))):
            DailyFigure.objects.create(
                day=day, is_month=is_month, subject="reports", dimension="all", portal_id=portal, number=REPORTS, key=9
            )
    rollups.count_changes(now=AFTER)
    # As an earlier system counted.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE analysts_figureprogress SET counted_from = '2026-04-01'")
    with time_machine.travel(AFTER, tick=False):
        return closing.close_period(by=sena, period="2026Q1", now=AFTER)


def confirm(close: PeriodClose, portal: Portal) -> None:
    second = create_person("selma", Role.SENIOR, portal)
    second.unchanged_since = AFTER - timedelta(days=50)
    closing.confirm_period(by=second, close=close, now=AFTER)


def overwrite(rows: QuerySet[PeriodClose] | QuerySet[PublishedStatistics], **values: object) -> None:
    """Change rows that the database lets no role change."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        rows.update(**values)
        cursor.execute("RESET session_replication_role")


def test_period_is_published_thirty_days_after_its_end_once_confirmed(closed: PeriodClose, belize: Portal) -> None:
    due = date(2026, 4, 30)
    assert publish_due_periods(today=due) == []
    confirm(closed, belize)
    assert publish_due_periods(today=due - timedelta(days=1)) == []
    assert publish_due_periods(today=due) == ["2026Q1"]
    assert publish_due_periods(today=due + timedelta(days=1)) == []
    row = PublishedStatistics.objects.get()
    assert (row.published_on, row.digest) == (due, closed.digest)
    call_command("verify_figures", "2026Q1")


def test_launched_portal_without_reports_is_published_like_one_with_few(closed: PeriodClose, belize: Portal) -> None:
    """Its absence would say that there were none."""
    figures = build_public_figures("2026Q1", closing.figures_of(closed))
    ghana = Portal.objects.get(slug="gh")
    assert set(figures["portals"][str(ghana.pk)].values()) == {None}
    assert figures["network"]["reports"] in (35, 40)
    assert figures["network"]["assessed"] is None
    assert figures["small"] == []
    small = build_public_figures("2026", closing.figures_of(closed))["small"]
    assert (str(ghana.pk) in small, str(belize.pk) in small) == (True, False)


def test_verification_finds_a_published_number_that_differs(closed: PeriodClose, belize: Portal) -> None:
    confirm(closed, belize)
    publish_due_periods(today=date(2026, 5, 1))
    figures = PublishedStatistics.objects.get().figures
    figures["portals"][str(belize.pk)]["reports"] = 55
    overwrite(PublishedStatistics.objects.all(), figures=figures)
    with pytest.raises(CommandError, match="do not agree"):
        call_command("verify_figures", "2026Q1")


def test_period_of_earlier_rules_is_verified_by_what_they_decided(closed: PeriodClose, belize: Portal) -> None:
    """A number that today's rules decide otherwise stays as it was shown; its digest holds it."""
    figures = closing.figures_of(closed)
    assert figures["shown"][str(belize.pk)]["reports"] == 35
    figures["shown"][str(belize.pk)]["reports"] = 40
    earlier = {name: value for name, value in figures.items() if name != "rules"}
    overwrite(PeriodClose.objects.all(), figures=earlier, digest=digest_of(cast("FrozenFigures", earlier)))
    confirm(PeriodClose.objects.get(), belize)
    publish_due_periods(today=date(2026, 5, 1))
    assert PublishedStatistics.objects.get().figures["portals"][str(belize.pk)]["reports"] == 40
    call_command("verify_figures", "2026Q1")
    overwrite(PeriodClose.objects.all(), figures={**earlier, "shown": {}})
    with pytest.raises(CommandError, match="do not agree"):
        call_command("verify_figures", "2026Q1")


def test_days_that_were_taken_over_are_never_counted(closed: PeriodClose) -> None:
    assert rollups.recount_days(date(2026, 1, 1), date(2026, 3, 31)) == 0
    assert DailyFigure.objects.filter(subject="reports", is_month=False, portal=None).get().number == REPORTS


@pytest.mark.parametrize(
    ("period", "measure", "number", "is_small"),
    [
        ("2026", PublicMeasure.REPORTS, 0, True),
        ("2026", PublicMeasure.REPORTS, LEAST_SHOWN - 1, True),
        ("2026", PublicMeasure.REPORTS, LEAST_SHOWN, False),
        ("2026Q1", PublicMeasure.REPORTS, 3, False),
        ("2026-01", PublicMeasure.REPORTS, 3, False),
        *(("2026", measure, 3, False) for measure in PublicMeasure if measure != PublicMeasure.REPORTS),
    ],
)
def test_small_year_of_a_portal_says_fewer_than_ten_and_no_more(
    period: str, measure: PublicMeasure, number: int, is_small: bool
) -> None:
    cell = FigureCell(period, 7, measure)
    expected = {cell: Bounds(0, 9)} if is_small else {}
    assert known_small_years({cell: KeyedCount(number, 5)}) == expected


def test_small_year_of_one_portal_is_taken_as_known_when_others_are_decided() -> None:
    """44 reports, and fewer than ten of them to one portal: the other has 35 to 44, published or not."""
    small, large = (FigureCell("2026", portal, PublicMeasure.REPORTS) for portal in (7, 8))
    counts = {small: KeyedCount(4, 0), large: KeyedCount(40, 99)}
    cells = protect_period(counts, {small._replace(portal=NETWORK): 44}, {})
    assert (cells.printed, cells.narrow) == ({small: None, large: 40}, frozenset([large]))
    # The same holds for a quarter that was published before.
    later = {cell._replace(period="2026Q1"): count for cell, count in counts.items()}
    assert protect_period(later, {}, {cell: Bounds(0, 9) for cell in later}).narrow == later.keys()


QUARTERS = {
    "2026Q1": ("2026-01", "2026-02", "2026-03"),
    "2026Q2": ("2026-04", "2026-05", "2026-06"),
    "2026Q3": ("2026-07", "2026-08", "2026-09"),
    "2026Q4": ("2026-10", "2026-11", "2026-12"),
}


def test_portals_verdicts_and_periods_add_up() -> None:
    parts_of: dict[str, tuple[str, ...]] = {"2026": tuple(QUARTERS), **QUARTERS}
    months = [month for parts in QUARTERS.values() for month in parts]
    cells = [FigureCell(*cell) for cell in product([*parts_of, *months], (NETWORK, 7, 8), PublicMeasure)]
    expected = {
        *(
            (cell, tuple(cell._replace(period=part) for part in parts_of[cell.period]))
            for cell in cells
            if "-" not in cell.period
        ),
        *(
            (cell, tuple(cell._replace(measure=verdict) for verdict in VERDICTS))
            for cell in cells
            if cell.measure == "assessed"
        ),
        *((cell, tuple(cell._replace(portal=portal) for portal in (7, 8))) for cell in cells if cell.portal == NETWORK),
    }
    sums = sums_of(cells)
    assert ({(each.total, each.parts) for each in sums}, len(sums)) == (expected, len(expected))
    # A longer period is the sum only of all its parts.
    some = sums_of(cell for cell in cells if cell.period in ("2026Q1", "2026-01", "2026-03"))
    assert {each.parts[0].period for each in some if each.parts[0].period != each.total.period} == set()
