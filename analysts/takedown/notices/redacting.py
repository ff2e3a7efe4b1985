"""Removal of parts from an address. Nothing can be added, so a slip cannot send an unrelated address."""

from collections.abc import Collection, Iterable
from urllib.parse import unquote

from reports.addresses import find_addresses
from reports.addresses.address import address_of
from reports.addresses.identifying import PARTS, Finding


def parse_address(typed: str) -> str | None:
    """The normalised address in `typed`, defanged or not; None unless it holds exactly one address and nothing else."""
    addresses = find_addresses(typed)
    return addresses[0].normalised if len(addresses) == 1 and addresses[0].reported == typed.strip() else None


def remove_parts(address: str, cut: Collection[Finding]) -> str:
    """The normalised address without the parts in `cut`."""
    for finding in sorted(cut, key=lambda part: part.start, reverse=True):
        start, end = _with_separator(address, finding)
        address = address[:start] + address[end:]
    # `find_addresses` is for running text and might strip the end of the address as punctuation.
    normalised = address_of(address, address)
    return normalised.normalised if normalised else address


def _with_separator(address: str, finding: Finding) -> tuple[int, int]:
    """The span to remove: a parameter with the "&" after it, or else the separator before it; a segment with the "/"
    after it."""
    start, end = finding.start, finding.end
    before, behind = address[start - 1 : start], address[end : end + 1]
    if before == "/" and address[end - 1] != "@":
        return start, end + (behind == "/")
    if before in ("?", "&", "#"):
        return (start, end + 1) if behind == "&" else (start - 1, end)
    return start, end


def is_part_of(short: str, address: str) -> bool:
    """Whether `short` equals `address` or can be made from it by removing whole parts.

    Scheme, host and port have to be equal. Userinfo, path segments with their parameters, and query and fragment
    parameters may be missing, but not changed, reordered or added. A shortened segment counts as a changed one.
    """
    one, whole = PARTS.match(short), PARTS.match(address)
    if one is None or whole is None or one["lead"] != whole["lead"]:
        return False
    one_user, _at, one_host = one["authority"].rpartition("@")
    whole_user, _at, whole_host = whole["authority"].rpartition("@")
    return (
        one_host == whole_host
        and one_user in ("", whole_user)
        and _are_some_of(_split_path(one["path"]), _split_path(whole["path"]))
        and _are_some_of(one["query"].split("&"), whole["query"].split("&"))
        and _are_some_of(one["fragment"].split("&"), whole["fragment"].split("&"))
    )


def _split_path(path: str) -> list[str]:
    """Path segments and their ";" parameters, each of which may be removed on its own."""
    return [piece for segment in path.split("/") for piece in _split_segment(segment)]


def _split_segment(segment: str) -> list[str]:
    name, *parameters = segment.split(";")
    return [f"/{name}", *(f";{parameter}" for parameter in parameters)]


def _are_some_of(parts: Iterable[str], whole: Iterable[str]) -> bool:
    """Whether `some` is a subsequence of `whole`, ignoring empty parts and percent-encoding.

    Normalising may percent-encode the last character of a part.
    """
    rest = iter(unquote(segment) for segment in whole)
    return all(unquote(segment) in rest for segment in parts if segment not in ("", "/"))
