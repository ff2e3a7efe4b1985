"""Why two addresses are the same: each change that normalising makes to the address that was typed.

Nothing is normalised here: the changes that the parser makes in one go are derived from its result.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import can_ada

from reports.addresses.address import (
    Address,
    AddressChange,
    AddressKind,
    comparison_changes,
    normalisation_changes,
    parse_url,
    tracking_in,
)
from reports.addresses.candidates import Candidate
from reports.addresses.finding import find_address_matches
from reports.addresses.spelling import readable_text

_PARTS = re.compile(
    r"(?P<lead>[a-z]+://(?:[^/?#\\]*@)?)(?P<host>\[[^\]/?#\\]*\]|[^:/?#\\]*)(?P<port>:[0-9]*)?(?P<path>[^?#]*)"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_UP_OR_STAY = re.compile(r"(?i)[/\\](?:\.|%2e){1,2}(?=[/\\]|$)")


@dataclass(frozen=True, slots=True, repr=False)
class NormalisationStep:
    """One change. `parameters`: the names that TRACKING removes."""

    change: AddressChange
    before: str
    after: str
    parameters: tuple[str, ...] = ()


def normalisation_steps(text: str, key: str) -> list[NormalisationStep]:
    """How the address with this key, as typed in the text, became its key; empty where the text does not contain it.

    The first step begins with `Address.reported`, each other one with the result of the one before, and the last ends
    with the key. An address that was typed as its key has no steps.
    """
    for address, candidate in find_address_matches(text):
        if address.key == key:
            return list(build_steps(address, candidate))
    return []


def build_steps(address: Address, candidate: Candidate) -> Iterator[NormalisationStep]:
    before = address.reported
    for change, after in _all_changes(address, candidate):
        if after != before:
            removed = tracking_in(before, address.host) if change == AddressChange.TRACKING else []
            yield NormalisationStep(change, before, after, tuple(removed))
        before = after


def _all_changes(address: Address, candidate: Candidate) -> Iterator[tuple[AddressChange, str]]:
    """Every possible change with the text after it, whether it applies or not."""
    parsed = parse_url(candidate.url)
    if parsed is None:  # an address was made of it
        return
    reported = address.reported.removesuffix(candidate.surplus)
    yield AddressChange.END_OF_LINE, reported
    head = reported.removesuffix(candidate.tail)
    yield AddressChange.INVISIBLE, readable_text(head).typed + reported[len(head) :]
    url = candidate.url[: candidate.port_at] + candidate.no_port + candidate.url[candidate.port_at :]
    yield AddressChange.SPELLING, url.removeprefix(candidate.scheme)
    yield AddressChange.SCHEME_ADDED, url
    yield AddressChange.IMPOSSIBLE_PORT, candidate.url
    if address.kind != AddressKind.APP:
        yield from _parser_changes(candidate.url, parsed)
    yield AddressChange.BROWSER, parsed.href
    yield from normalisation_changes(parsed.href, address.host)
    yield from comparison_changes(address.normalised, None if address.kind == AddressKind.APP else address.host)


def _parser_changes(url: str, parsed: can_ada.URL) -> Iterator[tuple[AddressChange, str]]:
    """The parser's changes to host, port and path; BROWSER covers the rest."""
    match = _PARTS.fullmatch(url)
    if match is None:
        return
    lead, host, port, path, rest = match.groups("")
    host = host.removesuffix(".")
    yield AddressChange.FINAL_DOT, f"{lead}{host}{port}{path}{rest}"
    if host.isascii():
        host = host.lower()
        yield AddressChange.LOWER_CASE, f"{lead}{host}{port}{path}{rest}"
    host = parsed.hostname
    yield AddressChange.HOST, f"{lead}{host}{port}{path}{rest}"
    if not parsed.port:
        port = ""
        yield AddressChange.PORT, f"{lead}{host}{path}{rest}"
    if _UP_OR_STAY.search(path):
        yield AddressChange.DOT_SEGMENTS, f"{lead}{host}{port}{parsed.pathname}{rest}"
