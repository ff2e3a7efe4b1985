"""The hash chain: how an event's hash is made, how the whole chain is checked, and the anchor kept elsewhere.

Whoever owns the database can rebuild a chain from its first event or cut off its end. Only an anchor, copied
to a place they do not control, shows that.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEvent

# A ruined chain may be at fault in every event: naming the first of them is enough, and keeps memory flat.
MOST_FAULTS = 1000


@dataclass(frozen=True)
class Anchor:
    """One event's number and hash, written `number:hash`. It vouches for that event and all before it."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `number:hash`; raises ValueError for anything else."""
        match = re.fullmatch(r"([0-9]{1,19}):([0-9a-f]{64})", text.strip())
        if match is None:
            raise ValueError("An anchor is written number:hash.")
        return cls(int(match[1]), match[2])


# Where the first event is fastened, and the head of an empty chain.
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
    what: FaultKind


@dataclass(frozen=True)
class ChainResult:
    """`events` were read, the last of them `last_number` with `last_hash` (those of `START` if none was)."""

    events: int
    last_number: int
    last_hash: str
    faults: list[ChainFault]


def event_digest(event: AuditEvent) -> str:
    """SHA-256, in hexadecimal, over the event's canonical JSON: every field but `hash`.

    Canonical: keys sorted by code point, no spaces, UTF-8 without escapes beyond JSON's own, the time in UTC
    with six decimals of a second. A field added later must stay out while it is empty, or older hashes break.
    """
    canonical = json.dumps(
        {
            "number": event.number,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": event.actor,
            "role": event.role,
            "action": event.action,
            "object_type": event.object_type,
            "object_id": event.object_id,
            "portal": event.portal,
            "details": event.details,
            "previous_hash": event.previous_hash,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def newest_anchor() -> Anchor:
    """The newest event; `START` where there is none."""
    last = AuditEvent.objects.order_by("-number").values_list("number", "hash").first()
    return Anchor(*last) if last else START


def append_event(event: AuditEvent, *, to: Anchor) -> Anchor:
    """Number and fasten the event, which is not stored yet, behind another one; what it is then known by."""
    event.number, event.previous_hash = to.number + 1, to.hash
    event.hash = event_digest(event)
    return Anchor(event.number, event.hash)


def verify_chain(*, anchors: Iterable[Anchor] = (), batch: int = 5000) -> ChainResult:
    """Reads the whole chain, oldest first, and names what is wrong with it.

    Without an anchor, a chain rebuilt from some event to its end, or cut off at its end, looks sound. Events
    recorded meanwhile are read too. Memory is bounded by `batch` and the anchors; no transaction outlives one batch.
    """
    hashes = by_number(anchors)
    faults: list[ChainFault] = []
    before, events = START, 0
    for event in oldest_first(batch):
        events += 1
        faults += faults_of(event, before, hashes.get(event.number, frozenset()))
        before = Anchor(event.number, event.hash)
        if len(faults) >= MOST_FAULTS:
            faults.append(ChainFault(event.number, FaultKind.STOPPED))
            break
    else:
        beyond = sorted(number for number in hashes if number > before.number)
        faults += [ChainFault(number, FaultKind.CUT_OFF) for number in beyond[:MOST_FAULTS]]
    return ChainResult(events, before.number, before.hash, faults)


def by_number(anchors: Iterable[Anchor]) -> Mapping[int, set[str]]:
    """What the anchors say of each event they name; two that disagree cannot both hold."""
    hashes: dict[int, set[str]] = defaultdict(set)
    for anchor in anchors:
        hashes[anchor.number].add(anchor.hash)
    return hashes


def oldest_first(batch: int) -> Iterator[AuditEvent]:
    """Every event by number, read in keyset batches, so that no query or snapshot lasts long."""
    page = list(AuditEvent.objects.order_by("number")[:batch])
    while page:
        yield from page
        page = list(AuditEvent.objects.filter(number__gt=page[-1].number).order_by("number")[:batch])


def faults_of(event: AuditEvent, before: Anchor, anchored: Set[str]) -> Iterator[ChainFault]:
    """`anchored` holds the hashes that anchors give the event."""
    if event.number > before.number + 1:
        yield ChainFault(before.number + 1, FaultKind.MISSING)
    elif event.previous_hash != before.hash:
        yield ChainFault(event.number, FaultKind.UNLINKED)
    if event.hash != event_digest(event):
        yield ChainFault(event.number, FaultKind.EDITED)
    if anchored - {event.hash}:
        yield ChainFault(event.number, FaultKind.REWRITTEN)
