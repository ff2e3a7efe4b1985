"""The URL list as members read it: whole, or what changed since a version they have.

Versions only grow, and whoever takes one keeps all others waiting until it is committed: once a reader has seen version
N, every change up to N is there. A row that changes while it is read moves to a version above N, and comes with the
changes that the reader asks for next; so nothing is lost, whatever happens between two pages.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from analysts.incidents import contents
from analysts.models import FeedScope, UrlListEntry, UrlListState

# Rows that are opened before the first of them is sent: all that is held in memory.
BATCH = 500


@dataclass(frozen=True, slots=True, repr=False)
class FeedItem:
    """One entry as its latest change left it. `value`: the address or its hash; None once it is removed or erased."""

    id: UUID
    version: int
    removed: bool
    on: date
    value: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """The changes of versions above `since`, up to `until`; `current` is the list's own version then."""

    since: int
    until: int
    current: int

    @property
    def more(self) -> bool:
        return self.until < self.current


def current_version() -> int:
    return UrlListState.objects.values_list("version", flat=True).first() or 0


def span_since(since: int, *, limit: int, current: int) -> Span:
    """At most `limit` changes above `since`. Costs their number, by the index, however long the list is."""
    versions = _entries_between(since, current).order_by("version").values_list("version", flat=True)
    last = next(iter(versions[limit - 1 : limit + 1]), None)
    return Span(since, current if last is None else last, current)


def _entries_between(since: int, until: int) -> QuerySet[UrlListEntry]:
    return UrlListEntry.objects.filter(version__gt=since, version__lte=until)


def live_entries(until: int) -> QuerySet[UrlListEntry]:
    """All that was on the list at version `until` and is still."""
    return _entries_between(0, until).filter(removed_on=None)


def entries_in_span(of: Span) -> QuerySet[UrlListEntry]:
    return _entries_between(of.since, of.until)


def item_batches(rows: QuerySet[UrlListEntry], variant: FeedScope) -> Iterator[list[FeedItem]]:
    """In the order of versions, a batch a query: no transaction lasts as long as a slow line."""
    rows = rows.order_by("version")
    batch = list(rows[:BATCH])
    while batch:
        yield [_build_item(entry, variant) for entry in batch]
        batch = list(rows.filter(version__gt=batch[-1].version)[:BATCH]) if len(batch) == BATCH else []


def _build_item(entry: UrlListEntry, variant: FeedScope) -> FeedItem:
    # What is gone, or was listed by mistake, is told to nobody again: members drop it by its id.
    address = contents.unseal_copy(entry) if entry.removed_on is None else None
    return FeedItem(
        id=entry.pk,
        version=entry.version,
        removed=entry.removed_on is not None,
        on=entry.removed_on or entry.added_on,
        value=address if address is None or variant == FeedScope.ADDRESSES else hash_of(address),
    )


def hash_of(address: str) -> str:
    """SHA-256 in hex of the address as the list has it, in UTF-8. Computed when asked for: a stored one would let
    whoever steals the database try guesses."""
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
