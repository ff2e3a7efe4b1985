"""Kinds for partners' systems, with valid and invalid requests to the surface of sources."""

import json
from collections.abc import Mapping
from itertools import count

from tests.proofs.partners import JSON, PATH, ask_state, make_headers
from tests.proofs.privacy.kinds import distinct_statuses, register_kind
from tests.proofs.privacy.kinds.reporters import METHODS
from tests.proofs.privacy.scene import Scene
from tests.proofs.visitor import Page

LINES = "application/x-ndjson"
_numbers = count()


def make_item(scene: Scene, what: str, **fields: object) -> dict[str, object]:
    """A report with a marker in each field that takes free text."""
    typed = {name: scene.markers.typed(f"partner's {name}") for name in ("found_on", "words", "their_classification")}
    reference = f"{scene.markers.of('reference')}.{next(_numbers)}"
    about = {} if "account" in fields else {"addresses": [scene.markers.address(what)]}
    return {"external_reference": reference, "seen_at": "2026-11-24", **about, **typed, **fields}


def send_items(
    scene: Scene,
    *items: Mapping[str, object],
    kind: str = JSON,
    key: str = "",
    request_key: str = "",
    body: bytes | None = None,
) -> Page:
    """Send reports with the partner's key, or another one. Raises RuntimeError where an answer repeats a value."""
    sent = "\n".join(map(json.dumps, items)).encode() if body is None else body
    request_key = request_key or f"{scene.markers.of('idempotency key')}-{next(_numbers)}"
    headers = make_headers(key or scene.partner_key, kind=kind, request_key=request_key)
    page = scene.visitor("sources").request("POST", PATH, sent, headers)
    if scene.markers.core in page.text:
        raise RuntimeError("The answer to a partner repeats what was sent.")
    return page


def _outcomes(page: Page) -> str:
    """The status, and how many items were accepted and refused."""
    answer = json.loads(page.body)
    return f"{page.status}: {answer['accepted']} and {answer['refused']}"


@register_kind("a partner's report", "200: 1 and 0")
def send_report(scene: Scene) -> str:
    return _outcomes(send_items(scene, make_item(scene, "address of a partner", hosting_address="1.1.1.1")))


@register_kind("a partner's report of an account, a child in danger", "200: 1 and 0")
def send_account(scene: Scene) -> str:
    fields = {name: scene.markers.typed(f"partner's {name}") for name in ("platform", "account")}
    return _outcomes(send_items(scene, make_item(scene, "", **fields, danger=True)))


@register_kind("a partner's report of a reported address", "200: 1 and 0")
def send_known_address(scene: Scene) -> str:
    [reported, *_others] = sorted(scene.markers.reported["reported address"])
    return _outcomes(send_items(scene, make_item(scene, "", addresses=[reported])))


@register_kind("a partner's lines, some of them refused", "200: 2 and 6")
def send_lines(scene: Scene) -> str:
    odd, address = scene.markers.of("partner's odd value"), scene.markers.address("address of a refused item")
    refused = (
        {"addresses": [odd]},
        {"addresses": [address], odd: odd},
        {"addresses": [address], "reporter_email": f"{odd}@example.org"},
        {"addresses": [address], "words": f"write to {odd}@example.org"},
        {"addresses": [address], "found_on": f"data:text/plain;base64,{odd * 20}"},
        {"addresses": [address], "hosting_address": "127.0.0.1"},
    )
    items = [make_item(scene, "", **fields) for fields in refused]
    items[3:3] = [make_item(scene, f"address {number} of a partner's lines") for number in range(2)]
    return _outcomes(send_items(scene, *items, kind=LINES))


@register_kind("a partner's request again, and another one under its key", "200, 200, 422")
def repeat_request(scene: Scene) -> str:
    item, which = make_item(scene, "address that a partner repeats"), scene.markers.of("partner's repeated key")
    other = make_item(scene, "another address under a partner's key")
    pages = [send_items(scene, each, request_key=which) for each in (item, item, other)]
    if pages[0].body != pages[1].body:
        raise RuntimeError("The same request got another answer.")
    return ", ".join(str(page.status) for page in pages)


@register_kind("a partner's reference for another report", "200: 0 and 1")
def reuse_reference(scene: Scene) -> str:
    first = make_item(scene, "first address of a reference")
    send_items(scene, first)
    other = make_item(scene, "second address of a reference", external_reference=first["external_reference"])
    return _outcomes(send_items(scene, other, kind=LINES))


@register_kind("a partner's requests that are refused whole", "400 401 413 415 422")
def send_refused(scene: Scene) -> str:
    item = make_item(scene, "address of a refused request")
    odd = scene.markers.of("partner's odd value")
    return distinct_statuses(
        page.status
        for page in (
            send_items(scene, make_item(scene, "", addresses=[odd])),
            send_items(scene, item, key=scene.markers.of("partner's wrong key")),
            send_items(scene, item, kind=f"text/{odd}"),
            send_items(scene, item, request_key=f"{odd} with a space"),
            send_items(scene, body=odd.encode(), kind=LINES, request_key=odd * 10),
            send_items(scene, body=b"\xff" + odd.encode()),
            send_items(scene, *[item] * 1001, kind=LINES),
            send_items(scene, body=json.dumps(item).encode().ljust(2**20)),
        )
    )


@register_kind("a partner asks what became of its reports", "200, 404")
def ask_states(scene: Scene) -> str:
    item = make_item(scene, "address of which a partner asks")
    send_items(scene, item)
    references = (str(item["external_reference"]), scene.markers.of("unknown reference"))
    visitor = scene.visitor("sources")
    return ", ".join(str(ask_state(visitor, scene.partner_key, each).status) for each in references)


@register_kind("every path of the surface of sources, by every method")
def every_path(scene: Scene) -> str:
    visitor, marker = scene.visitor("sources"), scene.markers.of("path")
    key = {"Authorization": f"Bearer {scene.partner_key}"}
    return distinct_statuses(
        visitor.request(method, f"{path}?{marker}={marker}", headers=headers).status
        for route in scene.routes("sources")
        for path in (route.path, route.pattern.replace("{}", marker))
        for method in ("GET", "HEAD", *METHODS)
        for headers in ({}, key)
    )
