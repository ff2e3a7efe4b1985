"""How many reports portals got in a month, supplied by the app that counts them."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

from countries.disclosure import LEAST_SHOWN, KeyedCount, protect_count

# A month is shown from this long after its end: its last reports have been taken in by then.
SHOWN_AFTER = timedelta(days=1)


def last_closed_month(now: datetime) -> date:
    """The first day of the latest month that ended at least SHOWN_AFTER ago, in UTC.

    A running period would show the arrival of a single report.
    """
    running = (now - SHOWN_AFTER).date().replace(day=1)
    return (running - timedelta(days=1)).replace(day=1)


def reports_of_month(portals: Collection[int], month: date) -> Mapping[int, KeyedCount] | None:
    """Reports by portal id; portals without any are missing. None if the month is not counted to its end yet.

    Asks `reports_of_month` in the `figures` module of an app above, found as `privacy` finds its rows.
    """
    for config in apps.get_app_configs():
        if config.name != "countries" and config.module and module_has_submodule(config.module, "figures"):
            reports: Mapping[int, KeyedCount] | None = import_module(f"{config.name}.figures").reports_of_month(
                portals, month
            )
            return reports
    return None


def report_count_label(counted: KeyedCount | None) -> str:
    """The protected number, or a fixed text: small numbers look alike. None: not counted yet."""
    if counted is None:
        return _("not counted yet")
    printed = protect_count(counted)
    return _("fewer than %(count)d") % {"count": LEAST_SHOWN} if printed is None else str(printed)
