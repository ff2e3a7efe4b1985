"""The cost of requests to the surface of sources, of strangers and of a hostile partner."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import count
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http.response import HttpResponseBase

from reports.sources.items import LONGEST_ADDRESS, MOST_ADDRESSES, MOST_ITEMS
from tests.proofs.costly_texts import MOST_BYTES, CostlyNoise, CostlyText, costly_texts
from tests.proofs.inside.cost import InsideVisitor, measure_route
from tests.proofs.inside.cost_measuring import KindCost, Send, measure, measure_memory, measure_ordinary
from tests.proofs.partners import JSON, PATH, make_headers
from tests.rig.routes import fill_route, walk_routes

LINES = "application/x-ndjson"
TEXTS = ("platform", "account", "found_on", "words", "their_classification", "hosting_address", "seen_at", "language")
# Characters: the longest line, the longest story, and more than any field takes.
FIELD_SIZES = (2_000, 5_000, 20_000)
# Of a reference of the longest length; the rest of it is a number.
REFERENCE = "r" * 50
_numbers = count()

type Fields = Mapping[str, object]


def measure_sources(key: str, full: bool) -> list[dict[str, Any]]:
    visitor = InsideVisitor()
    texts = costly_texts(full=full)
    kinds = [
        _measure_strangers(visitor, full=full),
        _measure_report(visitor, key, texts, full=full),
        _measure_lines(visitor, key, texts[:: 8 if full else 20]),
    ]
    for route, pattern in walk_routes():
        kinds.append(measure_route(visitor, route, fill_route(route, pattern, {"reference": "known"}), full=full))
    return [asdict(each) for each in kinds]


def _measure_strangers(visitor: InsideVisitor, *, full: bool) -> KindCost:
    """A stranger without a key chooses nothing: the body is not looked at."""
    cost = KindCost("POST reports, without a key")
    measure_ordinary(cost, _sender(visitor, "srcs_of_nobody", [_item]))
    for what, body, kind in _strange_bodies():
        measure(cost, what, _body_sender(visitor, "srcs_of_nobody", body, kind))
    for text in costly_texts(full=False):
        measure(
            cost, f"{text} as a key", _sender(visitor, _plain(text, 8_000).encode("ascii", "ignore").decode(), [_item])
        )
    return cost


def _measure_report(
    visitor: InsideVisitor, key: str, texts: Sequence[CostlyText | CostlyNoise], *, full: bool
) -> KindCost:
    cost = KindCost("POST reports, one")
    ordinary = _sender(visitor, key, [lambda: _item(words="placeholder words", found_on="forum")])
    measure_ordinary(cost, ordinary)
    attacks = {
        f"{text} x {size} in {name}": _sender(visitor, key, [_maker(_in_field(name, _plain(text, size)))])
        for text in texts
        for size in (FIELD_SIZES if full else FIELD_SIZES[:1])
        for name in (*TEXTS, "addresses")
    }
    attacks["as many addresses as it takes"] = _sender(visitor, key, [_item_of_many])
    for what, send in attacks.items():
        measure(cost, what, send)
    for what, body, kind in _strange_bodies():
        measure(cost, what, _body_sender(visitor, key, body, kind))
    measure_memory(cost, ordinary, dict([*attacks.items()][::40]))
    return cost


def _measure_lines(visitor: InsideVisitor, key: str, texts: Sequence[CostlyText | CostlyNoise]) -> KindCost:
    """The ordinary request is the largest that an honest partner sends: as many reports as a request takes."""
    cost = KindCost("POST reports, lines")
    measure_ordinary(cost, _sender(visitor, key, [_item] * MOST_ITEMS, LINES))
    for text in texts:
        for name in ("words", "found_on", "addresses"):
            make = _maker(_in_field(name, _plain(text, 500)))
            measure(cost, f"lines with {text} in {name}", _sender(visitor, key, [make] * MOST_ITEMS, LINES))
    measure(cost, "lines of many addresses", _sender(visitor, key, [_item_of_many] * MOST_ITEMS, LINES))
    measure(cost, "lines that are no items", _body_sender(visitor, key, b"{}\n" * MOST_ITEMS, LINES))
    measure(cost, "one letter a line", _body_sender(visitor, key, b"1\n" * (MOST_BYTES // 2), LINES))
    return cost


# --- Requests -----------------------------------------------------------------------------------------


def _item(**fields: object) -> Fields:
    reference = f"{REFERENCE}{next(_numbers)}"
    return {"external_reference": reference, "addresses": [f"https://{reference}.example.org/"], **fields}


def _item_of_many() -> Fields:
    return _item(addresses=[f"http://{next(_numbers)}.example.org" for _ in range(MOST_ADDRESSES)])


def _maker(fields: Fields) -> Callable[[], Fields]:
    return lambda: _item(**fields)


def _in_field(name: str, text: str) -> Fields:
    match name:
        case "addresses":
            return {"addresses": [f"https://example.org/{text}"[:LONGEST_ADDRESS]]}
        case "platform" | "account":
            return {"addresses": [], "platform": "app", "account": "name"} | {name: text}
        case _:
            return {name: text}


def _plain(text: CostlyText | CostlyNoise, size: int) -> str:
    return unquote_to_bytes(text.encoded(size)).decode("utf-8", "replace")


def _sender(visitor: InsideVisitor, key: str, makers: Sequence[Callable[[], Fields]], kind: str = JSON) -> Send:
    """Sends other reports each time, under a key of its own, as many as the web server lets through."""

    def send() -> HttpResponseBase:
        body = b""
        for make in makers:
            line = json.dumps(make()).encode() + b"\n"
            if body and len(body) + len(line) > MOST_BYTES:
                break
            body += line
        return _body_sender(visitor, key, body, kind)()

    return send


def _body_sender(visitor: InsideVisitor, key: str, body: bytes, kind: str) -> Send:
    def send() -> HttpResponseBase:
        headers = make_headers(key, kind=kind)
        return visitor.send("POST", PATH, body, headers.pop("Content-Type"), headers)

    return send


def _strange_bodies() -> Iterator[tuple[str, bytes, str]]:
    """Bodies that no client sends, each with its content type."""
    yield "nested objects", b'{"a":' * (MOST_BYTES // 5), JSON
    yield "nested lists", b"[" * MOST_BYTES, JSON
    yield "a long number", b'{"seen_at":' + b"9" * (MOST_BYTES - 20) + b"}", JSON
    yield "many keys", b"{" + b",".join(b'"%06d":1' % number for number in range(MOST_BYTES // 12)) + b"}", JSON
    yield "a key again and again", b"{" + b",".join([b'"addresses":[]'] * (MOST_BYTES // 16)) + b"}", JSON
    yield (
        "many empty addresses",
        b'{"external_reference":"a","addresses":[' + b'"",' * (MOST_BYTES // 4) + b'""]}',
        JSON,
    )
    yield "escapes", b'{"words":"' + rb"\u00e9" * (MOST_BYTES // 8) + b'"}', JSON
    yield "spaces", b" " * MOST_BYTES, JSON
    yield "no text", b"\xff" * MOST_BYTES, JSON
    yield "nested lines", b'{"a":' * 100 + b"\n" + b'{"a":[[[[\n' * (MOST_BYTES // 12), LINES
    yield "a body that is too long", b" " * (2 * MOST_BYTES), JSON
