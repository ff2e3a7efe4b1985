"""The content of a decrypted envelope: facts, addresses and the referrer. Pure functions of its fields."""

from collections.abc import Mapping

from analysts.codes import Fact
from analysts.incidents.fingerprints import compute_fingerprint
from reports.addresses import Address, find_addresses, find_spellings
from reports.models import SubmissionKind
from reports.report_text import join_report_text

# Facts that the public form offers as checkboxes; any other value in a payload is ignored.
TICKS = frozenset(Fact.values) - {Fact.UNREADABLE, Fact.MANY_ADDRESSES}


def read_facts(payload: Mapping[str, object]) -> set[str]:
    ticked = payload.get("facts", [])
    return {tick for tick in ticked if tick in TICKS} if isinstance(ticked, list) else set()


def addresses_in(kind: str, payload: Mapping[str, object]) -> list[Address]:
    """The addresses that an envelope names.

    A report holds only addresses, so anything in it that may be one counts. Details and answers are prose ("I found it
    through example.com"), so there an address counts only if it names a page, not a whole site.
    """
    if kind == SubmissionKind.REPORT:
        return find_spellings(join_report_text(payload))
    prose = f"{payload.get('description', '')}\n{payload.get('answer', '')}"
    return [address for address in find_spellings(prose) if "/" in address.reported]


def group_by_key(addresses: list[Address]) -> dict[str, list[Address]]:
    """The ways in which one report writes each address, in its order."""
    ways: dict[str, list[Address]] = {}
    for address in addresses:
        ways.setdefault(address.key, []).append(address)
    return ways


def referrer_fingerprint(payload: Mapping[str, object]) -> bytes:
    """The blind index of the referring address; it equals the fingerprint of an incident with that address."""
    addresses = find_addresses(str(payload.get("found_on", "")))
    return compute_fingerprint("address", addresses[0].key) if addresses else b""
