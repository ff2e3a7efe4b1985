"""Streams the feed as JSON or CSV, one batch at a time."""

import json
from collections.abc import Iterable, Iterator, Mapping

from django.db.models import TextChoices

from analysts.models import FeedScope
from analysts.takedown.url_list.feed import FeedItem
from countries.csv_files import plain_csv


class Format(TextChoices):
    JSON = "json"
    CSV = "csv"


CONTENT_TYPES = {Format.JSON: "application/json", Format.CSV: "text/csv; charset=utf-8"}
# The name of the value column.
VALUE = {FeedScope.ADDRESSES: "address", FeedScope.HASHES: "sha256"}


def render_feed(
    batches: Iterable[list[FeedItem]], variant: FeedScope, format_: Format, head: Mapping[str, object]
) -> Iterator[bytes]:
    """The response body. `head`: fields before the entries in JSON; CSV clients get them as response headers."""
    names = ("id", "version", "change", "on", VALUE[variant])
    return _render_json(batches, names, head) if format_ == Format.JSON else _render_csv(batches, names)


def _render_json(
    batches: Iterable[list[FeedItem]], names: tuple[str, ...], head: Mapping[str, object]
) -> Iterator[bytes]:
    yield f'{json.dumps(head)[:-1]}, "entries": ['.encode()
    before = ""
    for batch in batches:
        lines = [json.dumps(dict(zip(names, _item_cells(item), strict=True))) for item in batch]
        yield (before + ",\n".join(lines)).encode()
        before = ",\n"
    yield b"]}\n"


def _render_csv(batches: Iterable[list[FeedItem]], names: tuple[str, ...]) -> Iterator[bytes]:
    yield plain_csv([names]).encode()
    for batch in batches:
        yield plain_csv(map(_item_cells, batch)).encode("utf-8", "replace")


def _item_cells(item: FeedItem) -> tuple[str | int | None, ...]:
    return (str(item.id), item.version, "remove" if item.removed else "add", item.on.isoformat(), item.value)
