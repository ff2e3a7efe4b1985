"""What requests cost in the process that serves them: its processor time, that of its database session, its memory."""

import re
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from time import process_time
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client

from reports.safety import personal
from tests.proofs.costly_texts import MOST_BYTES, SIZES, CostlyText, Noise, costly_texts
from tests.proofs.form_walk import ORDINARY, FormWalk
from tests.proofs.forms import Form, forms_on
from tests.proofs.inside.cost_limits import FLOOR_BYTES, FLOOR_SECONDS, MOST_TIMES
from tests.proofs.visitor import FORM, Page
from tests.rig.routes import fill_route, is_staff, walk_routes

# As it was when an audit found that it takes the square of its length.
OLD_STRETCH = re.compile(r"(?<![\w+#])\(?\+?\d(?:[ ().\u2010-\u2013/-]{0,3}\d)*+(?!\w)")
ORDINARY_ROUNDS = 5
# As browsers ask for it: to compress the page is part of its cost.
COMPRESSED = {"Accept-Encoding": "gzip"}
# The other end of a long path: gunicorn reads no longer line, and no longer header.
LONGEST_LINE = 4_000
LONGEST_HEADER = 8_000

type Send = Callable[[], HttpResponseBase]


@dataclass
class KindCost:
    """The costs of one kind of request, in seconds and bytes, and which requests cost too much."""

    kind: str
    seconds: float = 0
    bytes: int = 0
    requests: int = 0
    most_seconds: float = 0
    slowest: str = ""
    most_bytes: int = 0
    largest: str = ""
    over: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class InsideVisitor:
    """A client that calls the surface in this process, with what the web server lets through."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Host": settings.ALLOWED_HOSTS[0], "X-Forwarded-Proto": "https"}

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = FORM,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> HttpResponseBase:
        return self.client.generic(method, path, body, kind, secure=True, headers={**self.headers, **headers})

    def get(self, path: str) -> Page:
        return _page(self.send("GET", path))

    def post(self, path: str, fields: Mapping[str, str]) -> Page:
        return _page(self.send("POST", path, urlencode(fields).encode()))


def _page(answer: HttpResponseBase) -> Page:
    headers = {name.lower(): value for name, value in answer.items()}
    return Page(answer.status_code, headers, getattr(answer, "content", b""))


# --- The two surfaces ---------------------------------------------------------------------------------


def measure_public(slug: str, language: str, full: bool, seeded: bool) -> list[dict[str, Any]]:
    """The kinds of request of the public surface; only the details form where the old pattern is seeded."""
    visitor = InsideVisitor()
    base = f"/{slug}/{language}/"
    token = visitor.get(f"{base}report/").field("token")
    code = visitor.post(f"{base}report/", {"token": token, "addresses": ORDINARY}).receipt
    walk = FormWalk(visitor, base, code)
    forms = walk.find_forms()
    if seeded:
        personal._STRETCH = OLD_STRETCH
        forms = {names: fresh for names, fresh in forms.items() if "found_on" in names}
        return [asdict(_measure_form(visitor, walk.ordinary_fields, fresh(), full=False)) for fresh in forms.values()]
    found = [_measure_form(visitor, walk.ordinary_fields, fresh(), full=full) for fresh in forms.values()]
    notice = Form(f"/notice/{language}/{'a' * 52}/", {"kind": "removed", "text": ""}, {"text"})
    found.append(_measure_form(visitor, _plain_fields, notice, full=full))
    arguments = {"slug": slug, "language": language}
    for route, pattern in walk_routes():
        found.append(_measure_route(visitor, route, fill_route(route, pattern, arguments), full=full))
    return [asdict(each) for each in found]


def measure_staff(full: bool) -> list[dict[str, Any]]:
    """The kinds of request of a stranger to the staff surface."""
    visitor = InsideVisitor()
    found = []
    for form in _forms_of(visitor, ("/accounts/login/", "/accounts/enter/")):
        found.append(_measure_form(visitor, _plain_fields, form, full=full))
    for route, pattern in walk_routes():
        if is_staff(route):
            found.append(_measure_route(visitor, route, fill_route(route, pattern, {}), full=full))
    return [asdict(each) for each in found]


def _forms_of(visitor: InsideVisitor, paths: tuple[str, ...]) -> Iterator[Form]:
    for path in paths:
        for form in forms_on(visitor.get(path).text):
            form.action = form.action or path
            yield form


def _plain_fields(form: Form) -> dict[str, str]:
    return form.filled(dict.fromkeys(form.typed, "example"))


# --- One kind -----------------------------------------------------------------------------------------


def _measure_form(
    visitor: InsideVisitor, fill: Callable[[Form], dict[str, str]], form: Form, *, full: bool
) -> KindCost:
    cost = KindCost(f"POST {form.action} {' '.join(form.fields)}")
    ordinary = fill(form)

    def send(body: bytes, kind: str = FORM) -> Send:
        return lambda: visitor.send("POST", form.action, body, kind, COMPRESSED)

    _measure_ordinary(cost, send(urlencode(ordinary).encode()))
    texts = costly_texts(full=full)
    for text in texts:
        for size in SIZES if full else SIZES[1:]:
            _measure(cost, f"{text} x {size} in each typed field", send(_in_each_field(ordinary, form, text, size)))
    for text in texts[::4]:
        for name in form.fields if full else sorted(form.typed)[:1]:
            body = _in_field(ordinary, name, text, SIZES[-1])
            _measure(cost, f"{text} in {name}", send(body))
    for what, body, kind in _shapes(ordinary, form):
        _measure(cost, what, send(body, kind))
    _measure_memory(
        cost,
        send(urlencode(ordinary).encode()),
        {str(text): send(_in_each_field(ordinary, form, text, size)) for text in texts[::8] for size in SIZES[1:]},
    )
    return cost


def _in_field(ordinary: Mapping[str, str], name: str, text: CostlyText | Noise, size: int) -> bytes:
    others = urlencode({key: value for key, value in ordinary.items() if key != name}).encode()
    return b"&".join([others, urlencode({name: ""}).encode() + text.encoded(size, MOST_BYTES - len(others))])


def _in_each_field(ordinary: Mapping[str, str], form: Form, text: CostlyText | Noise, size: int) -> bytes:
    names = sorted(form.typed) or sorted(form.fields)
    others = urlencode({key: value for key, value in ordinary.items() if key not in names}).encode()
    most = (MOST_BYTES - len(others)) // len(names)
    return b"&".join([others, *(urlencode({name: ""}).encode() + text.encoded(size, most) for name in names)])


def _shapes(ordinary: Mapping[str, str], form: Form) -> Iterator[tuple[str, bytes, str]]:
    """Bodies that no form sends."""
    first = next(iter(form.fields))
    sent = urlencode(ordinary).encode()
    yield "99 fields more", sent + b"".join(b"&x%d=%s" % (number, b"a" * 5_000) for number in range(90)), FORM
    yield "one field 90 times", sent + urlencode([(first, "1 " * 1_000 + "x")] * 90).encode().join([b"&", b""]), FORM
    yield "empty fields", b"&" * MOST_BYTES, FORM
    yield "empty names", b"=&" * (MOST_BYTES // 2), FORM
    yield "a long name", b"a" * MOST_BYTES, FORM
    yield "escapes", b"%" * MOST_BYTES, FORM
    yield "JSON", b'{"a":' * (MOST_BYTES // 5), "application/json"
    yield (
        "many parts",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 9_000,
        "multipart/form-data; boundary=x",
    )
    yield "an endless part", b"--x\r\n" + b"-" * (MOST_BYTES - 5), "multipart/form-data; boundary=x"


def _measure_route(visitor: InsideVisitor, route: str, path: str, *, full: bool) -> KindCost:
    """GET, with texts in the path, the query and the headers that may pass."""
    cost = KindCost(f"GET {route}")

    def send(where: str, headers: Mapping[str, str] = MappingProxyType({})) -> Send:
        return lambda: visitor.send("GET", where, headers={**COMPRESSED, **headers})

    _measure_ordinary(cost, send(path))
    texts, units = costly_texts(full=False), ("a=b; ", "~", "Bearer ", '"a", ', "%")
    for text in texts if full else texts[:3]:
        piece = text.encoded(LONGEST_LINE, LONGEST_LINE).decode()
        _measure(cost, f"{text} in the query", send(f"{path}?{piece}"))
        _measure(cost, f"{text} in a parameter", send(f"{path}?next={piece}"))
        _measure(cost, f"{text} at the end", send(f"{path.rstrip('/')}/{piece}/"))
    for name in ("Cookie", "Authorization", "Origin", "If-None-Match"):
        for unit in units if full else units[:1]:
            _measure(cost, f"{unit!r} in {name}", send(path, {name: (unit * LONGEST_HEADER)[:LONGEST_HEADER]}))
    return cost


def _measure_ordinary(cost: KindCost, send: Send) -> None:
    send()
    cost.seconds = median(_seconds(cost, "ordinary", send) for _ in range(ORDINARY_ROUNDS))


def _measure(cost: KindCost, what: str, send: Send) -> None:
    """Measured again where it is too much: a loaded machine may make any one request slow."""
    most = max(MOST_TIMES * cost.seconds, FLOOR_SECONDS)
    cost.requests += 1
    seconds = _seconds(cost, what, send)
    for _ in range(2):
        if seconds > most:
            seconds = min(seconds, _seconds(cost, what, send))
    if seconds > cost.most_seconds:
        cost.most_seconds, cost.slowest = seconds, what
    if seconds > most:
        cost.over.append(f"{seconds:.2f} s: {what}")


def _measure_memory(cost: KindCost, ordinary: Send, attacks: Mapping[str, Send]) -> None:
    """Apart from the time: to trace memory takes several times as long."""
    tracemalloc.start()
    try:
        cost.bytes = sorted(_peak(ordinary) for _ in range(3))[1]
        most = max(MOST_TIMES * cost.bytes, FLOOR_BYTES)
        for what, send in attacks.items():
            peak = _peak(send)
            if peak > cost.most_bytes:
                cost.most_bytes, cost.largest = peak, what
            if peak > most:
                cost.over.append(f"{peak // 1024:,} kB: {what}")
    finally:
        tracemalloc.stop()


def _seconds(cost: KindCost, what: str, send: Send) -> float:
    began = process_time() + _database_seconds()
    answer = send()
    taken = process_time() + _database_seconds() - began
    if answer.status_code >= 500 and answer.status_code != 503:
        cost.failed.append(f"{answer.status_code}: {what}")
    return taken


def _peak(send: Send) -> int:
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    send()
    return tracemalloc.get_traced_memory()[1] - before


def _database_seconds() -> float:
    """The processor time of this process's session in the database; 0 where the server is not on this machine."""
    if connection.connection is None:
        return 0
    with suppress(OSError):
        schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
        return int(schedule.split()[0]) / 1e9
    return 0
