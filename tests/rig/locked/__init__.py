"""The environment of a process for which only the packages of one lock are installed."""

from pathlib import Path

HERE = Path(__file__).parent


def lock_environment(lock: Path) -> dict[str, str]:
    """Variables for a process, and for all that it starts; Python loads `sitecustomize` from its path.

    Args:
        lock: a file of requirements such as requirements.txt, with a line for each package.
    """
    return {"PYTHONPATH": str(HERE), "LOCK": str(lock)}
