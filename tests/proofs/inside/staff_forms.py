"""Forms of the staff surface as one of the staff would send them, with what a view looks up in them, each undone.

The forms are those of `tests.acts`, with their preconditions; of routes without an act, the largest of the page.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import setup_test_environment, teardown_test_environment
from django.utils.datastructures import MultiValueDict

from analysts.codes import Role
from analysts.models import Recipient, RouteExample, RouteRule
from countries.models import Portal
from portal_site.access_table import TABLE
from portal_site.tests.test_access_table import Caller, caller_of
from tests.acts.act import (
    PUBLIC_URL,
    FilledForm,
    Stage,
    assess_first,
    claim_first,
    on_incident,
    reveal_as_analyst,
    set_up,
    with_fence,
)
from tests.acts.table import ACTS
from tests.proofs.form_walk import ORDINARY
from tests.proofs.inside.cost import COMPRESSED
from tests.proofs.inside.cost_measuring import Send
from tests.proofs.visitor import FORM
from tests.rig.page_forms import forms_on
from tests.rig.routes import fill_route, walk_routes


@dataclass(frozen=True, slots=True)
class StaffForm:
    """A form as one of the staff would send it. `files`: by field."""

    client: Client
    path: str
    fields: tuple[tuple[str, str], ...]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadNames:
    """The names of the fields and of the files that a view looks up in a request."""

    fields: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)


@contextmanager
def undone() -> Iterator[None]:
    """Everything inside is undone; what a view wants to be durable counts as the outermost."""
    block = transaction.atomic()
    # As Django's own test cases mark theirs.
    block._from_testcase = True  # type: ignore[attr-defined] # has no public name
    with block:
        yield
        transaction.set_rollback(True)


def answer_as_the_web_server() -> None:
    """Requests of the test client come as the web server in front passes them on."""
    settings.PUBLIC_URL = PUBLIC_URL
    request = Client.request

    def passed_on(client: Client, **environ: Any) -> Any:
        environ |= {"HTTP_HOST": settings.ALLOWED_HOSTS[0], "HTTP_X_FORWARDED_PROTO": "https"}
        return request(client, **environ)

    Client.request = passed_on  # type: ignore[method-assign,assignment] # in this process only


def make_room() -> None:
    """Take away what acts make themselves."""
    for portal in Portal.objects.filter(slug__in=["gh", "mu"]):
        portal.delete()
    RouteRule.objects.all().delete()
    RouteExample.objects.all().delete()
    Recipient.objects.update(name=Concat("name", Value(" of before")))
    for recipient in Recipient.objects.exclude(verified_digest=""):
        recipient.mark_verified()
        recipient.save(update_fields=["verified_digest"])


def find_form(route: str, slug: str, elsewhere: str) -> StaffForm:
    """The form of the route, with everything before it done. To be called inside `undone`."""
    make_room()
    portal, other = (Portal.objects.get(slug=each) for each in (slug, elsewhere))
    act = FURTHER_ACTS.get(route) or ACTS.get(route)
    if act is None:
        role = next((role for role in Role if TABLE[route].row(role, "POST")), None)
        return _form_on_page(route, caller_of(role or "", portal, other, here=True))
    with _test_environment():
        return _as_form(act.fill(set_up(portal)))


def _form_on_page(route: str, caller: Caller) -> StaffForm:
    """The largest form that the page shows, filled in; without one, the fields that the view looks up."""
    portal = caller.rows["public_path"]
    path = fill_route(route, dict(walk_routes())[route], caller.rows | {"public_path": f"{portal}report/"})
    answer = caller.client.get(path, secure=True)
    forms = forms_on(answer.content.decode()) if answer.status_code == 200 and not answer.streaming else []
    if forms:
        form = max(forms, key=lambda each: len(each.fields))
        filled = form.filled(dict.fromkeys(form.typed, ORDINARY))
        return StaffForm(caller.client, urljoin(path, form.action), tuple(filled.items()))
    names, empty = ReadNames(), StaffForm(caller.client, path, ())
    with noted_names(names):
        send_form(empty, *encode_form(empty))()
    return replace(empty, fields=tuple((name, "example") for name in sorted(names.fields)))


DRAFT = {"verdict": "illegal", "note": "placeholder"}
LOOK_UP = {"methods": "dns", "country": "NL", "provider": "Example Hosting", "ip": "192.0.2.1"}


def _claim_to_draft(stage: Stage) -> Mapping[str, str]:
    claim_first(stage)
    return {"act": "assess"}


# Forms of routes that record no event, which the acts leave out.
FURTHER_ACTS = {
    act.route: act
    for act in (
        on_incident("draft/<slug:act>", "", _claim_to_draft, with_fence(**DRAFT)),
        on_incident("look-up-network", "", assess_first, LOOK_UP),
        on_incident("show-related", "", client=reveal_as_analyst),
    )
}


@contextmanager
def _test_environment() -> Iterator[None]:
    """Acts read the context of pages; what notes it is not there while requests are measured."""
    setup_test_environment(debug=False)
    try:
        yield
    finally:
        teardown_test_environment()


def _as_form(form: FilledForm) -> StaffForm:
    fields: list[tuple[str, str]] = []
    files: dict[str, tuple[str, bytes]] = {}
    for name, value in form.fields.items():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
            files[name] = (str(value.name), value.read())
        else:
            each = value if isinstance(value, list | tuple) else [value]
            fields += [(name, "" if one is None else str(one)) for one in each]
    return StaffForm(form.client, form.path, tuple(fields), files)


def send_form(form: StaffForm, body: bytes, kind: str) -> Send:
    def send() -> HttpResponseBase:
        cookies = {name: morsel.value for name, morsel in form.client.cookies.items()}
        form.client.raise_request_exception = False
        with undone():
            answer = form.client.generic("POST", form.path, body, kind, secure=True, headers=COMPRESSED)
            if answer.streaming:
                list(answer)
        form.client.cookies.clear()
        form.client.cookies.load(cookies)
        return answer

    return send


def encode_form(form: StaffForm, **other_files: bytes) -> tuple[bytes, str]:
    """The form as a browser encodes it: with files in parts."""
    files = {name: (file, other_files.get(name, content)) for name, (file, content) in form.files.items()}
    files |= {name: ("file", content) for name, content in other_files.items() if name not in files}
    if not files:
        return urlencode(form.fields).encode(), FORM
    data: dict[str, object] = {}
    for name, value in form.fields:
        data[name] = [*cast(list[str], data.get(name, [])), value]
    data |= {name: SimpleUploadedFile(file, content) for name, (file, content) in files.items()}
    return encode_multipart(BOUNDARY, data), MULTIPART_CONTENT


@contextmanager
def noted_names(names: ReadNames) -> Iterator[None]:
    """Note the names that are looked up in requests meanwhile."""
    replaced = {method: getattr(MultiValueDict, method) for method in ("get", "getlist", "__getitem__")}
    contains = MultiValueDict.__dict__.get("__contains__")

    def note(values: MultiValueDict[str, object], key: object, is_get: bool) -> None:
        if isinstance(key, str) and key and isinstance(values, QueryDict):
            names.fields.add(key)
        elif isinstance(key, str) and is_get:
            # Uploaded files are asked for by `get`; the names of routes, in such a dictionary too, by `getlist`.
            names.files.add(key)

    def noting(method: Callable[..., object]) -> Callable[..., object]:
        def look_up(values: MultiValueDict[str, object], key: object, *arguments: object, **more: object) -> object:
            note(values, key, method is replaced["get"])
            return method(values, key, *arguments, **more)

        return look_up

    for method, original in replaced.items():
        setattr(MultiValueDict, method, noting(original))
    MultiValueDict.__contains__ = noting(dict.__contains__)  # type: ignore[method-assign,assignment] # as above
    try:
        yield
    finally:
        for method, original in replaced.items():
            setattr(MultiValueDict, method, original)
        if contains is None:
            del MultiValueDict.__contains__
