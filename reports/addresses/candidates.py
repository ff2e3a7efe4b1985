"""Candidates for addresses, and those that are links of apps."""

import re
from typing import NamedTuple
from urllib.parse import quote

import can_ada

from reports.addresses.apps import SCHEMES
from reports.addresses.defanging import refang_part
from reports.addresses.host import match_host
from reports.addresses.spelling import AUTHORITY, COLON, END, ReadableText, end_of
from reports.addresses.url_tail import STRETCH_OF_TAIL, character_before, tail_end, trim_tail

# "http" in the ways people disarm or mistype it.
ANY_HTTP = r"(?i:h{0,2}[tpx*_]{2,4}s{0,2})"
_WEB_SCHEME = re.compile(ANY_HTTP)
# Any scheme before "://", but without dots: a dot ends the sentence before. Without the slashes only schemes known to
# be used so, because "note:this" is prose.
_APP = re.compile(
    r"(?P<scheme>(?i:[a-z][a-z0-9+-]{1,39}(?<!http)(?<!https)(?<!hxxp)(?<!hxxps)))"
    rf"(?P<mark>{COLON}//|\[://\])"
)
_SHORT_APP = re.compile(
    rf"(?<![a-zA-Z0-9+.-])(?P<scheme>(?i:{'|'.join(sorted(map(re.escape, SCHEMES), key=len, reverse=True))}))"
    rf"(?P<mark>{COLON})"
)
# Parts parted by bars, which no parser takes for a host: ed2k://|file|name with blanks|size|digest|/
_ED2K = re.compile(
    rf"(?i:ed2k){COLON}//(?P<parts>(?:\|file\|[^|\x00-\x1f\ud800-\udfff]{{1,250}}\|[0-9]{{1,20}}\|[0-9a-fA-F]{{32}}\|)?"
    rf"(?:[^{END}/|%]|%(?!7[cC])|\||%7[cC])*+)/?"
)
_BAR = re.compile("%7[cC]")
# Names with colons in the place of a host: at://did:plc:abc/app.bsky.feed.post/xyz
_NAMES = re.compile(rf"(?:[A-Za-z0-9][\w.%-]{{0,99}}+{COLON}){{1,5}}+(?![0-9]{{1,5}}(?:[/?#\\]|$))[A-Za-z0-9]")
_FIRST = re.compile(r"[^:\[({]*")
_TO_BLANK = re.compile(rf"[^{END}]*")
# Punctuation behind the last bar of a link in running text.
_PUNCTUATION = ".,;:!?)]}'*_"
_NOT_APPS = frozenset({"about", "blob", "data", "file", "javascript", "mailto", "vbscript"})


class Candidate(NamedTuple):
    """Characters `start` to `end` of a `ReadableText` and the URL they mean, not parsed yet.

    `scheme`: added in front of them. `tail`: what is at the end of both, unchanged. `no_port`: the impossible port that
    was left out of the URL at `port_at`. `surplus`: the rest of the line, reported with it but not in the URL.
    """

    start: int
    end: int
    url: str
    scheme: str = ""
    tail: str = ""
    no_port: str = ""
    port_at: int = 0
    surplus: str = ""


def ed2k_candidate(text: ReadableText, at: int) -> Candidate | None:
    match = _ED2K.match(text.folded, at)
    if match is None or "|" not in (parts := refang_part(_BAR.sub("|", match["parts"]))):
        return None
    *fields, last = parts.strip("|").split("|")
    if last.strip(_PUNCTUATION):
        fields.append(last)
    # The closing bar and slash may be missing. No parser takes the bars in a host, but all take them encoded.
    link = "%7C".join(quote(part, safe="!$%&'()*+,;=~") for part in ["", *fields, ""])
    end = match.end() if fields and fields[-1] == last else match.end() - len(last)
    return Candidate(at, end, f"ed2k://{link}/")


def app_candidate(text: ReadableText, at: int) -> Candidate | None:
    match = _APP.match(text.folded, at) or _SHORT_APP.match(text.folded, at)
    if match is None or match["scheme"].lower() in _NOT_APPS or _WEB_SCHEME.fullmatch(match["scheme"]):
        return None
    lead = match["scheme"] + ("://" if "/" in match["mark"] else ":")
    # The authority alone first: otherwise a row of links that no parser takes would take quadratic time.
    authority = text.typed[match.end() : end_of(AUTHORITY, text.typed, match.end())]
    if not can_ada.can_parse(lead + refang_part(authority)):
        return None
    before = character_before(text, at)
    end = tail_end(text, match.end(), stretch=STRETCH_OF_TAIL, before=before, listed=False)
    end = match.end() + len(trim_tail(text.typed[match.end() : end], before=before))
    return Candidate(at, end, lead + refang_part(text.cut_original(match.end(), end)))


def link_of_names_end(text: ReadableText, at: int) -> int | None:
    """Where a link ends that has a scheme and, in the place of its host, names with colons; None if none begins here.

    No parser takes it, and nothing in it is a host: it stays among the words, whole.
    """
    match = _APP.match(text.folded, at)
    names = match and _NAMES.match(text.folded, match.end())
    if match is None or names is None or match_host(text.folded, match.end(), end_of(_FIRST, text.folded, match.end())):
        return None
    return end_of(_TO_BLANK, text.folded, names.end())
