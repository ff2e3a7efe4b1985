"""An address: what is known of it, and how it is normalised."""

import re
from dataclasses import dataclass

import can_ada
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reports.addresses.host import host_of_app, is_host, is_ip, site_of
from reports.addresses.spelling import LONGEST_USERINFO, end_of
from reports.addresses.tail import trimmed

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
_DEFAULT_PORT = re.compile(r":(?:80|443)$")
_ROUTE = re.compile(r"/|[A-Za-z]?!")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


class AddressKind(TextChoices):
    WEB = "web", _("web")
    # I2P counts as one: like an onion service it is in no name server, and no hosting place can be looked up.
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


def address_of(reported: str, url: str) -> Address | None:
    try:
        parsed = can_ada.parse(url)
    except ValueError:  # not known to happen once the authority parses; a report must not stop at it
        return None
    # ada-url/ada#935: after a segment such as ".b" plain dot segments stay. Encoded ones are always resolved.
    if _DOT_SEGMENT.search(parsed.pathname):
        parsed.pathname = _DOT_SEGMENT.sub(lambda dots: "%2e" * len(dots[0]), parsed.pathname)
    if parsed.hostname.endswith("."):
        parsed.hostname = parsed.hostname.rstrip(".")
    web = parsed.protocol in {"http:", "https:"}
    host = parsed.hostname if web else host_of_app(parsed.hostname)
    if web and not (is_host(host) and len(parsed.username) + len(parsed.password) < LONGEST_USERINFO):
        return None
    host = host.strip("[]")
    normalised = _without_tracking(parsed.href, host)
    lead = end_of(_SCHEME_AND_AUTHORITY, normalised, 0)
    if not web and not _LETTER_OR_DIGIT.search(normalised, lead):
        return None
    normalised = normalised[:lead] + _ended(normalised[lead:])
    return Address(
        reported=reported,
        normalised=normalised,
        key=_key(normalised) if web else normalised,
        host=host,
        site=site_of(host),
        kind=_kind(host) if web else AddressKind.APP,
    )


def _without_tracking(href: str, host: str) -> str:
    """Empty queries and fragments go too: they would be trimmed as punctuation when the address is found again."""
    head, _hash, fragment = href.partition("#")
    head, _mark, query = head.partition("?")
    kept = "&".join(parameter for parameter in query.split("&") if not _is_tracking(parameter, host))
    return head + (f"?{kept}" if kept else "") + (f"#{fragment}" if fragment else "")


def _is_tracking(parameter: str, host: str) -> bool:
    name = parameter.partition("=")[0].lower()
    if name == "si":
        return site_of(host) in SI_IS_TRACKING
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _ended(tail: str) -> str:
    """With its last character encoded where that would be trimmed as punctuation, once what stood behind it is gone."""
    return tail if trimmed(tail) == tail else f"{tail[:-1]}%{ord(tail[-1]):02X}"


def _key(normalised: str) -> str:
    address, _hash, fragment = normalised.partition("#")
    path_start = end_of(_SCHEME_AND_AUTHORITY, address, 0)
    authority = _DEFAULT_PORT.sub("", address[:path_start].partition("://")[2])
    route = f"#{fragment}" if _ROUTE.match(fragment) else ""
    return f"http://{authority}{address[path_start:]}{route}"


def _kind(host: str) -> AddressKind:
    if is_ip(host):
        return AddressKind.IP
    return AddressKind.ONION if host.endswith((".onion", ".i2p")) else AddressKind.WEB
