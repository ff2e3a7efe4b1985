"""One size: filled, its pages measured, its queue claimed from."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from time import perf_counter

from django.core.management import call_command
from django.utils import timezone

from analysts.models import Incident, User
from countries.models import Portal
from tests.benchmarks.incidents import claimers, fill, filled_once, pages, people
from tests.benchmarks.incidents.results import SizeFigures

CLAIMERS = (1, 8, 32)
# This many claims a run, or a quarter of the waiting incidents.
CLAIMS = 20_000
VERB_SECONDS = 10
# Processes that claim at once beside an open snapshot.
CLAIMERS_BESIDE = 8
LOOK_UPS = 200_000
LOOK_UP = r"""
\set n random(1, {incidents})
SELECT id FROM analysts_incident WHERE fingerprint = (
    SELECT uuid_send(known) || uuid_send(known) FROM md5('incident ' || :n) AS text, CAST(text AS uuid) AS known
);
"""


def measure_size(
    incidents: int, *, waiting: float, folder: Path, hold: int, tell: Callable[[str], None]
) -> SizeFigures:
    """All measurements of this size, as JSON values. `hold`: for how many seconds a snapshot is held open."""
    call_command("create_keys", stdout=StringIO())
    call_command("load_catalogue", live=True, stdout=StringIO())
    portals = list(Portal.objects.order_by("slug"))
    analysts, viewers = people.create_analysts(portals), people.create_viewers(portals)
    now = timezone.now()
    tell(f"{incidents:,} incidents ...")
    filled = filled_once.load_or_fill(incidents, waiting, portals, analysts, folder, now=now)
    tell(f"  {sum(filled['rows'].values()):,} rows in {sum(filled['seconds'].values()):.0f} s")
    claimers.reset_claims()
    shown = pages.prepare_pages(viewers, now=now)
    fill.vacuum_tables()
    looked_at = []
    for page in pages.measure_all(viewers, shown, quiet=portals[-1]):
        tell(f"  {page}")
        looked_at.append(asdict(page))
    bare_loop_ms = pages.measure_bare_loop()
    look_ups = _look_ups_a_second(incidents, folder)
    tell(f"  look-ups by fingerprint {look_ups:,} a second")
    claims = []
    for claim in _measure_claims(analysts, folder, hold):
        tell(f"  {claim}")
        claims.append(asdict(claim))
    return {
        "waiting": Incident.objects.waiting().count(),
        "rows": filled["rows"],
        "fill_seconds": filled["seconds"],
        "pages": looked_at,
        "bare_loop_ms": bare_loop_ms,
        "look_ups_a_second": look_ups,
        "claims": claims,
        "held_seconds": hold,
    }


def _look_ups_a_second(incidents: int, folder: Path) -> float:
    script = folder / "look-up.sql"
    script.write_text(LOOK_UP.format(incidents=incidents))
    return claimers.run_pgbench(f"--file={script}", "--protocol=prepared", clients=8, number=LOOK_UPS)


def _measure_claims(analysts: Sequence[User], folder: Path, hold: int) -> list[claimers.Claims]:
    found = []
    number = min(CLAIMS, Incident.objects.waiting().count() // 4)
    for at_once in CLAIMERS:
        claimers.reset_claims()
        found.append(claimers.in_sql(analysts, folder, claimers=at_once, number=number))
    for at_once in CLAIMERS:
        claimers.reset_claims()
        found.append(claimers.through_verb(analysts, claimers=at_once, seconds=VERB_SECONDS))
    for how, beside, held in (
        ("an export", claimers.export_in_background, 0),
        ("one open snapshot", claimers.open_snapshot, hold),
    ):
        claimers.reset_claims()
        began = perf_counter()
        with beside():
            found.append(claimers.in_sql(analysts, folder, claimers=8, number=number, how=f"beside {how}"))
            if held:
                found.append(
                    claimers.through_verb(
                        analysts,
                        claimers=CLAIMERS_BESIDE,
                        seconds=max(0.2, held + began - perf_counter()),
                        how=f"verb beside {how}",
                    )
                )
            left = max(number // 4, 8)
            found.append(claimers.in_sql(analysts, folder, claimers=8, number=left, how=f"after these, beside {how}"))
    claimers.reset_claims()
    return found
