"""The content of the feed: the whole list, or the changes since a version.

Versions only increase, and taking one blocks other writers until it is committed. Once a reader has seen version N, all
changes up to N are visible. An entry that changes during reading moves to a version above N and is part of the next
changes, so no change is lost between pages.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from analysts.incidents import contents
from analysts.models import FeedScope, UrlListEntry, UrlListState

# The number of entries decrypted and held in memory at a time.
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
    versions = entries_between(since, current).order_by("version").values_list("version", flat=True)
    last = next(iter(versions[limit - 1 : limit + 1]), None)
    return Span(since, current if last is None else last, current)


def entries_between(since: int, until: int) -> QuerySet[UrlListEntry]:
    return UrlListEntry.objects.filter(version__gt=since, version__lte=until)


def live_entries(until: int) -> QuerySet[UrlListEntry]:
    """Entries that were listed at version `until` and still are."""
    return entries_between(0, until).filter(removed_on=None)


def item_batches(rows: QuerySet[UrlListEntry], variant: FeedScope) -> Iterator[list[FeedItem]]:
    """Yield batches in order of version, one query each, so that slow clients do not hold a transaction open."""
    rows = rows.order_by("version")
    batch = list(rows[:BATCH])
    while batch:
        yield [_build_item(entry, variant) for entry in batch]
        batch = list(rows.filter(version__gt=batch[-1].version)[:BATCH]) if len(batch) == BATCH else []


def _build_item(entry: UrlListEntry, variant: FeedScope) -> FeedItem:
    # Removed entries are sent without the address: members drop them by id.
    address = contents.list_copy(entry) if entry.removed_on is None else None
    return FeedItem(
        id=entry.pk,
        version=entry.version,
        removed=entry.removed_on is not None,
        on=entry.removed_on or entry.added_on,
        value=address if address is None or variant == FeedScope.ADDRESSES else hash_of(address),
    )


def hash_of(address: str) -> str:
    """The SHA-256 of the listed address in UTF-8, in hex.

    Computed on request: stored hashes would let a thief of the database test guessed addresses.
    """
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
