"""Fills the database of a running stack; run by `manage.py shell`, as the server's superuser."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from countries.models import Portal
from tests.benchmarks.incidents import filled_once, people

WAITING = 0.4


def fill_database(incidents: int) -> None:
    """Incidents, their takedowns and `people.ANALYSTS` analysts, once: a folder that is kept is used as it is."""
    portals = list(Portal.objects.order_by("slug"))
    analysts = people.create_analysts(portals)
    filled_once.load_or_fill(incidents, WAITING, portals, analysts, Path(settings.DATA_DIR), now=timezone.now())
