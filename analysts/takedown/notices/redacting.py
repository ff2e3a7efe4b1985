"""An address without some of its parts. Nothing is ever added: a slip must not send a stranger's address."""

from collections.abc import Collection, Iterable
from urllib.parse import unquote

from reports.addresses import find_addresses
from reports.addresses.address import address_of
from reports.addresses.identifying import PARTS, Finding


def parse_address(typed: str) -> str | None:
    """The one address in what was typed, defanged or not, normalised; None where there is none, or more than one."""
    found = find_addresses(typed)
    return found[0].normalised if len(found) == 1 and found[0].reported == typed.strip() else None


def remove_parts(address: str, cut: Collection[Finding]) -> str:
    """The address without the parts that were found, as it would be normalised."""
    for finding in sorted(cut, key=lambda each: each.start, reverse=True):
        start, end = _with_separator(address, finding)
        address = address[:start] + address[end:]
    # Not found as in a text: there the end of it might be taken for punctuation.
    normalised = address_of(address, address)
    return normalised.normalised if normalised else address


def _with_separator(address: str, finding: Finding) -> tuple[int, int]:
    """A parameter goes with the "&" behind it, else with that or the mark before it; a segment with the "/" behind."""
    start, end = finding.start, finding.end
    before, behind = address[start - 1 : start], address[end : end + 1]
    if before == "/" and address[end - 1] != "@":
        return start, end + (behind == "/")
    if before in ("?", "&", "#"):
        return (start, end + 1) if behind == "&" else (start - 1, end)
    return start, end


def is_part_of(short: str, address: str) -> bool:
    """Whether `short` is `address`, or it without some of its parts, in their order.

    Scheme, host and port are the same; of the userinfo, the segments of the path with their parameters, the parameters
    of query and fragment, some may be gone and none may be other or new. Part of a segment is another segment.
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
    """Segments and their parameters: ";" begins one that may go alone, but never stands before another segment."""
    return [piece for segment in path.split("/") for piece in _split_segment(segment)]


def _split_segment(segment: str) -> list[str]:
    name, *parameters = segment.split(";")
    return [f"/{name}", *(f";{parameter}" for parameter in parameters)]


def _are_some_of(some: Iterable[str], whole: Iterable[str]) -> bool:
    """In their order. What is empty adds nothing; the last character may be encoded, as normalising does it."""
    rest = iter(unquote(each) for each in whole)
    return all(unquote(each) in rest for each in some if each not in ("", "/"))
