"""The `Address` class and its normalisation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import can_ada
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reports.addresses.equivalent import equivalent_of
from reports.addresses.harmless import tracking_test, without_harmless_fragment, without_labels, without_signature
from reports.addresses.host import host_of_app, is_host, is_ip, site_of
from reports.addresses.spelling import LONGEST_USERINFO, end_of
from reports.addresses.url_tail import trim_tail

_SCHEME_AND_AUTHORITY = re.compile(r"https?://[^/?#]*|[a-z][a-z0-9+.-]*:(?://)?")
_DOT_SEGMENT = re.compile(r"(?<=/)\.{1,2}(?=/|$)")
_USUAL_PORT = re.compile(r":(?:80|443)$")
_END_OF_PATH = re.compile(r"[?#]")
# In links of these the host is part of a name: at://one.example.org/app.bsky.feed.post/1
_NAME_SCHEMES = frozenset({"acct:", "at:", "matrix:", "sip:", "sips:", "xmpp:"})
_BEYOND_HOST = re.compile(r"[/\\?#\uff0f\uff3c\uff1f\uff03]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


class AddressKind(TextChoices):
    WEB = "web", _("web")
    # I2P counts as one: like an onion service it is in no name server, so its hosting cannot be looked up.
    ONION = "onion", _("hidden service (onion, I2P)")
    IP = "ip", _("IP address")
    APP = "app", _("app or other link")
    # The kind of no `Address`: an incident of words that has a key (`reports.addresses.accounts`).
    ACCOUNT = "account", _("account on an app")


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """One address found in a text.

    reported: the characters found, exactly as typed.
    normalised: what is shown, kept and sent; `find_addresses` finds it again, unchanged.
    key: what fingerprints are made of; equal for http, https and no scheme.
    host: ASCII and lower case; an IP address without brackets; "" where an app link has none.
    site: the registrable domain, or the host itself where it has none.
    """

    reported: str
    normalised: str
    key: str
    host: str
    site: str
    kind: AddressKind

    @property
    def is_bare_host(self) -> bool:
        """Whether it was typed as a host alone, as names are, too: without a scheme's slashes, path or query."""
        return self.kind != AddressKind.APP and not _BEYOND_HOST.search(self.reported)


class AddressChange(TextChoices):
    """A change by normalising an address. The labels tell analysts what was done to one of two addresses."""

    END_OF_LINE = "end_of_line", _("The end of the line was read as punctuation; it may belong to the address")
    INVISIBLE = "invisible", _("Invisible characters were removed")
    SPELLING = "spelling", _("A defanged or unusual spelling was corrected")
    SCHEME_ADDED = "scheme_added", _("The missing “http://” was added")
    FINAL_DOT = "final_dot", _("The dot at the end of the host name was removed")
    LOWER_CASE = "lower_case", _("The host name was put in lower case")
    HOST = "host", _("The host name was converted to its standard form")
    IMPOSSIBLE_PORT = "impossible_port", _("The port was removed because no port has this number")
    PORT = "port", _("The default port was removed")
    DOT_SEGMENTS = "dot_segments", _("“.” and “..” in the path were resolved")
    BROWSER = "browser", _("The address was put in the form that browsers use")
    TRACKING = "tracking", _("Tracking parameters were removed")
    EMPTY = "empty", _("The empty query or fragment was removed")
    LAST_CHARACTER = "last_character", _("The last character was encoded so that it is not read as punctuation")
    FRAGMENT = "fragment", _("The part after “#” that does not select the content was removed")
    LABEL = "label", _("Names and servers were removed: the link identifies the file by its content")
    SIGNATURE = "signature", _("A signature that expires was left out, for comparison only")
    EQUIVALENT = "equivalent", _("The app opens both addresses alike, so they were compared in one form")
    HTTPS = "https", _("“https” was replaced with “http”, for comparison only")


def address_of(reported: str, url: str) -> Address | None:
    parsed = parse_url(url)
    if parsed is None:
        return None
    web = parsed.protocol in {"http:", "https:"}
    # The other schemes whose hosts the URL standard reads, too.
    special = web or (parsed.protocol in {"ftp:", "ws:", "wss:"} and is_host(parsed.hostname))
    host = "" if parsed.protocol in _NAME_SCHEMES else parsed.hostname
    if not special:
        host = host_of_app(host)
    if web and not (is_host(host) and len(parsed.username) + len(parsed.password) < LONGEST_USERINFO):
        return None
    host = host.strip("[]")
    *_, (_change, normalised) = normalisation_changes(parsed.href, host)
    if not web and not _LETTER_OR_DIGIT.search(normalised, end_of(_SCHEME_AND_AUTHORITY, normalised, 0)):
        return None
    *_, (_change, key) = comparison_changes(normalised, host if web else None)
    return Address(
        reported=reported,
        normalised=normalised,
        key=key,
        host=host,
        site=site_of(host),
        kind=_host_kind(host) if web else AddressKind.APP,
    )


