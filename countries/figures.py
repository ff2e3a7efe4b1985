"""How many reports portals get, supplied by the app that counts them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

# Smaller numbers are not shown: the arrival of a single report must not be visible.
LEAST_NOTIFIED = 5


def reports_of_30_days(portals: Collection[int], now: datetime) -> Mapping[int, int]:
    """Reports by portal id; portals without any are missing.

    Asks `reports_of_30_days` in the `figures` module of an app above, found as `privacy` finds its rows.
    """
    for config in apps.get_app_configs():
        if config.name != "countries" and config.module and module_has_submodule(config.module, "figures"):
            found: Mapping[int, int] = import_module(f"{config.name}.figures").reports_of_30_days(portals, now)
            return found
    return {}


def report_count_label(reports: int) -> str:
    """The number, or a fixed text if it is too small to be shown: 0 and 1 look alike."""
    return str(reports) if reports >= LEAST_NOTIFIED else _("fewer than %(count)d") % {"count": LEAST_NOTIFIED}
