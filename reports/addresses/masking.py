"""Masking of addresses, all but their suffix."""

from reports.addresses.address import AddressKind
from reports.addresses.finding import find_addresses
from reports.addresses.host import is_ip, suffix_of

HIDDEN = "•••"


def mask_all_but_suffix(address: str) -> str:
    """An address defanged and masked: `hxxps://ex•••[.]co[.]uk/•••`. Visible are the scheme, the public suffix and up
    to two letters of the host, never its whole name. Text that is no address is masked entirely."""
    addresses = find_addresses(address)
    if not addresses:
        return HIDDEN
    first = addresses[0]
    scheme, _colon, rest = first.normalised.partition(":")
    lead = f"{scheme}[:]" if first.kind == AddressKind.APP else scheme.replace("http", "hxxp") + ":"
    if not first.host:
        return lead + HIDDEN
    suffix = "" if is_ip(first.host) else suffix_of(first.host)
    name = first.host.removesuffix(f".{suffix}")
    visible = name[: min(2, len(name) - 1)].partition(".")[0]
    _authority, _slash, path = rest.removeprefix("//").partition("/")
    more = f"/{HIDDEN}" if path or "?" in rest or "#" in rest else ""
    return f"{lead}//{visible}{HIDDEN}" + "".join(f"[.]{label}" for label in suffix.split(".") if label) + more
