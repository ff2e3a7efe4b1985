"""Closing quarters and years: one senior analyst freezes the figures, another confirms them."""

from datetime import date, datetime, timedelta
from typing import cast

from django.db import IntegrityError, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.figures import rollups
from analysts.figures.permissions import check_can_see_figures
from analysts.figures.publication import quarters_of
from analysts.figures.snapshot import FrozenFigures, build_figures, days_of, digest_of
from analysts.models import DailyFigure, FigureProgress, PeriodClose, User
from audit.actions import record_event
from audit.permissions import Denied, Late
from countries.models import Portal
from countries.staff.requests.approvals import check_is_second_person

# The last reports of a period have been taken in by then.
CLOSED_AFTER = timedelta(days=1)


def figures_of(close: PeriodClose) -> FrozenFigures:
    return cast("FrozenFigures", close.figures)


def find_closable(*, now: datetime) -> str | None:
    """The period that can be closed next; None while there is none. Quarters in order, then their year."""
    first = DailyFigure.objects.aggregate(first=Min("day"))["first"]
    if first is None:
        return None
    closed = set(PeriodClose.objects.values_list("period", flat=True))
    for year in range(first.year, now.year + 1):
        for period in (*quarters_of(str(year)), str(year)):
            _first, ends = days_of(period)
            if ends < first or period in closed:
                continue
            return period if now - CLOSED_AFTER >= _end_of(ends) else None
    return None


def _end_of(last: date) -> datetime:
    return rollups.midnight(last + timedelta(days=1))


def earlier_figures(period: str) -> dict[str, FrozenFigures]:
    """The closed quarters before it in the same year; for a first quarter, of the year before it."""
    year = int(period[:4])
    names = [other for other in quarters_of(str(year)) if other < period or period == str(year)]
    if period.endswith("Q1"):
        names += [*quarters_of(str(year - 1)), str(year - 1)]
    rows = PeriodClose.objects.filter(period__in=names, confirmed_at__isnull=False)
    return {row.period: figures_of(row) for row in rows.order_by("period")}


def open_portals(day: date) -> list[int]:
    """The portals that were launched by then. The public knows these, so that their figures are published also if 0."""
    return [portal.pk for portal in Portal.objects.order_by("pk") if portal.launch_day and portal.launch_day <= day]


def close_period(*, by: User, period: str, now: datetime | None = None) -> PeriodClose:
    """Freeze the figures of the period that can be closed next, as the worker has counted them.

    Another senior analyst has to confirm them.
    """
    now = now or timezone.now()
    check_can_see_figures(by)
    if PeriodClose.objects.filter(confirmed_at=None).exists():
        raise Denied(_("A closed period waits for confirmation. It must be confirmed or withdrawn first."))
    try:
        with transaction.atomic():
            if period != find_closable(now=now):
                raise Denied(_("This period cannot be closed now."))
            progress = FigureProgress.objects.select_for_update().first()
            if progress is None or progress.counted_until < _end_of(days_of(period)[1]) + CLOSED_AFTER:
                raise Denied(_("The worker has not counted this period to its end yet. Try again in a few minutes."))
            figures = build_figures(period, earlier_figures(period), portals=open_portals(days_of(period)[1]))
            close = PeriodClose.objects.create(
                period=period,
                figures=figures,
                digest=digest_of(figures),
                closed_by=by,
                closed_at=progress.counted_until,
            )
            record_event(by=by, action="period.close", on=close, details={"digest": close.digest}, at=now)
            return close
    except IntegrityError as error:
        raise Late(_("A colleague has just closed this period.")) from error


def check_can_confirm(user: User, close: PeriodClose) -> None:
    check_can_see_figures(user)
    if close.is_confirmed:
        raise Late(_("This period has already been confirmed."))
    refusal = _("You closed this period. Another senior analyst has to confirm it.")
    check_is_second_person(user, close.closed_by_id, close.closed_at, refusal=refusal)


@transaction.atomic
def confirm_period(*, by: User, close: PeriodClose, now: datetime | None = None) -> PeriodClose:
    """Confirm the frozen figures: from then on nothing changes them."""
    now = now or timezone.now()
    close = _lock_close(close)
    check_can_confirm(by, close)
    close.confirmed_by, close.confirmed_at = by, now
    close.save(update_fields=["confirmed_by", "confirmed_at"])
    record_event(by=by, action="period.confirm", on=close, details={"digest": close.digest}, at=now)
    return close


@transaction.atomic
def withdraw_period(*, by: User, close: PeriodClose, now: datetime | None = None) -> None:
    """Withdraw frozen figures before they are confirmed; any senior analyst can."""
    check_can_see_figures(by)
    close = _lock_close(close)
    if close.is_confirmed:
        raise Late(_("This period has already been confirmed."))
    PeriodClose.objects.filter(pk=close.pk).delete()
    record_event(by=by, action="period.withdraw", on=close, details={"digest": close.digest}, at=now or timezone.now())


def _lock_close(close: PeriodClose) -> PeriodClose:
    locked = PeriodClose.objects.select_for_update(of=("self",)).filter(pk=close.pk).first()
    if locked is None:
        raise Late(_("This period has just been withdrawn."))
    return locked
