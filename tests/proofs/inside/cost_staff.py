"""The cost of staff's requests: each route of the access table that takes a POST, and each page with filters.

The forms are those of `tests.acts`, with their preconditions. The fields read are noted while the ordinary one
is answered: every field and file that the view looks up is attacked. Each request is undone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from django.http.response import HttpResponseBase
from django.test import Client

from analysts.codes import Role
from countries.models import Portal
from portal_site.access_table import TABLE
from portal_site.tests.test_access_table import caller_of
from tests.acts.table import ACTING
from tests.proofs.costly_texts import MOST_BYTES, CostlyNoise, CostlyText, costly_texts
from tests.proofs.inside.cost import COMPRESSED, LONGEST_LINE, strange_bodies
from tests.proofs.inside.cost_measuring import KindCost, Send, measure, measure_memory, measure_ordinary
from tests.proofs.inside.staff_forms import (
    ReadNames,
    StaffForm,
    answer_as_the_web_server,
    encode_form,
    find_form,
    make_room,
    noted_names,
    send_form,
    undone,
)
from tests.proofs.visitor import FORM
from tests.rig.routes import fill_route, walk_routes

# Characters of a field: of a note, and as many as a body holds.
SIZES = (2_000, MOST_BYTES)
# So many fields of a form are sent many times.
REPEATED = 4
# The memory of every so many requests is traced.
TRACED_EVERY = 16
# Pages that end the session, or whose one answer is the whole log.
ENDING = frozenset({"admin/logout/", "accounts/logout/"})
# The most fields that Django reads.
MOST_FIELDS = 990
# The rest of a body beside a file.
MULTIPART_BYTES = 2_048
# Files that cost more to read than they look: nested, dotted, or of many short parts.
FILES = {
    "nested lists": (b"[", b""),
    "nested objects": (b'{"a":', b""),
    "dotted keys": (b"a.", b""),
    "tables": (b"[a]\n", b""),
    "tables of their own": (b"[[a]]\n", b""),
    "separators": (b",", b""),
    "lines": (b"\n", b""),
    "quotes": (b'"', b""),
    "an endless number": (b"9", b""),
    "a picture's beginning": (b"\0\0\0\1IDAT", b"\x89PNG\r\n\x1a\n"),
}


def measure_forms(slug: str, elsewhere: str, full: bool) -> list[dict[str, Any]]:
    """Each route that takes a POST; without `full` a tenth of them."""
    answer_as_the_web_server()
    return [asdict(_measure_route(route, slug, elsewhere)) for route in _chosen(ACTING, full=full)]


def measure_pages(slug: str, elsewhere: str, full: bool) -> list[dict[str, Any]]:
    """Each page that a role may read, with texts in all its parameters; without `full` a tenth of them."""
    answer_as_the_web_server()
    patterns = dict(walk_routes())
    found = []
    for role, routes in _readable_routes().items():
        with undone():
            make_room()
            portals = (Portal.objects.get(slug=each) for each in (slug, elsewhere))
            caller = caller_of(role, *portals, here=True)
            for route in _chosen(routes, full=full):
                path = fill_route(route, patterns[route], caller.rows)
                found.append(asdict(_measure_page(route, caller.client, path)))
    return found


def _chosen[T](all_: Sequence[T], *, full: bool) -> Sequence[T]:
    return all_ if full else all_[::10]


def _readable_routes() -> dict[Role, list[str]]:
    """Each route once, by the first role that may read it."""
    found: dict[Role, list[str]] = {}
    for route, rights in sorted(TABLE.items()):
        if route not in ENDING and (role := next((role for role in Role if rights.row(role, "GET")), None)):
            found.setdefault(role, []).append(route)
    return found


# --- One route ----------------------------------------------------------------------------------------


def _measure_route(route: str, slug: str, elsewhere: str) -> KindCost:
    cost = KindCost(f"POST {route}")
    with undone():
        form = find_form(route, slug, elsewhere)
        names = ReadNames()
        with noted_names(names):
            answer = send_form(form, *encode_form(form))()
        cost.status = answer.status_code
        # Accepted, and refused: a page with the whole incident is shown again for an empty form.
        measure_ordinary(cost, send_form(form, *encode_form(form)))
        measure_ordinary(cost, send_form(form, *encode_form(replace(form, fields=_emptied(form), files={}))))
        kept: dict[str, Send] = {}
        for number, (what, send) in enumerate(_attacks(form, names)):
            measure(cost, what, send)
            if number % TRACED_EVERY == 0:
                kept[what] = send
        measure_memory(cost, send_form(form, *encode_form(form)), kept)
    return cost


def _emptied(form: StaffForm) -> tuple[tuple[str, str], ...]:
    return tuple((name, "") for name, _value in form.fields)


def _attacks(form: StaffForm, names: ReadNames) -> Iterator[tuple[str, Send]]:
    texts = costly_texts(full=False)[::2]
    fields = sorted(names.fields | {name for name, _value in form.fields})
    plain = StaffForm(form.client, form.path, form.fields)
    for text in texts:
        body = _with_texts(plain, fields, text, MOST_BYTES)
        yield f"{text} in each field", send_form(plain, body, FORM)
    for place, name in enumerate(fields):
        for size in SIZES:
            text = texts[(place + size) % len(texts)]
            yield f"{text} x {size} in {name}", send_form(plain, _with_texts(plain, [name], text, size), FORM)
    sent = urlencode(form.fields).encode()
    for name, value in list(dict(form.fields).items())[:REPEATED]:
        again = urlencode({name: value}).encode()
        number = min(MOST_FIELDS - len(form.fields), (MOST_BYTES - len(sent)) // (len(again) + 1))
        yield f"{name} {number} times", send_form(plain, b"&".join([sent, *[again] * number]), FORM)
        if lines := value.strip().splitlines()[1:]:
            longer = urlencode({name: "\n".join([value, *lines * (MOST_BYTES // len(value))])}).encode()
            yield f"{name}'s lines again and again", send_form(plain, b"&".join([sent, longer])[:MOST_BYTES], FORM)
    first = fields[0] if fields else "a"
    for what, body, kind in strange_bodies(sent, first):
        yield what, send_form(plain, body, kind)
    for name in sorted(names.files):
        yield from _file_attacks(form, name, texts)


def _with_texts(form: StaffForm, names: Sequence[str], text: CostlyText | CostlyNoise, size: int) -> bytes:
    """The form with the text in each of the fields `names`, at most so many characters and a body's bytes in all."""
    others = urlencode([(name, value) for name, value in form.fields if name not in names]).encode()
    most = (MOST_BYTES - len(others)) // max(1, len(names)) - 40
    if most < 100:
        names, most = names[: MOST_FIELDS // 10], MOST_BYTES // MOST_FIELDS
    return b"&".join([others, *(urlencode({name: ""}).encode() + text.encoded(size, most) for name in names)])


def _file_attacks(form: StaffForm, name: str, texts: Sequence[CostlyText | CostlyNoise]) -> Iterator[tuple[str, Send]]:
    others = len(urlencode(form.fields)) + MULTIPART_BYTES + 120 * len(form.fields)
    most = MOST_BYTES - others - sum(len(content) for each, (_, content) in form.files.items() if each != name)
    contents = {f"{text}": unquote_to_bytes(text.encoded(most, 3 * most)) for text in texts}
    contents |= {what: begin + unit * (most // len(unit)) for what, (unit, begin) in FILES.items()}
    if name in form.files:
        content = form.files[name][1]
        contents["itself again and again"] = content * (most // max(1, len(content)))
        contents["its last line again and again"] = content + content.rstrip().split(b"\n")[-1].join(
            [b"\n"] * (most // max(1, len(content)))
        )
    for what, content in contents.items():
        yield f"file {name}: {what}", send_form(form, *encode_form(form, **{name: content[:most]}))


def _measure_page(route: str, client: Client, path: str) -> KindCost:
    cost = KindCost(f"GET {route}")

    def send(where: str) -> Send:
        def ask() -> HttpResponseBase:
            client.raise_request_exception = False
            with undone():
                answer = client.get(where, secure=True, headers=COMPRESSED)
                if answer.streaming:
                    list(answer)
            return answer

        return ask

    names = ReadNames()
    with noted_names(names):
        cost.status = send(path)().status_code
    measure_ordinary(cost, send(path))
    parameters = sorted(names.fields) or ["x"]
    for text in costly_texts(full=False)[::2]:
        most = LONGEST_LINE // len(parameters) - 40
        query = b"&".join(urlencode({name: ""}).encode() + text.encoded(most, most) for name in parameters).decode()
        measure(cost, f"{text} in {' '.join(parameters)}", send(f"{path}?{query}"))
    for name in parameters:
        again = urlencode({name: "1"})
        measure(
            cost, f"{name} again and again", send(f"{path}?{'&'.join([again] * (LONGEST_LINE // (len(again) + 1)))}")
        )
        large = urlencode({name: "9" * (LONGEST_LINE // 2)})
        measure(cost, f"a large number in {name}", send(f"{path}?{large}"))
    return cost
