"""The partner's page and sheet: protected figures of their own portal, a whole day after the end of a period."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from analysts.codes import Role
from analysts.figures import closing, rollups
from analysts.models import DailyFigure, PeriodClose, User
from countries.models import Portal
from countries.tests.factories import open_portal
from tests.rig.fixtures import client_of, create_person

AFTER = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def closed(belize: Portal, zambia: Portal, sena: User) -> PeriodClose:
    """A quarter with reports to Belize, Zambia and Ghana: of two, the exact total would narrow what is shown."""
    ghana = open_portal("gh", "Ghana", "en", country="GH")
    for portal, number in ((belize.pk, 63), (zambia.pk, 8_000), (ghana.pk, 698), (None, 8_761)):
        for is_month, day in ((False, date(2026, 1, 5)), (True, date(2026, 1, 1))):
            DailyFigure.objects.create(
                day=day, is_month=is_month, subject="reports", dimension="all", portal_id=portal, number=number, key=7
            )
    rollups.count_changes(now=AFTER)
    with time_machine.travel(AFTER, tick=False):
        return closing.close_period(by=sena, period="2026Q1", now=AFTER)


def test_partner_sees_their_portal_once_the_period_is_confirmed(closed: PeriodClose, belize: Portal) -> None:
    petra = client_of(create_person("petra", Role.PARTNER, belize))
    path = f"/admin/figures/portals/{belize.pk}/"
    with time_machine.travel(AFTER, tick=False):
        assert "No period is closed yet." in petra.get(path).content.decode()
        assert petra.get(f"{path}sheet/").status_code == 302
        second = create_person("selma", Role.SENIOR, belize)
        second.unchanged_since = AFTER - timedelta(days=50)
        closing.confirm_period(by=second, close=closed, now=AFTER)
        page, sheet = (petra.get(each).content.decode() for each in (path, f"{path}sheet/?period=2026Q1"))
        assert petra.get("/admin/figures/portals/")["Location"] == path
        band = petra.get(f"{path}band.svg")
    shown = closing.figures_of(closed)["shown"][str(belize.pk)]["reports"]
    assert shown in (60, 65)
    for text in (page, sheet):
        assert f"{shown}<" in text
        assert ">63<" not in text
        assert "8,0" not in text
    assert "Q1 2026" in sheet
    assert (band["Content-Type"], belize.brand_colour in band.content.decode()) == ("image/svg+xml", True)


def test_sheet_begins_at_the_side_where_reading_does(closed: PeriodClose, belize: Portal) -> None:
    PeriodClose.objects.filter(pk=closed.pk).update(
        confirmed_at=AFTER, confirmed_by=create_person("selma", Role.SENIOR)
    )
    petra = create_person("petra", Role.PARTNER, belize)
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        User.objects.filter(pk=petra.pk).update(language=language)
        with time_machine.travel(AFTER, tick=False):
            sheet = client_of(petra).get(f"/admin/figures/portals/{belize.pk}/sheet/").content.decode()
        assert f'dir="{direction}"' in sheet


def test_period_is_shown_a_whole_day_after_its_end(closed: PeriodClose, belize: Portal) -> None:
    second = create_person("selma", Role.SENIOR, belize)
    second.unchanged_since = AFTER - timedelta(days=50)
    closing.confirm_period(by=second, close=closed, now=AFTER)
    petra = client_of(create_person("petra", Role.PARTNER, belize))
    for hours, is_shown in ((23, False), (24, True)):
        with time_machine.travel(datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=hours), tick=False):
            page = petra.get(f"/admin/figures/portals/{belize.pk}/").content.decode()
            assert ("Q1 2026" in page) == is_shown
