"""Batches of the isolated workstation: their end by time, and what the staff server's keys open of their files."""

from datetime import timedelta
from uuid import UUID

from analysts.handoff import batch_ends
from analysts.handoff.sealed_lines import unseal_line
from analysts.handoff.signing import NoLine, Typ
from analysts.models import Batch, Incident
from analysts.states import State
from reports import keys


def pass_lease(batch: str, seconds: int) -> int:
    """Run the worker's job so many seconds after the lease; returns how many incidents of the batch wait then."""
    drawn = Batch.objects.get(pk=UUID(batch))
    batch_ends.end_late_batches(now=drawn.until + timedelta(seconds=seconds))
    return Incident.objects.filter(batch_items__batch=drawn, state=State.WAITING).count()


def count_opened(lines: list[str], typ: str) -> int:
    """How many lines of a file the keyring of the staff server opens."""
    key = keys.handoff_sealing_key()
    opened = 0
    for line in lines:
        try:
            unseal_line(line.encode(), key=key, typ=Typ(typ))
        except NoLine:
            continue
        opened += 1
    return opened
