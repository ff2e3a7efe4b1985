"""Why two addresses are the same: each thing that normalising does to one, as it is found in what somebody typed.

Nothing is normalised here: what the parser does in one go is told apart by looking at what came out of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import can_ada

from reports.addresses.address import Address, AddressKind, Change, comparing, normalising, parsed_url, tracking_in
from reports.addresses.finding import Candidate, found_in
from reports.addresses.spelling import readable_text

_PARTS = re.compile(
    r"(?P<lead>[a-z]+://(?:[^/?#\\]*@)?)(?P<host>\[[^\]/?#\\]*\]|[^:/?#\\]*)(?P<port>:[0-9]*)?(?P<path>[^?#]*)"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_UP_OR_STAY = re.compile(r"(?i)[/\\](?:\.|%2e){1,2}(?=[/\\]|$)")


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One change. `parameters` names those that TRACKING takes out."""

    change: Change
    before: str
    after: str
    parameters: tuple[str, ...] = ()


def steps(text: str, key: str) -> list[Step]:
    """How the address with this key, as somebody typed it in the text, became its key; empty where it is not in there.

    The first step begins with `Address.reported`, each other one with what came out of the one before, and the last
    ends with the key. An address that was typed as its key has no steps.
    """
    for address, candidate in found_in(text):
        if address.key == key:
            return list(_told(address, candidate))
    return []


def _told(address: Address, candidate: Candidate) -> Iterator[Step]:
    before = address.reported
    for change, after in _changes(address, candidate):
        if after != before:
            removed = tracking_in(before, address.host) if change == Change.TRACKING else []
            yield Step(change, before, after, tuple(removed))
        before = after


def _changes(address: Address, candidate: Candidate) -> Iterator[tuple[Change, str]]:
    """Everything that may be done, and what stands there afterwards, changed or not."""
    parsed = parsed_url(candidate.url)
    if parsed is None:  # an address was made of it
        return
    yield Change.INVISIBLE, readable_text(address.reported).typed
    yield Change.SPELLING, candidate.url.removeprefix(candidate.scheme)
    yield Change.SCHEME_ADDED, candidate.url
    if address.kind != AddressKind.APP:
        yield from _parsing(candidate.url, parsed)
    yield Change.BROWSER, parsed.href
    yield from normalising(parsed.href, address.host)
    if address.kind != AddressKind.APP:
        yield from comparing(address.normalised)


def _parsing(url: str, parsed: can_ada.URL) -> Iterator[tuple[Change, str]]:
    """What the parser did to the host, the port and the path; BROWSER is the rest."""
    found = _PARTS.fullmatch(url)
    if found is None:
        return
    lead, host, port, path, rest = found.groups("")
    host = host.removesuffix(".")
    yield Change.FINAL_DOT, f"{lead}{host}{port}{path}{rest}"
    if host.isascii():
        host = host.lower()
        yield Change.LOWER_CASE, f"{lead}{host}{port}{path}{rest}"
    host = parsed.hostname
    yield Change.HOST, f"{lead}{host}{port}{path}{rest}"
    if not parsed.port:
        port = ""
        yield Change.PORT, f"{lead}{host}{path}{rest}"
    if _UP_OR_STAY.search(path):
        yield Change.DOT_SEGMENTS, f"{lead}{host}{port}{parsed.pathname}{rest}"
