"""Fills an installation once: a folder that is kept is measured again as it is."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter

from analysts.models import User
from countries.models import Portal
from reports import keys
from reports.models import KeyClass, SealingKey
from tests.benchmarks.incidents import facets, fill, takedowns
from tests.benchmarks.incidents.results import FilledTables


def load_or_fill(
    incidents: int, waiting: float, portals: Sequence[Portal], analysts: Sequence[User], folder: Path, *, now: datetime
) -> FilledTables:
    """The result of `fill`, from now or from an earlier run."""
    noted = folder / "filled.json"
    if not noted.exists():
        key = SealingKey.objects.get(pk=keys.public_key(now, KeyClass.ADDRESSES).id)
        filled = fill.fill_tables(incidents, waiting=waiting, portals=portals, people=analysts, key=key, now=now)
        fill.vacuum_tables()
        words = SealingKey.objects.get(pk=keys.public_key(now, KeyClass.WORDS).id)
        seconds = {
            **filled.seconds,
            "takedowns": _seconds_of(lambda: takedowns.fill_takedowns(by=analysts[0], words=words, now=now)),
            "filter values": _seconds_of(facets.fill_facets),
            "vacuum and statistics": _seconds_of(fill.vacuum_all),
        }
        rounded = {step: round(took, 1) for step, took in seconds.items()}
        noted.write_text(json.dumps({"rows": filled.rows, "seconds": rounded}))
    tables: FilledTables = json.loads(noted.read_text())
    return tables


def _seconds_of(step: Callable[[], None]) -> float:
    began = perf_counter()
    step()
    return perf_counter() - began
