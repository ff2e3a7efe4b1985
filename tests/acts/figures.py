"""Actions on closed periods, their sheets and the targets of figures."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from analysts.codes import Role
from analysts.figures import closing
from analysts.models import DailyFigure, FigureProgress, PeriodClose, SheetWithdrawal
from analysts.tests.notices import host
from tests.acts.act import Act, Fields, Stage
from tests.rig.fixtures import create_person

PROVIDER = "providers/<uuid:provider_id>/"


def _close_last_quarter(stage: Stage) -> PeriodClose:
    """Closed by another senior analyst than the stage's."""
    now = timezone.now()
    FigureProgress.objects.get_or_create(pk=1, defaults={"counted_until": now})
    # Before all there is: a demonstration has figures, and its quarters are closed.
    earliest = DailyFigure.objects.order_by("day").values_list("day", flat=True).first()
    first = (earliest or now.date()) - timedelta(days=200)
    DailyFigure.objects.create(day=first, subject="reports", dimension="all", number=12, key=7)
    by = create_person("senior-closes", Role.SENIOR, stage.belize)
    return closing.close_period(by=by, period=closing.find_closable(now=now) or "")


def _withdraw_quarter(stage: Stage) -> PeriodClose:
    close = _close_last_quarter(stage)
    closing.withdraw_period(by=stage.senior, close=close)
    return close


def _period(_stage: Stage, close: PeriodClose) -> Fields:
    return {"period": close.period, "digest": close.digest}


def with_provider(stage: Stage) -> Fields:
    """A confirmed quarter in which a provider got notices: `provider_id` and `period`."""
    provider = host(f"Hosting {uuid4()}", by=stage.people[Role.OPERATOR])
    figures = {
        "national": {f"notified prov_type {provider.pk} material": 12},
        "keys": {},
        "names": {str(provider.pk): provider.name},
        "independence": "",
    }
    first, second = (create_person(f"senior-{uuid4()}", Role.SENIOR, stage.belize) for _ in range(2))
    now = timezone.now()
    closed = {"closed_by": first, "closed_at": now, "confirmed_by": second, "confirmed_at": now}
    close = PeriodClose.objects.create(period="2020Q1", figures=figures, digest="0" * 64, **closed)
    return {"provider_id": provider.pk, "period": close.period}


def _sheet(**fields: object) -> Callable[[Stage, Any], Fields]:
    return lambda _stage, sheet: {"period": sheet["period"], **fields}


def _release_sheet(stage: Stage) -> Fields:
    subject = with_provider(stage)
    path = f"/admin/figures/providers/{subject['provider_id']}/release/"
    stage.client(Role.SENIOR).post(path, {"period": subject["period"]})
    return subject


def _by_senior(path: str, event: str, prepare: Callable[[Stage], Any], fields: Callable[[Stage, Any], Fields]) -> Act:
    return Act(f"admin/figures/{path}/", event, Role.SENIOR, prepare, fields)


TARGETS = {"assess_hours": "48", "removal_hours": "72"}
ACTS = (
    _by_senior("periods/close", "period.close", _withdraw_quarter, lambda _, close: {"period": close.period}),
    _by_senior("periods/confirm", "period.confirm", _close_last_quarter, _period),
    _by_senior("periods/withdraw", "period.withdraw", _close_last_quarter, _period),
    _by_senior(f"{PROVIDER}release", "sheet.release", with_provider, _sheet()),
    _by_senior(f"{PROVIDER}withdraw", "sheet.withdraw", _release_sheet, _sheet(reason=SheetWithdrawal.DISPUTED)),
    _by_senior(f"{PROVIDER}statement", "sheet.statement", with_provider, _sheet(text="We answer within a day.")),
    Act("admin/figures/targets/", "figures.targets", Role.OPERATOR, fields=TARGETS),
    Act("admin/figures/independence/", "figures.independence", Role.OPERATOR, fields={"text": "Paid by a foundation."}),
)
