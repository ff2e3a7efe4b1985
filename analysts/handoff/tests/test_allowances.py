"""The limit of a day counts the addresses of all kinds of file together."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.codes import Role
from analysts.exports.actions import order_export
from analysts.handoff import batch_ends
from analysts.handoff.allowances import ask_allowance, decline_allowance, grant_allowance
from analysts.handoff.drawing import draw_batch
from analysts.models import AddressAllowance, AllowanceState, BatchKind, ExportFormat, ExportSubject, User
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, WHOIS, traced
from analysts.tests.batches import workstation_for_batches
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.welfare.meter import addresses_left, addresses_used
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from tests.rig.fixtures import create_person

LIMIT = 100
EXPORT = "export"
# How many addresses each kind of file gets.
NUMBERS = {BatchKind.FIRST: 2, BatchKind.SECOND: 1, BatchKind.TRACES: 1, BatchKind.CHECKS: 1, EXPORT: 3}
KINDS = list(NUMBERS)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def make_file(belize: Portal, ana: User, sena: User, now: datetime, settings: Any) -> Callable[[str], None]:
    """Makes a file of the kind, for Sena, with as many addresses as NUMBERS says."""
    settings.FILE_ADDRESSES, settings.SECOND_REVIEW_PERCENT = LIMIT, 0
    room, two_days_ago = workstation_for_batches(), now - timedelta(days=2)

    def make(kind: str) -> None:
        number = NUMBERS[kind]
        if kind == EXPORT:
            csv: dict[str, Any] = {"subject": ExportSubject.INCIDENTS, "format": ExportFormat.CSV}
            order_export(by=sena, columns=["incident"], matches=number, purpose="quality", now=now, **csv)
            return
        settings.SECOND_REVIEW_VERDICTS = ["illegal"] if kind == BatchKind.SECOND else []
        for place in range(number):
            incident = incident_of(belize, f"https://{kind}.example/{place}", now=two_days_ago)
            if kind != BatchKind.FIRST:
                assessed_illegal(incident, ana, now=two_days_ago)
            if kind == BatchKind.CHECKS:
                traced(incident, ana, two_days_ago, DNS, WHOIS, BGP)
        batch = draw_batch(by=sena, workstation=room, kinds=[BatchKind(kind)], count=number, now=now)
        batch_ends.return_batch(by=sena, batch=batch, now=now)

    return make


def test_every_kind_of_file_has_its_number() -> None:
    assert set(KINDS) == {*BatchKind, EXPORT}


@pytest.mark.parametrize("place", range(len(KINDS)), ids=KINDS)
def test_limit_of_a_day_is_the_sum_over_all_kinds_of_file(
    make_file: Callable[[str], None], ana: User, sena: User, now: datetime, place: int
) -> None:
    """Each kind first, and the others after it in their order."""
    used = 0
    for kind in (*KINDS[place:], *KINDS[:place]):
        make_file(kind)
        used += NUMBERS[kind]
        assert (addresses_used(sena, now=now), addresses_left(sena, now=now)) == (used, LIMIT - used)
    assert (addresses_used(ana, now=now), addresses_left(sena, now=now + timedelta(days=1))) == (0, LIMIT)


def test_one_request_of_each_person_waits(ana: User, sena: User, now: datetime) -> None:
    for by in (ana, sena):
        ask_allowance(by=by, number=5, now=now)
        with pytest.raises(Denied, match="is waiting"):
            ask_allowance(by=by, number=5, now=now)
    ask_allowance(by=ana, number=5, now=now + timedelta(days=1))


@pytest.mark.parametrize(("number", "is_possible"), [(0, False), (1, True), (200, True), (201, False)])
def test_request_is_for_some_addresses(ana: User, now: datetime, number: int, is_possible: bool) -> None:
    with nullcontext() if is_possible else pytest.raises(Denied, match="Ask for 1 to 200 addresses"):
        ask_allowance(by=ana, number=number, now=now)
    assert AddressAllowance.objects.exists() is is_possible


@pytest.mark.parametrize(
    ("decide", "state"), [(grant_allowance, AllowanceState.GRANTED), (decline_allowance, AllowanceState.DECLINED)]
)
def test_request_and_decision_are_stored_and_on_record(
    ana: User, sena: User, now: datetime, decide: Callable[..., AddressAllowance], state: AllowanceState
) -> None:
    decide(by=sena, allowance=ask_allowance(by=ana, number=5, now=now), now=now)
    stored = AddressAllowance.objects.get()
    assert (stored.state, stored.decided_by, stored.decided_at) == (state, sena, now)
    name = {AllowanceState.GRANTED: "grant", AllowanceState.DECLINED: "decline"}[state]
    events = AuditEvent.objects.order_by("number").values_list("action", "actor", "object_id", "details")
    assert list(events) == [
        ("allowance.ask", "ana", str(stored.pk), {"count": 5}),
        (f"allowance.{name}", "sena", str(stored.pk), {"count": 5, "requested_by": "ana"}),
    ]


@pytest.mark.parametrize(
    ("name", "may"), [("ana", True), ("sena", True), ("nia", False)], ids=["asked", "senior", "colleague"]
)
def test_who_asked_withdraws_it_and_a_senior_declines_it_once(
    ana: User, sena: User, now: datetime, name: str, may: bool
) -> None:
    allowance, by = ask_allowance(by=ana, number=5, now=now), {"ana": ana, "sena": sena}.get(name)
    with nullcontext() if may else pytest.raises(Denied, match="Only a senior analyst can decline"):
        decline_allowance(by=by or create_person(name, Role.ANALYST), allowance=allowance, now=now)
    if may:
        with pytest.raises(Late, match="already been decided"):
            decline_allowance(by=sena, allowance=allowance, now=now)


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_file_is_made_past_the_limit_that_others_have_used_up(
    make_file: Callable[[str], None], now: datetime, settings: Any, kind: str
) -> None:
    others = [other for other in KINDS if other != kind]
    for other in others:
        make_file(other)
    settings.FILE_ADDRESSES = sum(NUMBERS[other] for other in others)
    with pytest.raises(Denied, match=r"limit|0 more addresses"):
        make_file(kind)
