"""The hash chain: the digest of an event, verifying the chain, and anchors.

The owner of the database can rebuild the chain from any event or cut off its end. Only an anchor, copied to a place
that the owner does not control, reveals that.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.event_fields import EVENT_FIELDS
from audit.models import AuditEvent
from audit.stored_values import UnreadableTime, write_canonical

# A damaged chain may have a fault in every event: reporting the first ones is enough and bounds memory.
MOST_FAULTS = 1000


@dataclass(frozen=True)
class Anchor:
    """One event's number and hash, written `number:hash`. It proves that event and all earlier ones."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `number:hash`. Raises ValueError for anything else."""
        match = re.fullmatch(r"([0-9]{1,19}):([0-9a-f]{64})", text.strip())
        if match is None:
            raise ValueError("An anchor is written number:hash.")
        return cls(int(match[1]), match[2])


# The predecessor of the first event, and the head of an empty chain.
START = Anchor(0, "0" * 64)


class FaultKind(models.TextChoices):
    EDITED = "edited", _("the event does not match its own hash: it was changed")
    UNLINKED = "unlinked", _("the event does not follow from the one before it")
    MISSING = "missing", _("from this number on, one or more events are missing")
    REWRITTEN = "rewritten", _("the event is not the one the anchor names: the chain was rebuilt")
    CUT_OFF = "cut_off", _("the event the anchor names is missing: the end of the chain was cut off")
    STOPPED = "stopped", _("too many faults: events after this one were not checked")


@dataclass(frozen=True)
class ChainFault:
    number: int
    kind: FaultKind


@dataclass(frozen=True)
class ChainResult:
    """The number of events read, the last one's number and hash (those of the start if none), and all faults.

    `unreadable`: events with a value that Python does not hold, the first MOST_FAULTS. That alone is no fault: their
    hashes are verified.
    """

    events: int
    last_number: int
    last_hash: str
    faults: list[ChainFault]
    unreadable: list[int] = field(default_factory=list)


def event_digest(event: AuditEvent) -> str:
    """SHA-256, in hexadecimal, over the event's canonical JSON: every field but `hash`.

    Canonical: keys sorted by code point, no spaces, UTF-8 without escapes beyond JSON's own, the time in UTC
    with six decimals of a second. The database function `audit_append` computes the same. A field added later is
    omitted while it is None, or older hashes break.
    """
    values = {field.name: getattr(event, field.name) for field in EVENT_FIELDS if field.name != "hash"}
    absent = {field.name for field in EVENT_FIELDS if field.is_later and values[field.name] is None}
    if isinstance(event.at, UnreadableTime):
        values["at"] = event.at.hashed
    else:
        values["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    try:
        canonical = write_canonical({name: value for name, value in values.items() if name not in absent})
    except RecursionError:
        # Deeper than `audit_append` could ever hash.
        return ""
    return hashlib.sha256(canonical.encode()).hexdigest()


def newest_anchor() -> Anchor:
    """The newest event as an anchor; `START` if there is none."""
    last = AuditEvent.objects.order_by("-number").values_list("number", "hash").first()
    return Anchor(*last) if last else START


def verify_chain(*, anchors: Iterable[Anchor] = (), after: Anchor | None = None, batch: int = 5000) -> ChainResult:
    """Read the chain, oldest event first, and report its faults. `after`: only what follows this anchor, which was
    verified before and must still be there.

    Without anchors, a chain that was rebuilt up to its end, or truncated, looks intact. Events recorded meanwhile are
    read too. Memory is bounded by `batch` and the anchors; no transaction lasts longer than one batch.
    """
    before, events, unreadable = after or START, 0, list[int]()
    hashes = by_number(anchors)
    faults = [] if before == START else list(_faults_of_start(before))
    for event in AuditEvent.objects.filter(number__gt=before.number).in_batches(batch):
        events += 1
        faults += faults_of(event, before, hashes.get(event.number, frozenset()))
        before = Anchor(event.number, event.hash)
        if event.unreadable_texts() and len(unreadable) < MOST_FAULTS:
            unreadable.append(event.number)
        if len(faults) >= MOST_FAULTS:
            faults.append(ChainFault(event.number, FaultKind.STOPPED))
            break
    else:
        beyond = sorted(number for number in hashes if number > before.number)
        faults += [ChainFault(number, FaultKind.CUT_OFF) for number in beyond[:MOST_FAULTS]]
    return ChainResult(events, before.number, before.hash, faults, unreadable)


def by_number(anchors: Iterable[Anchor]) -> Mapping[int, set[str]]:
    """Maps event numbers to the hashes that anchors give them (several if anchors disagree)."""
    hashes: dict[int, set[str]] = defaultdict(set)
    for anchor in anchors:
        hashes[anchor.number].add(anchor.hash)
    return hashes


def _faults_of_start(anchor: Anchor) -> Iterator[ChainFault]:
    hash_now = AuditEvent.objects.filter(number=anchor.number).values_list("hash", flat=True).first()
    if hash_now is None:
        yield ChainFault(anchor.number, FaultKind.CUT_OFF)
    elif hash_now != anchor.hash:
        yield ChainFault(anchor.number, FaultKind.REWRITTEN)


def faults_of(event: AuditEvent, before: Anchor, anchored: Set[str]) -> Iterator[ChainFault]:
    """Faults of one event, given its predecessor and the hashes that anchors give it (`anchored`)."""
    if event.number > before.number + 1:
        yield ChainFault(before.number + 1, FaultKind.MISSING)
    elif event.previous_hash != before.hash:
        yield ChainFault(event.number, FaultKind.UNLINKED)
    if event.hash != event_digest(event):
        yield ChainFault(event.number, FaultKind.EDITED)
    if anchored - {event.hash}:
        yield ChainFault(event.number, FaultKind.REWRITTEN)