def parse_url(url: str) -> can_ada.URL | None:
    """Parse as a browser does, with two exceptions that do not make another address of it."""
    try:
        parsed = can_ada.parse(_with_small_sharp_s(url))
    except ValueError:  # not known to happen once the authority parses; a report must not stop at it
        return None
    # ada-url/ada#935: after a segment such as ".b" plain dot segments stay. Encoded ones are always resolved.
    if _DOT_SEGMENT.search(parsed.pathname):
        parsed.pathname = _DOT_SEGMENT.sub(lambda dots: "%2e" * len(dots[0]), parsed.pathname)
    if parsed.hostname.endswith("."):
        parsed.hostname = parsed.hostname.rstrip(".")
    return parsed


def _with_small_sharp_s(url: str) -> str:
    """Browsers take a capital sharp s in a host for a small one, as Unicode does since 15.1; the parser for "ss"."""
    end = end_of(_SCHEME_AND_AUTHORITY, url, 0) if "\u1e9e" in url else 0
    start = url.rfind("@", 0, end) + 1
    return url[:start] + url[start:end].replace("\u1e9e", "\xdf") + url[end:]


def normalisation_changes(href: str, host: str) -> Iterator[tuple[AddressChange, str]]:
    """The changes to a parsed address, in order; the last result is `Address.normalised`."""
    yield AddressChange.TRACKING, (url := _without_tracking(href, host))
    yield AddressChange.EMPTY, (url := _without_empty(url))
    yield AddressChange.LAST_CHARACTER, _encode_last_character(url)


def comparison_changes(normalised: str, host: str | None) -> Iterator[tuple[AddressChange, str]]:
    """The further changes for comparison; the last result is `Address.key`. `host`: that of a web address."""
    if host is None:
        yield AddressChange.LABEL, (url := without_labels(normalised))
    else:
        yield AddressChange.FRAGMENT, (url := _without_place(normalised, host))
        yield AddressChange.SIGNATURE, (url := without_signature(url, host, path_of(url)))
        yield AddressChange.PORT, (url := _without_usual_port(url))
    yield AddressChange.EQUIVALENT, (url := equivalent_of(url))
    yield AddressChange.HTTPS, f"http:{url.partition(':')[2]}" if url.startswith("https:") else url


def tracking_in(url: str, host: str) -> list[str]:
    """The names of the address's tracking parameters."""
    query = url.partition("#")[0].partition("?")[2]
    is_tracking = tracking_test(host, path_of(url))
    return [parameter.partition("=")[0] for parameter in query.split("&") if is_tracking(parameter)]


def path_of(url: str) -> str:
    return _END_OF_PATH.split(url[end_of(_SCHEME_AND_AUTHORITY, url, 0) :], maxsplit=1)[0]


def _without_tracking(href: str, host: str) -> str:
    if not tracking_in(href, host):
        return href
    is_tracking = tracking_test(host, path_of(href))
    head, hash_mark, fragment = href.partition("#")
    head, _mark, query = head.partition("?")
    parameters = "&".join(parameter for parameter in query.split("&") if not is_tracking(parameter))
    return head + (f"?{parameters}" if parameters else "") + hash_mark + fragment


def _without_empty(url: str) -> str:
    """Without an empty query or fragment: it would be trimmed as punctuation when the address is found again."""
    head, _hash, fragment = url.partition("#")
    head, _mark, query = head.partition("?")
    return head + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _encode_last_character(url: str) -> str:
    """Encode the last character where it would be trimmed as punctuation after what follows it was removed."""
    lead = end_of(_SCHEME_AND_AUTHORITY, url, 0)
    tail = url[lead:]
    return url if trim_tail(tail) == tail else f"{url[:-1]}%{ord(url[-1]):02X}"


def _without_place(normalised: str, host: str) -> str:
    """Without what is known to be harmless in its fragment."""
    address, _hash, fragment = normalised.partition("#")
    place = without_harmless_fragment(fragment, host, path_of(address)) if fragment else ""
    return f"{address}#{place}" if place else address


def _without_usual_port(url: str) -> str:
    """Without :80 and :443, whichever of http and https they belong to."""
    path_start = end_of(_SCHEME_AND_AUTHORITY, url, 0)
    return _USUAL_PORT.sub("", url[:path_start]) + url[path_start:]


def _host_kind(host: str) -> AddressKind:
    if is_ip(host):
        return AddressKind.IP
    return AddressKind.ONION if host.endswith((".onion", ".i2p")) else AddressKind.WEB
