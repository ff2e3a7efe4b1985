"""Defanging of addresses for display, and its exact inverse."""

import re

from reports.addresses.host import match_host
from reports.addresses.spelling import AUTHORITY, COLON, LABEL, end_of, readable_text

# Brackets inside other brackets were typed by the reporter and stay: an address must not be refanged twice.
_ARMED_DOT = re.compile(r"(?<![\[({])\.|\.(?![\])}])")
_DISARMED_DOT = re.compile(r"(?<!\[)\[\.\]|\[\.\](?!\])")
_DISARMED_HTTP = re.compile(r"(?<=[hH])[xX]{2}(?=[pP][sS]?:[/\\])")
_ARMED_HTTP = re.compile(r"(?<=[hH])[tT]{2}(?=[pP][sS]?:[/\\])")
_ARMED_MARK = re.compile(r"(?i:(?<!hxxp)(?<!hxxps))://")
_DOTTED = re.compile(rf"(?<!{LABEL}){LABEL}++(?:\.{LABEL}++)++")
_T_TO_X = str.maketrans("tT", "xX")
_X_TO_T = str.maketrans("xX", "tT")
_WEB_LEAD = re.compile(rf"(?i:h(?:tt|xx)p(?P<secure>s?))(?:\[://\]|{COLON}[/\\]{{0,4}})")
_APP_LEAD = re.compile(rf"(?P<scheme>(?i:[a-z][a-z0-9+.-]*)){COLON}(?![0-9])(?P<slashes>/{{0,2}})")


def defang_address(address: str) -> str:
    """An address for display to people: `hxxps://host[.]tld/path`, `tg[:]//...`.

    No program makes a link of it or of a second address inside it, and `find_addresses` finds the same key in it.
    Text that is no address is defanged in the same way.
    """
    typed, folded, *_places = readable_text(address)
    lead, host_start = "", 0
    if web := _WEB_LEAD.match(folded):
        lead, host_start = f"hxxp{web['secure'].lower()}://", web.end()
    elif app := _APP_LEAD.match(folded):
        lead, host_start = f"{app['scheme'].lower()}[:]{app['slashes']}", app.end()
    tail_start = end_of(AUTHORITY, folded, host_start)
    authority = _ARMED_DOT.sub("[.]", folded[host_start:tail_start])
    tail = _DOTTED.sub(_defang_host, typed[tail_start:])
    disarmed = _ARMED_HTTP.sub(lambda letters: letters[0].translate(_T_TO_X), authority + tail)
    return lead + _ARMED_MARK.sub("[:]//", disarmed)


def refang_part(part: str) -> str:
    """The inverse of `defang_address` for the parts beside the host."""
    return _DISARMED_HTTP.sub(
        lambda letters: letters[0].translate(_X_TO_T), _DISARMED_DOT.sub(".", part.replace("[:]//", "://"))
    )


def _defang_host(match: re.Match[str]) -> str:
    return match[0].replace(".", "[.]") if match_host(match[0], 0, len(match[0])) else match[0]
