"""The measured installation, and the circumstances of the measurement."""

from pathlib import Path

from tests.benchmarks.chasing.results import ChasingResult
from tests.benchmarks.circumstances import note_circumstances
from tests.benchmarks.incidents.installation import running_installation


def measure_installation(folder: Path, chases: int, recipients: int) -> ChasingResult:
    """Measure in a process of its own, as a process can read the settings of one installation only."""
    circumstances = note_circumstances()
    with running_installation(folder):
        from tests.benchmarks.chasing import size  # noqa: PLC0415 - imports models, which need the installation

        return {**circumstances, **size.measure_size(chases, recipients, tell=lambda line: print(line, flush=True))}
