"""Finds addresses in a text: candidates, and where each begins and ends."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import can_ada

from reports.addresses.address import Address, address_of
from reports.addresses.candidates import ANY_HTTP, Candidate, app_candidate, ed2k_candidate, link_of_names_end
from reports.addresses.defanging import refang_part
from reports.addresses.host import match_host
from reports.addresses.identifiers import identifier_end, is_named
from reports.addresses.spelling import (
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
    WITHOUT_JOINERS,
    ReadableText,
    readable_text,
)
from reports.addresses.url_tail import tail_at
from reports.addresses.whole_lines import find_whole_lines, read_whole_line, without_entities

# Where an address may begin: at a word, at a bracketed IPv6 address, or at "http" even inside a word ("seehttp://").
_START = re.compile(rf"(?<!{LABEL}){LABEL}|\[(?=[0-9a-fA-F:])|{HTTP}(?={GAP}[:;(\[{{/\\])")
_NO_PLACE = re.compile(r"(?i:javascript|vbscript|mailto):\S*|(?i:data):[^\s,]{0,200},\S*|(?i:file):[/\\]\S*")
_EMAIL = re.compile(rf"[\w.+%-]{{1,64}}+(?:@|\[(?i:at|@)\]|\((?i:at|@)\)){LABEL}++(?:{DOT}{LABEL}++)++")
_WEB = re.compile(
    rf"(?P<scheme>{ANY_HTTP})"
    rf"(?P<mark>{GAP}(?:\[://\]|(?:{COLON}|;){GAP}[/\\]{{0,4}}|[/\\]{{2,4}}){GAP})"
    rf"(?P<user>[^{END}/?#\\]{{0,{LONGEST_USERINFO}}}@)?"
    rf"(?!{HTTP}(?!{DOT}?{WEB_LABEL}))"  # a scheme written twice: the second counts
    rf"(?P<host>{IPV6}|{WEB_LABEL}++(?:{DOT}{WEB_LABEL}++)*+)"
)
_USER = re.compile(
    rf"(?P<scheme>(?i:https?)):(?P<user>[^{END}/?#\\]{{0,{LONGEST_USERINFO}}}@)(?P<host>{WEB_LABEL}++(?:{DOT}{WEB_LABEL}++)*+)"
)
_PLAIN_MARK = re.compile(rf"\[://\]|{COLON}[/\\]{{1,4}}")
# A user name so long that its beginning would be taken for the host.
_LONG_USER = re.compile(rf"{HTTP}{COLON}[/\\]{{0,4}}[^{END}/?#\\@]{{{LONGEST_USERINFO},2000}}@")
_SLASHES = re.compile(r"[/\\]{2}")
_PORT = re.compile(rf"{COLON}(?:(?P<number>[0-9]++)(?!\w)|(?=[/\\]))")
# Letters where a port belongs, before a path.
_NO_PORT = re.compile(rf"{COLON}[\w-]{{1,20}}+(?=[/\\])")
# The most digits of a port, after leading zeros.
_DIGITS_OF_PORT = 5
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
    "[-_]++|[\u0590-\u109f\u200c\u200d\u1200-\u139f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]++(?=[a-zA-Z0-9])"
)


class AddressMatch(NamedTuple):
    """An address in a text, and the candidate it was parsed from."""

    address: Address
    candidate: Candidate


def find_addresses(text: str) -> list[Address]:
    """The addresses in any text, in order of first appearance, one for each key. Never raises; time is linear in the
    length of the text, for any content."""
    addresses: dict[str, Address] = {}
    for match in find_address_matches(text):
        addresses.setdefault(match.address.key, match.address)
    return list(addresses.values())


def find_spellings(text: str) -> list[Address]:
    """As `find_addresses`, but each way in which an address is written, once."""
    return list({match.address.reported: match.address for match in find_address_matches(text)}.values())


def find_address_matches(text: str) -> Iterator[AddressMatch]:
    """Every address each time it is written."""
    readable = readable_text(text)
    # A text may repeat one address thousands of times.
    parsed: dict[str, Address | None] = {}
    for candidate in _find_candidates(readable):
        reported = readable.cut_original(candidate.start, candidate.end) + candidate.surplus
        if candidate.url not in parsed:
            parsed[candidate.url] = address_of(reported, candidate.url)
        if (address := parsed[candidate.url]) is not None:
            yield AddressMatch(replace(address, reported=reported), candidate)


def find_in_words(text: str) -> list[Address]:
    """As `find_spellings`, in free words ("I found it through example.com"): there a bare host is no address.

    It may be a name, or a sentence that runs on; an analyst reads it among the words.
    """
    return [address for address in find_spellings(text) if not address.is_bare_host]


def mask_addresses(text: str, *, bare_hosts: bool = True) -> str:
    """The text with a bar in place of each address, for checks of the words between them. Linear, as finding is.

    `bare_hosts`: whether they count, as outside free words.
    """
    places = readable_text(text).places
    parts: list[str] = []
    at = 0
    for address, candidate in find_address_matches(text):
        if address.is_bare_host and not bare_hosts:
            continue
        start, end = places[candidate.start], places[candidate.end - 1] + 1
        if start >= at:
            parts.append(text[at:start])
        at = max(at, end)
    return " | ".join([*parts, text[at:]])


def _find_candidates(text: ReadableText) -> Iterator[Candidate]:
    position = bare_from = 0
    lines = find_whole_lines(text)
    while (begin := _START.search(text.folded, position)) is not None:
        at = begin.start()
        position = at + 1
        if at in lines and (line := _read_line(text, at, lines[at])):
            yield line
            position = max(line.end, lines[at])
        elif at >= bare_from and (passed_over := _NO_PLACE.match(text.folded, at)):
            bare_from = passed_over.end()
        elif passed_over := _LONG_USER.match(text.folded, at) or _EMAIL.match(text.folded, at):
            position = passed_over.end()
        elif candidate := _candidate_with_scheme(text, at):
            yield candidate
            position = candidate.end
        elif at >= bare_from and (link_of_names := link_of_names_end(text, at)):
            bare_from = link_of_names
        elif (identifier := identifier_end(text, at)) is not None:
            position = bare_from = identifier
        elif at >= bare_from and (bare := BARE.match(text.folded, at)):
            # A run of labels is tried once, or a long one would be tried again from each of its labels.
            bare_from = bare.end()
            if not is_named(text, *bare.span()) and (candidate := _bare_candidate(text, bare)):
                yield candidate
                position = candidate.end


def _candidate_with_scheme(text: ReadableText, at: int) -> Candidate | None:
    return ed2k_candidate(text, at) or _user_candidate(text, at) or _web_candidate(text, at) or app_candidate(text, at)


def _read_line(text: ReadableText, at: int, end: int) -> Candidate | None:
    return read_whole_line(text, at, end, _web_candidate(text, at) or app_candidate(text, at))


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


def _user_candidate(text: ReadableText, at: int) -> Candidate | None:
    """An address with a user name but without slashes, `http:name@host`, which browsers open."""
    match = _USER.match(text.folded, at)
    if match is None:
        return None
    lead = f"{match['scheme'].lower()}://{refang_part(match['user'])}"
    return _host_candidate(text, at, match.span("host"), lead=lead, exact=True)


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
    host_match = match_host(folded, host_start, host_end)
    whole = host_match is None or (host_match[1] < host_end and _PORT_OR_TAIL.match(text.typed, host_end) is not None)
    if folded[host_start] == "[" or (exact and whole):
        host, end = DOTS.sub(".", folded[host_start:host_end]), host_end
    elif host_match is not None:
        host, end = host_match
    else:
        return None
    # Tested before the rest is read: otherwise a row of hosts that no browser opens would take quadratic time.
    if len(host) > LONGEST_HOST or not (host := _openable(host)):
        return None
    if end < host_end:
        return Candidate(start, end, lead + host)
    after = end + 1 if _ROOT_DOT.match(folded, end) else end
    # Left in for the parser, but where it knows no such dot.
    root = folded[end:after] if host[0] != "[" else ""
    number = no_port = ""
    if port := _PORT.match(folded, after):
        # A port of another address may be empty; an impossible one is left out, with a step that says so.
        digits = (port["number"] or "").lstrip("0")
        if len(digits) <= _DIGITS_OF_PORT and int(digits or 0) <= HIGHEST_PORT:
            number = f":{port['number']}" if port["number"] else ""
        else:
            no_port = port[0]
        after = port.end()
    elif exact and (port := _NO_PORT.match(folded, after)):
        no_port, after = port[0], port.end()
    tail = tail_at(text, start, after, listed=start == host_start)
    if tail.text or number or no_port:
        end = tail.end
    url = f"{lead}{host}{root}{number}"
    plain_tail = without_entities(refang_part(tail.text))
    return Candidate(
        start,
        end,
        url + plain_tail,
        tail=tail.text if plain_tail == tail.text else "",
        no_port=no_port,
        port_at=len(url),
    )


def _openable(host: str) -> str:
    """The host if a browser opens it, without joiners where only they are wrong; else ""."""
    for form in (host, host.translate(WITHOUT_JOINERS)):
        if form and can_ada.can_parse(f"http://{form}/"):
            return form
    return ""
