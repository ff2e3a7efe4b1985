"""Batches of the isolated workstation: their end by time, and what the staff server's keys open of their files."""

from datetime import timedelta
from uuid import UUID

from analysts.handoff import batch_ends
from analysts.handoff.sealed_lines import unseal_line
from analysts.handoff.signing import NoLine, Typ
from analysts.models import Batch, Incident
from analysts.states import State
from reports import installation_keys


def pass_lease(batch: str) -> list[int]:
    """Run the worker's job a second before the end of the lease, and at it: how many incidents of the batch wait."""
    drawn, waiting = Batch.objects.get(pk=UUID(batch)), []
    for seconds in (1, 0):
        batch_ends.end_late_batches(now=drawn.until - timedelta(seconds=seconds))
        waiting.append(Incident.objects.filter(batch_items__batch=drawn, state=State.WAITING).count())
    return waiting


def open_with_keyring(batch: list[str], results: list[str]) -> list[int]:
    """How many lines of a batch and of its results the keyring of the staff server opens."""
    return [_count_opened(batch, Typ.BATCH), _count_opened(results, Typ.RESULTS)]


def _count_opened(lines: list[str], typ: Typ) -> int:
    key = installation_keys.results_key()
    opened = 0
    for line in lines:
        try:
            unseal_line(line.encode(), key=key, typ=typ)
        except NoLine:
            continue
        opened += 1
    return opened
