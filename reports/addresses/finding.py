"""Finds addresses in a text: candidates, and where each begins and ends."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import can_ada

from reports.addresses.address import Address, address_of
from reports.addresses.defanging import refang_part
from reports.addresses.host import match_host
from reports.addresses.spelling import (
    AUTHORITY,
    BARE,
    COLON,
    DOT,
    DOTS,
    END,
    GAP,
    HIGHEST_PORT,
    HTTP,
    IPV6,
    LABEL,
    LONGEST_HOST,
    LONGEST_USERINFO,
    PLAIN_SCHEME,
    WEB_LABEL,
    ReadableText,
    end_of,
    readable_text,
)
from reports.addresses.url_tail import STRETCH_OF_TAIL, character_before, tail_at, tail_end, trim_tail

# Where an address may begin: at a word, at a bracketed IPv6 address, or at "http" even inside a word ("seehttp://").
_START = re.compile(rf"(?<!{LABEL}){LABEL}|\[(?=[0-9a-fA-F:])|{HTTP}(?={GAP}[:;(\[{{/\\])")
_NO_PLACE = re.compile(r"(?i:javascript|vbscript|mailto):\S*|(?i:data):[^\s,]{0,200},\S*|(?i:file):[/\\]\S*")
_EMAIL = re.compile(rf"[\w.+%-]{{1,64}}+(?:@|\[(?i:at|@)\]|\((?i:at|@)\)){LABEL}++(?:{DOT}{LABEL}++)++")
# "http" in the ways people disarm or mistype it.
_ANY_HTTP = r"(?i:h{0,2}[tpx*_]{2,4}s{0,2})"
_WEB = re.compile(
    rf"(?P<scheme>{_ANY_HTTP})"
    rf"(?P<mark>{GAP}(?:\[://\]|(?:{COLON}|;){GAP}[/\\]{{0,4}}|[/\\]{{2,4}}){GAP})"
    rf"(?P<user>[^{END}/?#\\]{{0,{LONGEST_USERINFO}}}@)?"
    rf"(?!{HTTP}(?!{DOT}?{WEB_LABEL}))"  # a scheme written twice: the second counts
    rf"(?P<host>{IPV6}|{WEB_LABEL}++(?:{DOT}{WEB_LABEL}++)*+)"
)
_WEB_SCHEME = re.compile(_ANY_HTTP)
_PLAIN_MARK = re.compile(rf"\[://\]|{COLON}[/\\]{{1,4}}")
_SLASHES = re.compile(r"[/\\]{2}")
# Any scheme before "://", but without dots: a dot ends the sentence before. Without the slashes only schemes known to
# be used so, because "note:this" is prose.
_APP = re.compile(
    r"(?P<scheme>(?i:[a-z][a-z0-9+-]{1,39}(?<!http)(?<!https)(?<!hxxp)(?<!hxxps)))"
    rf"(?P<mark>{COLON}//|\[://\])"
)
_SHORT_APP = re.compile(
    r"(?<![a-zA-Z0-9+.-])(?P<scheme>(?i:discord|ed2k|fb|instagram|intent|ipfs|ipns|magnet|sgnl|skype|snapchat"
    rf"|tg|viber|whatsapp|xmpp))(?P<mark>{COLON})"
)
_NOT_APPS = frozenset({"about", "blob", "data", "file", "javascript", "mailto", "vbscript"})

_PORT = re.compile(rf"{COLON}(?:(?P<number>[0-9]{{1,5}})(?!\w)|(?=[/\\]))")
# The scheme assumed for sites without one.
_NO_SCHEME = "http://"
_ROOT_DOT = re.compile(r"\.(?=[/?#\\]|:[0-9])")
_SCHEME_MARK = re.compile(rf"{COLON}//")
# The scheme of the next address, where it sticks to the host before it.
_STUCK_HTTP = re.compile(rf"{HTTP}$")
_PORT_OR_TAIL = re.compile(rf"[/\\]|[?#]\w|{COLON}[0-9]")
# Text stuck to the front of a host that is not part of it: Markdown, and text in scripts that no host mixes with
# Latin letters (Arabic, Indic, Chinese, ...). Cyrillic and Greek stay: looking like Latin, they are mixed to deceive.
_STUCK_IN_FRONT = re.compile(
    "[-_]++|[\u0590-\u109f\u1200-\u139f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]++(?=[a-zA-Z0-9])"
)


class Candidate(NamedTuple):
    """Characters `start` to `end` of a `ReadableText` and the URL they mean, not parsed yet.

    `scheme`: added in front of them.
    """

    start: int
    end: int
    url: str
    scheme: str = ""


class AddressMatch(NamedTuple):
    """An address in a text, and the candidate it was parsed from."""

    address: Address
    candidate: Candidate


def find_addresses(text: str) -> list[Address]:
    """The addresses in any text, in order of first appearance, one for each key. Never raises; time is linear in the
    length of the text, for any content."""
    return [found.address for found in find_address_matches(text)]


def find_address_matches(text: str) -> list[AddressMatch]:
    readable = readable_text(text)
    found: dict[str, AddressMatch] = {}
    urls: set[str] = set()
    for candidate in _find_candidates(readable):
        if candidate.url in urls:
            continue
        urls.add(candidate.url)
        address = address_of(
            text[readable.places[candidate.start] : readable.places[candidate.end - 1] + 1], candidate.url
        )
        if address is not None:
            found.setdefault(address.key, AddressMatch(address, candidate))
    return list(found.values())


def _find_candidates(text: ReadableText) -> Iterator[Candidate]:
    position = bare_from = 0
    while (begin := _START.search(text.folded, position)) is not None:
        at = begin.start()
        position = at + 1
        if at >= bare_from and (passed_over := _NO_PLACE.match(text.folded, at)):
            bare_from = passed_over.end()
        elif email := _EMAIL.match(text.folded, at):
            position = email.end()
        elif candidate := _web_candidate(text, at) or _app_candidate(text, at):
            yield candidate
            position = candidate.end
        elif at >= bare_from and (bare := BARE.match(text.folded, at)):
            # A run of labels is tried once, or a long one would be tried again from each of its labels.
            bare_from = bare.end()
            if candidate := _bare_candidate(text, bare):
                yield candidate
                position = candidate.end


def _web_candidate(text: ReadableText, at: int) -> Candidate | None:
    match = _WEB.match(text.folded, at)
    if match is None:
        return None
    plain = PLAIN_SCHEME.fullmatch(match["scheme"]) is not None
    slashes = _SLASHES.search(match["mark"]) is not None
    exact = (plain or slashes) and _PLAIN_MARK.fullmatch(match["mark"]) is not None
    # "pp: see example.com" is prose; text before "@" is a user name only after a scheme that is written out.
    if not exact and (match["user"] or not (plain or slashes)):
        return None
    scheme = "https" if match["scheme"][-1] in "sS" else "http"
    lead = f"{scheme}://{refang_part(match['user'] or '')}"
    return _host_candidate(text, at, match.span("host"), lead=lead, exact=exact)


def _bare_candidate(text: ReadableText, match: re.Match[str]) -> Candidate | None:
    start, end = match.span()
    if _SCHEME_MARK.match(text.folded, end) and not _STUCK_HTTP.search(text.folded, start, end):
        return None
    if start > 1 and text.folded[start - 1] == "@" and not text.folded[start - 2].isspace():
        return None  # the rest of an e-mail address
    if stuck := _STUCK_IN_FRONT.match(text.folded, start, end):
        start = stuck.end()
    candidate = _host_candidate(text, start, (start, end), lead=_NO_SCHEME, exact=False)
    return candidate and candidate._replace(scheme=_NO_SCHEME)


def _host_candidate(
    text: ReadableText, start: int, span: tuple[int, int], *, lead: str, exact: bool
) -> Candidate | None:
    """The address whose host is at `span`. After an `exact` scheme any host is taken whole where a port or path
    follows; else one with a known suffix is cut where that ends, and without a scheme there is no other."""
    folded = text.folded
    host_start, host_end = span
    if _SCHEME_MARK.match(folded, host_end) and (stuck := _STUCK_HTTP.search(folded, host_start, host_end)):
        host_end = stuck.start()
    known = match_host(folded, host_start, host_end)
    whole = known is None or (known[1] < host_end and _PORT_OR_TAIL.match(text.typed, host_end) is not None)
    if folded[host_start] == "[" or (exact and whole):
        host, end = DOTS.sub(".", folded[host_start:host_end]), host_end
    elif known is not None:
        host, end = known
    else:
        return None
    # Tested before the rest is read: otherwise a row of hosts that no browser opens would take quadratic time.
    if len(host) > LONGEST_HOST or not can_ada.can_parse(f"http://{host}/"):
        return None
    if end < host_end:
        return Candidate(start, end, lead + host)
    after = end + 1 if _ROOT_DOT.match(folded, end) else end
    # Left in for the parser, but where it knows no such dot.
    root = folded[end:after] if host[0] != "[" else ""
    number = ""
    port = _PORT.match(folded, after)
    if port is not None and int(port["number"] or 0) <= HIGHEST_PORT:
        number, after = f":{port['number']}" if port["number"] else "", port.end()
    tail = tail_at(text, start, after, listed=start == host_start)
    if tail or number:
        end = after + len(tail)
    return Candidate(start, end, f"{lead}{host}{root}{number}{refang_part(tail)}")


def _app_candidate(text: ReadableText, at: int) -> Candidate | None:
    match = _APP.match(text.folded, at) or _SHORT_APP.match(text.folded, at)
    if match is None or match["scheme"].lower() in _NOT_APPS or _WEB_SCHEME.fullmatch(match["scheme"]):
        return None
    lead = match["scheme"] + ("://" if "/" in match["mark"] else ":")
    # The authority alone first, for the reason given above.
    authority = text.typed[match.end() : end_of(AUTHORITY, text.typed, match.end())]
    if not can_ada.can_parse(lead + refang_part(authority)):
        return None
    before = character_before(text, at)
    end = tail_end(text, match.end(), stretch=STRETCH_OF_TAIL, before=before, listed=False)
    tail = trim_tail(text.typed[match.end() : end], before=before)
    return Candidate(at, match.end() + len(tail), lead + refang_part(tail))
