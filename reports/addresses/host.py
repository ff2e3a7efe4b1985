"""Hosts: where one with a known suffix ends, where its site begins, and whether it is a place on a network."""

import re
from importlib.resources import files
from itertools import takewhile

import can_ada
from publicsuffixlist import PublicSuffixList

from reports.addresses.spelling import DOTS, PLAIN_SCHEME

# Suffixes missing from the public list: reserved names, I2P and Lokinet.
_LISTED = [
    *files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8").splitlines(),
    *("example", "invalid", "test", "i2p", "b32.i2p", "loki"),
]
_RULES = [rule.strip() for rule in _LISTED if rule.strip() and not rule.startswith("//")]
# The few in another script also as hosts spell them. The library would encode all ten thousand, at each start.
_RULES += [rule.encode("idna").decode("ascii") for rule in _RULES if not rule.isascii()]
_SUFFIXES = PublicSuffixList(_RULES, accept_unknown=False, accept_encoded_idn=False)
_TOP_LEVEL = frozenset(rule.rpartition(".")[2] for rule in _RULES)

_ASCII_LABEL = re.compile(r"xn--[a-z0-9-]+|[a-z0-9]+")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\]")
_IPV4 = re.compile(r"[0-9.]+")


def match_host(folded: str, start: int, end: int) -> tuple[str, int] | None:
    """The longest host with a known suffix, or the IPv4 address, at the beginning of a run of labels; and its end.

    Where the whole of a label is unknown, its ASCII beginning may be a suffix: "example.com-then", and Chinese prose.
    """
    labels, ends, at = [], [], start
    for dot in DOTS.finditer(folded, start, end):
        labels.append(folded[at : dot.start()])
        ends.append(dot.start())
        at = dot.end()
    labels.append(folded[at:end])
    ends.append(end)
    numbers = list(takewhile(lambda label: label.isascii() and label.isdigit(), labels))
    if len(numbers) == 4 and all(len(number) <= 3 and int(number) <= 255 for number in numbers):
        return ".".join(numbers), ends[3]
    for count in range(len(labels), 1, -1):
        last = labels[count - 1]
        if last.lower() in _TOP_LEVEL:
            return ".".join(labels[:count]), ends[count - 1]
        ascii_part = _ASCII_LABEL.match(last.lower())
        if ascii_part and ascii_part[0] in _TOP_LEVEL:
            return ".".join([*labels[: count - 1], ascii_part[0]]), ends[count - 1] - len(last) + ascii_part.end()
    return None


def is_known(host: str) -> bool:
    """Whether a parsed host can exist on the public internet: it is an IP address, or has a known top level."""
    return is_ip(host.strip("[]")) or host.rstrip(".").rpartition(".")[2] in _TOP_LEVEL


def is_host(host: str) -> bool:
    """Whether a parsed URL's host can be a place on a network. The parser accepts empty labels and, from decorated
    letters, brackets; "http://http//..." is a typing error."""
    return _HOST.fullmatch(host) is not None and PLAIN_SCHEME.fullmatch(host) is None


def host_of_app(hostname: str) -> str:
    """The host in an app link, or "" where the word in its place is an action, as in tg://resolve."""
    if not hostname or not (hostname.startswith("[") or match_host(hostname, 0, len(hostname))):
        return ""
    try:
        host = can_ada.parse(f"http://{hostname}/").hostname
    except ValueError:
        return ""
    return host if is_host(host) else ""


def is_ip(host: str) -> bool:
    """For a parsed host: the WHATWG parser leaves no other with a colon or of digits only."""
    return ":" in host or _IPV4.fullmatch(host) is not None


def site_of(host: str) -> str:
    return host if is_ip(host) else _SUFFIXES.privatesuffix(host) or host


def suffix_of(host: str) -> str:
    """The public suffix, or the last label where the host has none or is one."""
    suffix = _SUFFIXES.publicsuffix(host)
    if suffix and suffix != host:
        return suffix
    _name, dot, last = host.rpartition(".")
    return last if dot else ""
