"""The cost of requests in the serving process: its processor time, that of its database session, its memory."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import count
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http.response import HttpResponseBase
from django.test import Client

from reports.safety import personal
from tests.proofs.costly_texts import MOST_BYTES, SIZES, CostlyNoise, CostlyText, costly_texts
from tests.proofs.form_walk import ORDINARY, FormWalk
from tests.proofs.inside.cost_measuring import KindCost, Send, measure, measure_memory, measure_ordinary
from tests.proofs.visitor import FORM, Page
from tests.rig.page_forms import Form, forms_on
from tests.rig.routes import fill_route, is_staff, walk_routes

# As it was when an audit found that it takes the square of its length.
OLD_STRETCH = re.compile(r"(?<![\w+#])\(?\+?\d(?:[ ().\u2010-\u2013/-]{0,3}\d)*+(?!\w)")
# As browsers ask for it: to compress the page is part of its cost.
COMPRESSED = {"Accept-Encoding": "gzip"}
# The other end of a long path: gunicorn reads no longer line, and no longer header.
LONGEST_LINE = 4_000
LONGEST_HEADER = 8_000
# Parameters that strangers' pages read from a query: where to go after a sign-in, and the country to find.
PARAMETERS = ("next", "country")
_numbers = count()


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
    # An answer is taken without a message too, which only staff could write.
    answer = Form(f"{base}status/", {"code": code, "message": "", "answer": ""}, {"answer"})
    notice = Form(f"/notice/{language}/{'a' * 52}/", {"kind": "removed", "text": ""}, {"text"})
    found += [_measure_form(visitor, _plain_fields, form, full=full) for form in (answer, notice)]
    arguments = {"slug": slug, "language": language}
    for route, pattern in walk_routes():
        found.append(measure_route(visitor, route, fill_route(route, pattern, arguments), full=full))
    return [asdict(each) for each in found]


def measure_staff(full: bool) -> list[dict[str, Any]]:
    """The kinds of request of a stranger to the staff surface."""
    visitor = InsideVisitor()
    found = []
    for form in _forms_of(visitor, ("/accounts/login/", "/accounts/enter/")):
        found.append(_measure_form(visitor, _plain_fields, form, full=full))
    for route, pattern in walk_routes():
        if is_staff(route):
            found.append(measure_route(visitor, route, fill_route(route, pattern, {}), full=full))
    return [asdict(each) for each in found]


def _forms_of(visitor: InsideVisitor, paths: tuple[str, ...]) -> Iterator[Form]:
    for path in paths:
        for form in forms_on(visitor.get(path).text):
            form.action = form.action or path
            yield form


def _plain_fields(form: Form) -> dict[str, str]:
    """Other words each time: a name that fails to sign in again and again has to wait."""
    return form.filled(dict.fromkeys(form.typed, f"example{next(_numbers)}"))


# --- One kind -----------------------------------------------------------------------------------------


def _measure_form(
    visitor: InsideVisitor, fill: Callable[[Form], dict[str, str]], form: Form, *, full: bool
) -> KindCost:
    cost = KindCost(f"POST {form.action} {' '.join(form.fields)}")
    ordinary = fill(form)

    def send(body: bytes, kind: str = FORM) -> Send:
        return lambda: visitor.send("POST", form.action, body, kind, COMPRESSED)

    measure_ordinary(cost, lambda: send(urlencode(fill(form)).encode())())
    texts = costly_texts(full=full)
    for text in texts:
        for size in SIZES if full else SIZES[1:]:
            measure(cost, f"{text} x {size} in each typed field", send(_in_each_field(ordinary, form, text, size)))
    for text in texts[::4]:
        for name in form.fields if full else sorted(form.typed)[:1]:
            body = _in_field(ordinary, name, text, SIZES[-1])
            measure(cost, f"{text} in {name}", send(body))
    for what, body, kind in strange_bodies(urlencode(ordinary).encode(), next(iter(form.fields))):
        measure(cost, what, send(body, kind))
    measure_memory(
        cost,
        send(urlencode(ordinary).encode()),
        {str(text): send(_in_each_field(ordinary, form, text, size)) for text in texts[::8] for size in SIZES[1:]},
    )
    return cost


def _in_field(ordinary: Mapping[str, str], name: str, text: CostlyText | CostlyNoise, size: int) -> bytes:
    others = urlencode({key: value for key, value in ordinary.items() if key != name}).encode()
    return b"&".join([others, urlencode({name: ""}).encode() + text.encoded(size, MOST_BYTES - len(others))])


def _in_each_field(ordinary: Mapping[str, str], form: Form, text: CostlyText | CostlyNoise, size: int) -> bytes:
    names = sorted(form.typed) or sorted(form.fields)
    others = urlencode({key: value for key, value in ordinary.items() if key not in names}).encode()
    most = (MOST_BYTES - len(others)) // len(names)
    return b"&".join([others, *(urlencode({name: ""}).encode() + text.encoded(size, most) for name in names)])


def strange_bodies(sent: bytes, first: str) -> Iterator[tuple[str, bytes, str]]:
    """Bodies that no form sends, each with its content type. `sent`: the ordinary one; `first`: one of its fields."""
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


def measure_route(visitor: InsideVisitor, route: str, path: str, *, full: bool) -> KindCost:
    """GET, with texts in the path, the query and the headers that may pass."""
    cost = KindCost(f"GET {route}")

    def send(where: str, headers: Mapping[str, str] = MappingProxyType({})) -> Send:
        return lambda: visitor.send("GET", where, headers={**COMPRESSED, **headers})

    measure_ordinary(cost, send(path))
    texts, units = costly_texts(full=False), ("a=b; ", "~", "Bearer ", '"a", ', "%")
    for text in texts if full else texts[:3]:
        piece = text.encoded(LONGEST_LINE, LONGEST_LINE).decode()
        measure(cost, f"{text} in the query", send(f"{path}?{piece}"))
        for name in PARAMETERS:
            measure(cost, f"{text} in {name}", send(f"{path}?{name}={piece}"))
        measure(cost, f"{text} at the end", send(f"{path.rstrip('/')}/{piece}/"))
    for name in ("Cookie", "Authorization", "Origin", "If-None-Match"):
        for unit in units if full else units[:1]:
            measure(cost, f"{unit!r} in {name}", send(path, {name: (unit * LONGEST_HEADER)[:LONGEST_HEADER]}))
    return cost
