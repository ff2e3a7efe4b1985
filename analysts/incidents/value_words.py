"""The words of an incident's state and verdict: for pages and exports."""

from analysts.codes import Closing, Severity, Verdict
from analysts.states import State


def state_words(state: str, closing: str) -> str:
    """The state; of a closed incident, why it was closed."""
    return str(Closing(closing).label if closing else State(state).label)


def verdict_words(verdict: str, severity: str) -> str:
    """The verdict; of an illegal one, its category. "" without a verdict."""
    if not verdict:
        return ""
    return str(Severity(severity).label if severity else Verdict(verdict).label)
