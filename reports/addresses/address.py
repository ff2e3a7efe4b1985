"""The `Address` class and its normalisation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import can_ada
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reports.addresses.host import host_of_app, is_host, is_ip, site_of
from reports.addresses.spelling import LONGEST_USERINFO, end_of
from reports.addresses.url_tail import trim_tail

# Added to an address by the page it was copied from or sent with; none chooses what is shown. In lower case.
TRACKING_PREFIXES = ("utm_", "hsa_", "mtm_", "pk_")
CLICK_IDS = {"dclid", "fbclid", "gbraid", "gclid", "msclkid", "ttclid", "twclid", "wbraid", "yclid", "ysclid"}
SHARE_IDS = {"igsh", "igshid", "mibextid"}
MAILING_IDS = {"_hsenc", "_hsmi", "mc_cid", "mc_eid", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_conv", "vero_id"}
CAMPAIGNS = {"_openstat", "gad_campaignid", "gad_source", "gclsrc", "rb_clickid", "s_cid", "srsltid", "wickedid"}
ORIGINS = {"_ga", "_gl", "fb_action_ids", "fb_action_types", "fb_source", "ref_src", "ref_url", "spm"}
TRACKING_PARAMETERS = frozenset(CLICK_IDS | SHARE_IDS | MAILING_IDS | CAMPAIGNS | ORIGINS)
SI_IS_TRACKING = frozenset({"spotify.com", "youtu.be", "youtube-nocookie.com", "youtube.com"})

_SCHEME_AND_AUTHORITY = re.compile(r"https?://[^/?#]*|[a-z][a-z0-9+.-]*:(?://)?")
_DOT_SEGMENT = re.compile(r"(?<=/)\.{1,2}(?=/|$)")
_USUAL_PORT = re.compile(r":(?:80|443)$")
_ROUTE = re.compile(r"/|[A-Za-z]?!")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


class AddressKind(TextChoices):
    WEB = "web", _("web")
    # I2P counts as one: like an onion service it is in no name server, so its hosting cannot be looked up.
    ONION = "onion", _("hidden service (onion, I2P)")
    IP = "ip", _("IP address")
    APP = "app", _("app or other link")


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


class AddressChange(TextChoices):
    """What normalising changes in an address. Labels are written for analysts who compare two addresses."""

    INVISIBLE = "invisible", _("characters that nobody sees are taken out")
    SPELLING = "spelling", _("a disarmed or unusual spelling is undone")
    SCHEME_ADDED = "scheme_added", _("it is taken to be a web address")
    FINAL_DOT = "final_dot", _("a dot at the end of the host means nothing")
    LOWER_CASE = "lower_case", _("capitals in the host mean nothing")
    HOST = "host", _("the host is written as name servers know it")
    PORT = "port", _("the usual port goes without saying")
    DOT_SEGMENTS = "dot_segments", _("steps up and down the path are taken")
    BROWSER = "browser", _("it is written as a browser writes it")
    TRACKING = "tracking", _("parameters that only follow people are taken out")
    EMPTY = "empty", _("what is empty is taken out")
    LAST_CHARACTER = "last_character", _("its last character is encoded, lest it be taken for punctuation")
    FRAGMENT = "fragment", _("a place within the same page makes no other page")
    HTTPS = "https", _("http and https are the same")


def address_of(reported: str, url: str) -> Address | None:
    parsed = parse_url(url)
    if parsed is None:
        return None
    web = parsed.protocol in {"http:", "https:"}
    host = parsed.hostname if web else host_of_app(parsed.hostname)
    if web and not (is_host(host) and len(parsed.username) + len(parsed.password) < LONGEST_USERINFO):
        return None
    host = host.strip("[]")
    *_, (_change, normalised) = normalisation_changes(parsed.href, host)
    if not web and not _LETTER_OR_DIGIT.search(normalised, end_of(_SCHEME_AND_AUTHORITY, normalised, 0)):
        return None
    *_, (_change, key) = comparison_changes(normalised) if web else [(AddressChange.HTTPS, normalised)]
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
        parsed = can_ada.parse(url)
    except ValueError:  # not known to happen once the authority parses; a report must not stop at it
        return None
    # ada-url/ada#935: after a segment such as ".b" plain dot segments stay. Encoded ones are always resolved.
    if _DOT_SEGMENT.search(parsed.pathname):
        parsed.pathname = _DOT_SEGMENT.sub(lambda dots: "%2e" * len(dots[0]), parsed.pathname)
    if parsed.hostname.endswith("."):
        parsed.hostname = parsed.hostname.rstrip(".")
    return parsed


def normalisation_changes(href: str, host: str) -> Iterator[tuple[AddressChange, str]]:
    """The changes to a parsed address, in order; the last result is `Address.normalised`."""
    yield AddressChange.TRACKING, (url := _without_tracking(href, host))
    yield AddressChange.EMPTY, (url := _without_empty(url))
    yield AddressChange.LAST_CHARACTER, _encode_last_character(url)


def comparison_changes(normalised: str) -> Iterator[tuple[AddressChange, str]]:
    """The further changes to a web address for comparison; the last result is `Address.key`."""
    yield AddressChange.FRAGMENT, (url := _without_place(normalised))
    yield AddressChange.PORT, (url := _without_usual_port(url))
    yield AddressChange.HTTPS, f"http:{url.partition(':')[2]}"


def tracking_in(url: str, host: str) -> list[str]:
    """The names of the address's tracking parameters."""
    query = url.partition("#")[0].partition("?")[2]
    return [parameter.partition("=")[0] for parameter in query.split("&") if _is_tracking(parameter, host)]


def _without_tracking(href: str, host: str) -> str:
    if not tracking_in(href, host):
        return href
    head, hash_mark, fragment = href.partition("#")
    head, _mark, query = head.partition("?")
    kept = "&".join(parameter for parameter in query.split("&") if not _is_tracking(parameter, host))
    return head + (f"?{kept}" if kept else "") + hash_mark + fragment


def _without_empty(url: str) -> str:
    """Without an empty query or fragment: it would be trimmed as punctuation when the address is found again."""
    head, _hash, fragment = url.partition("#")
    head, _mark, query = head.partition("?")
    return head + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _is_tracking(parameter: str, host: str) -> bool:
    name = parameter.partition("=")[0].lower()
    if name == "si":
        return site_of(host) in SI_IS_TRACKING
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _encode_last_character(url: str) -> str:
    """Encode the last character where it would be trimmed as punctuation after what follows it was removed."""
    lead = end_of(_SCHEME_AND_AUTHORITY, url, 0)
    tail = url[lead:]
    return url if trim_tail(tail) == tail else f"{url[:-1]}%{ord(url[-1]):02X}"


def _without_place(normalised: str) -> str:
    """Without its fragment, unless that chooses what is shown."""
    address, _hash, fragment = normalised.partition("#")
    return f"{address}#{fragment}" if _ROUTE.match(fragment) else address


def _without_usual_port(url: str) -> str:
    """Without :80 and :443, whichever of http and https they belong to."""
    path_start = end_of(_SCHEME_AND_AUTHORITY, url, 0)
    return _USUAL_PORT.sub("", url[:path_start]) + url[path_start:]


def _host_kind(host: str) -> AddressKind:
    if is_ip(host):
        return AddressKind.IP
    return AddressKind.ONION if host.endswith((".onion", ".i2p")) else AddressKind.WEB
