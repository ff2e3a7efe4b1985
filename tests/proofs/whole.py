"""Everything at once, in short: the benchmark of the whole load (`tests.benchmarks.whole`) at a small size."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.whole.run import measure_whole
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure

SHOWS = "Reports, half of them of one site, beside analysts, notices, figures and an export: none is lost or twice"
PROMISES = (2, 7)
COVERS = INSTALLATION


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    incidents, paces, seconds = (10_000, (16, 60), 20) if full else (1_000, (16,), 10)
    yield from measure_whole(folder, incidents=incidents, paces=paces, seconds=seconds)
