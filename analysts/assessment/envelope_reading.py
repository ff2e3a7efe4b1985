"""What a decrypted envelope says: facts, addresses and the referrer. Pure functions of its fields."""

from collections.abc import Mapping

from analysts.codes import Fact
from analysts.incidents.fingerprints import compute_fingerprint
from reports.addresses import Address, find_addresses, find_spellings, mentions_account
from reports.models import SubmissionKind

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
        return find_spellings(str(payload.get("addresses", "")))
    prose = f"{payload.get('description', '')}\n{payload.get('answer', '')}"
    return [address for address in find_spellings(prose) if "/" in address.reported]


def group_by_key(addresses: list[Address]) -> dict[str, list[Address]]:
    """The ways in which one report writes each address, in its order."""
    ways: dict[str, list[Address]] = {}
    for address in addresses:
        ways.setdefault(address.key, []).append(address)
    return ways


def names_account(texts: list[str]) -> bool:
    """Whether a line of a report's addresses names an account on an app instead: it is assessed as words."""
    lines = [line for text in texts for line in text.split("\n")]
    return any(mentions_account(line) and not find_addresses(line) for line in lines)


def referrer_fingerprint(payload: Mapping[str, object]) -> bytes:
    """The blind index of the referring address; it equals the fingerprint of an incident with that address."""
    addresses = find_addresses(str(payload.get("found_on", "")))
    return compute_fingerprint("address", addresses[0].key) if addresses else b""
