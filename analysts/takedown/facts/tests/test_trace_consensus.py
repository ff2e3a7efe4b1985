"""Examples of traces and the hosting they agree on."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from analysts.models import HostingTrace, Recipient, TraceMethod
from analysts.takedown.facts.trace_consensus import TraceConsensus, consensus_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOSTS = {name: Recipient(id=uuid.uuid5(uuid.NAMESPACE_DNS, name), name=name) for name in ("Alpha", "Beta")}
NUMBERS = {"Alpha": 64496, "Beta": 64497}
METHODS = dict(zip("dwrbhc", TraceMethod, strict=False))


def traces(written: str) -> list[HostingTrace]:
    """`d:NL/Alpha@3`: by DNS, in the Netherlands at Alpha, three minutes past noon; `@3.1`: entered later."""
    return [one(*each.replace("@", ":").split(":")) for each in written.split()]


def one(method: str, place: str, at: str) -> HostingTrace:
    country, host = place.split("/")
    minutes, _dot, later = at.partition(".")
    moment = NOON + timedelta(minutes=int(minutes))
    return HostingTrace(
        method=METHODS[method],
        country=country,
        provider=HOSTS[host],
        network=f"AS{NUMBERS[host]} {host}" if method == "w" else "",
        at=moment,
        recorded_at=moment + timedelta(seconds=int(later or 0)),
    )


def summary(found: TraceConsensus) -> str:
    """`NL/Alpha`, or how many methods are missing and which disagree."""
    if found.agreed:
        return f"{found.agreed.country}/{found.agreed.provider}"
    letters = {method: letter for letter, method in METHODS.items()}
    return f"{found.missing} missing, " + "".join(letters[TraceMethod(each.method)] for each in found.unsettled_by)


EXAMPLES = [
    # Traces, and the expected result.
    ("", "3 missing, "),
    ("d:NL/Alpha@1", "2 missing, "),
    ("d:NL/Alpha@1 w:NL/Alpha@2", "1 missing, "),
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3", "NL/Alpha"),
    # Three traces by one method count as one.
    ("d:NL/Alpha@1 d:NL/Alpha@2 d:NL/Alpha@3", "2 missing, "),
    # Country and provider must both agree.
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Beta@3", "1 missing, r"),
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:DE/Alpha@3", "1 missing, r"),
    # A trace that disagreed before all three does not count.
    ("h:US/Beta@0 d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3", "NL/Alpha"),
    # One between them, at the same time as the first, or after them does.
    ("d:NL/Alpha@1 h:US/Beta@2 w:NL/Alpha@3 r:NL/Alpha@4", "0 missing, h"),
    ("h:US/Beta@1 d:NL/Alpha@1 w:NL/Alpha@3 r:NL/Alpha@4", "0 missing, h"),
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 h:US/Beta@4", "0 missing, h"),
    # Two disagree, one of them before all three.
    ("h:US/Beta@0 d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 c:US/Beta@4", "0 missing, c"),
    # Repeated, the method that disagreed now agrees.
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 h:US/Beta@4 h:NL/Alpha@5", "NL/Alpha"),
    # Three later traces agree, on the old place or on the new one.
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 h:US/Beta@4 d:NL/Alpha@5 w:NL/Alpha@6", "0 missing, h"),
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 h:US/Beta@4 d:NL/Alpha@5 w:NL/Alpha@6 r:NL/Alpha@7", "NL/Alpha"),
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 d:US/Beta@4 w:US/Beta@5", "1 missing, r"),
    ("d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 d:US/Beta@4 w:US/Beta@5 r:US/Beta@6", "US/Beta"),
    # More methods name the old place, but the three latest name the new one.
    ("d:NL/Alpha@1 w:NL/Alpha@1 r:NL/Alpha@1 b:NL/Alpha@1 d:US/Beta@2 h:US/Beta@3 c:US/Beta@4", "US/Beta"),
    # A corrected trace: of two with the same time, the one entered later counts.
    ("d:NL/Alpha@1 w:US/Alpha@1 r:NL/Alpha@1 w:NL/Alpha@1.30", "NL/Alpha"),
]


@pytest.mark.parametrize(("written", "expected"), EXAMPLES)
def test_traces_come_to(written: str, expected: str) -> None:
    assert summary(consensus_of(traces(written))) == expected


@pytest.mark.parametrize(("written", "expected"), [example for example in EXAMPLES if len(example[0].split()) <= 5])
def test_order_in_which_traces_are_read_does_not_matter(written: str, expected: str) -> None:
    for order in itertools.permutations(traces(written)):
        assert summary(consensus_of(order)) == expected


def test_agreed_names_those_that_agree_and_the_latest_network() -> None:
    found = consensus_of(traces("h:US/Beta@0 d:NL/Alpha@1 w:NL/Alpha@2 r:NL/Alpha@3 b:NL/Alpha@4")).agreed
    assert found is not None
    assert [trace.method for trace in found.by] == [METHODS[letter] for letter in "brwd"]
    assert (found.network, found.at) == ("AS64496 Alpha", NOON + timedelta(minutes=4))


def named(method: str, country: str, host: str, network: str, minutes: int) -> HostingTrace:
    moment = NOON + timedelta(minutes=minutes)
    return HostingTrace(
        method=METHODS[method],
        country=country,
        provider=HOSTS.setdefault(host, Recipient(id=uuid.uuid5(uuid.NAMESPACE_DNS, host), name=host)),
        network=network,
        at=moment,
        recorded_at=moment,
    )


def test_two_names_with_one_network_number_are_one_place() -> None:
    long, short, number = "Alpha Hosting Ltd", "Alpha Hosting", "AS64500 Alpha"
    one = [
        named("d", "NL", short, number, 1),
        named("w", "NL", long, "as64500", 2),
        named("r", "NL", long, "", 3),
    ]
    for order in itertools.permutations(one):
        agreed = consensus_of(order).agreed
        assert agreed is not None
        # The name given most often; a verified recipient comes before it.
        assert agreed.provider.name == long
    HOSTS[short].verified_on = NOON.date()
    HOSTS[short].mark_verified()
    found = consensus_of(one).agreed
    assert found is not None
    assert found.provider.name == short

    assert consensus_of([*one[:2], named("r", "DE", long, number, 3)]).agreed is None
    assert consensus_of([one[0], named("w", "NL", long, "AS64501 Alpha", 2), one[2]]).agreed is None
    # One name is one place, also with several numbers: its recipient is the same.
    same = [named(method, "NL", short, f"AS6450{at}", at) for at, method in enumerate("dwr")]
    assert consensus_of(same).agreed is not None
