"""Hosting traces and availability checks by batch: drawn where due, imported whole, stale, or refused."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from analysts.assessment import actions
from analysts.codes import Closing
from analysts.handoff import batch_ends, drawing
from analysts.handoff.results import import_results
from analysts.models import (
    AvailabilityCheck,
    Batch,
    BatchItem,
    BatchKind,
    BatchState,
    Chase,
    HostingTrace,
    Incident,
    User,
    Workstation,
)
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, HEADERS, WHOIS, illegal, now, traced
from analysts.tests.batches import (
    SECRET,
    check_that_found_it_gone,
    drawn_by,
    illegal_incidents,
    moment,
    opened,
    result,
    result_lines,
    results_of,
    traces_of_three_methods,
    workstation_for_batches,
)
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, incident_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.fields import LONGEST_TEXT
from workstation.sealed_file import OpenBatch

__all__ = ["illegal", "now"]

TAKEN, AGAIN = ("taken", ""), ("again", "")


@pytest.fixture
def room(db: None) -> Workstation:
    return workstation_for_batches()


def to_trace(by: User, room: Workstation, now: datetime) -> OpenBatch:
    """A batch of traces, as its workstation opens it."""
    return opened(drawn_by(by, room, now=now, kind=BatchKind.TRACES), now=now)


def findings(incident: dict[str, Any], now: datetime, *, gone: bool = False, **more: Any) -> dict[str, Any]:
    """A result with three agreeing traces and, if `gone`, a check that found the content removed."""
    check = {"available": check_that_found_it_gone(now)} if gone else {}
    return result(incident, **{"traces": traces_of_three_methods(now), **check, **more})


def bring(by: User, batch: OpenBatch, *results: dict[str, Any], now: datetime) -> list[tuple[str, str]]:
    return result_lines(import_results(by=by, content=results_of(batch, results, now=now), now=now))


# --- Draw ------------------------------------------------------------------------------------------------------------


def test_trace_is_drawn_until_it_is_agreed_and_check_once_it_is_due(
    illegal: Incident, ana: User, room: Workstation, now: datetime, settings: Any
) -> None:
    settings.CHECK_HOURS, nothing = 24, "No incident waits for this."

    def drawn(kind: BatchKind, at: datetime) -> list[Incident] | str:
        try:
            batch = drawn_by(ana, room, now=at, kind=kind)
        except Denied as denied:
            return str(denied.reason)
        batch_ends.return_batch(by=ana, batch=batch, now=at)
        return [item.incident for item in batch.items.all()]

    assert (drawn(BatchKind.TRACES, now), drawn(BatchKind.CHECKS, now)) == ([illegal], nothing)
    traced(illegal, ana, now, DNS, WHOIS, BGP)
    assert (drawn(BatchKind.TRACES, now), drawn(BatchKind.CHECKS, now)) == (nothing, nothing)
    later = now + timedelta(hours=24)
    assert (drawn(BatchKind.TRACES, later), drawn(BatchKind.CHECKS, later)) == (nothing, [illegal])
    # One method disagrees meanwhile, so a trace is due again.
    traced(illegal, ana, later, HEADERS, country="US")
    assert (drawn(BatchKind.TRACES, later), drawn(BatchKind.CHECKS, later)) == ([illegal], [illegal])


def test_longest_address_that_a_report_can_name_is_drawn(
    belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    address = f"https://example.org/{'😀' * LONGEST_TEXT}"[:LONGEST_TEXT]
    assessed_illegal(incident_of(belize, address, now=now - timedelta(hours=2)), ana, now=now - timedelta(hours=1))
    [incident] = to_trace(ana, room, now).incidents
    assert incident["address"] == "https://example.org/" + "%F0%9F%98%80" * (LONGEST_TEXT - 20)


def test_incident_in_an_open_batch_is_drawn_by_no_other(
    illegal: Incident, ana: User, sena: User, room: Workstation, now: datetime
) -> None:
    batch = drawn_by(ana, room, now=now, kind=BatchKind.TRACES)
    with pytest.raises(Denied, match="No incident waits for this"):
        drawn_by(sena, room, now=now, kind=BatchKind.TRACES)
    batch_ends.revoke_batch(by=ana, batch=batch, now=now)
    assert [item.incident for item in drawn_by(sena, room, now=now, kind=BatchKind.TRACES).items.all()] == [illegal]


def test_batch_holds_only_what_its_drawer_may_see_and_what_is_chased(
    belize: Portal,
    zambia: Portal,
    illegal: Incident,
    ana: User,
    ben: User,
    sena: User,
    room: Workstation,
    now: datetime,
) -> None:
    [other] = illegal_incidents(zambia, ben, now=now)
    words = incident_of(belize, "no address at all", now=now - timedelta(hours=2))
    assessed_illegal(words, ana, now=now - timedelta(hours=1))
    incident_of(belize, "https://example.com/waiting", now=now - timedelta(hours=2))
    for user, incidents in ((ben, {other}), (ana, {illegal}), (sena, {illegal, other})):
        batch = drawn_by(user, room, now=now, kind=BatchKind.TRACES)
        assert {item.incident for item in batch.items.all()} == incidents
        batch_ends.return_batch(by=user, batch=batch, now=now)
    found_gone(illegal, ana)
    with pytest.raises(Denied):
        drawn_by(ana, room, now=now, kind=BatchKind.TRACES)


def test_address_that_cannot_be_opened_is_left_out(
    belize: Portal, illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    [other] = illegal_incidents(belize, ana, now=now)
    Incident.objects.filter(pk=other.pk).update(sealed_address=b"\1damaged")
    batch = to_trace(ana, room, now)
    assert (batch.head["count"], [each["incident"] for each in batch.incidents]) == (1, [str(illegal)])


@pytest.mark.parametrize("kind", [BatchKind.TRACES, BatchKind.CHECKS])
def test_batch_takes_so_many_and_no_more(
    belize: Portal, ana: User, room: Workstation, now: datetime, kind: BatchKind
) -> None:
    illegal_incidents(belize, ana, now=now, number=3)
    later = now + timedelta(days=2)
    assert drawing.draw_batch(by=ana, workstation=room, kinds=[kind], count=2, now=later).items.count() == 2


@pytest.mark.parametrize("role", ["olga", "petra", "axel", "willa", "adam"])
def test_others_draw_nothing_and_import_nothing(
    illegal: Incident, room: Workstation, now: datetime, role: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(role)
    with pytest.raises(Denied):
        drawn_by(user, room, now=now, kind=BatchKind.TRACES)
    with pytest.raises(Denied):
        import_results(by=user, content=b"", now=now)
    assert not Batch.objects.exists()


def test_without_a_key_no_file_is_made(
    illegal: Incident, ana: User, room: Workstation, now: datetime, settings: Any, tmp_path: Any
) -> None:
    batch = drawn_by(ana, room, now=now, kind=BatchKind.TRACES)
    settings.KEYRING = tmp_path
    with pytest.raises(Denied, match="create_keys"):
        drawing.download_batch(by=ana, batch=batch, now=now)
    with pytest.raises(Denied, match="create_keys"):
        import_results(by=ana, content=b"x", now=now)


# --- Import ----------------------------------------------------------------------------------------------------------


def test_traces_are_applied_and_their_item_answered(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    batch = to_trace(ana, room, now)
    assert bring(ana, batch, findings(batch.incidents[0], now), now=now) == [TAKEN]
    item = BatchItem.objects.get()
    assert (item.answered_at, item.refusal) == (now, "")
    chase = illegal.chases.get()
    agreed = (chase.country, str(chase.provider), chase.network, chase.trace)
    assert agreed == ("NL", "Alpha Hosting", "AS64496 Example Net", 1)
    assert {(trace.source, trace.by) for trace in HostingTrace.objects.all()} == {(item.pk, ana)}
    events = AuditEvent.objects.filter(object_id=str(illegal.pk)).order_by("number").values_list("action", flat=True)
    assert [action for action in events if action == "incident.trace"] == ["incident.trace"] * 3
    last = AuditEvent.objects.latest("number")
    assert (last.action, last.actor, last.details) == (
        "batch.import",
        "ana",
        {"batches": [str(item.batch_id)], "taken": 1},
    )


def test_check_is_applied(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    batch = to_trace(ana, room, now)
    bring(ana, batch, findings(batch.incidents[0], now, gone=True, traces=[]), now=now)
    check = AvailabilityCheck.objects.get()
    assert (check.outcome, check.source, check.by) == ("gone", BatchItem.objects.get().pk, ana)
    assert AuditEvent.objects.filter(action="incident.check", object_id=str(illegal.pk)).count() == 1
    assert not HostingTrace.objects.exists()


def test_same_file_again_changes_nothing(
    illegal: Incident, ana: User, sena: User, room: Workstation, now: datetime
) -> None:
    batch = to_trace(ana, room, now)
    said = findings(batch.incidents[0], now, gone=True)
    content = results_of(batch, [said], now=now)
    stored = (HostingTrace, AvailabilityCheck, Chase, BatchItem)
    assert result_lines(import_results(by=ana, content=content, now=now)) == [TAKEN]
    before = [list(model.objects.values()) for model in stored]
    assert result_lines(import_results(by=sena, content=content, now=now + timedelta(hours=1))) == [AGAIN]
    assert [list(model.objects.values()) for model in stored] == before


def test_line_that_a_file_repeats_costs_no_query(
    illegal: Incident, ana: User, room: Workstation, now: datetime, django_assert_max_num_queries: Any
) -> None:
    batch = to_trace(ana, room, now)
    content = results_of(batch, [findings(batch.incidents[0], now, gone=True)] * 40, now=now)
    with django_assert_max_num_queries(150):
        lines = result_lines(import_results(by=ana, content=content, now=now))
    assert (lines[0], set(lines[1:])) == (TAKEN, {AGAIN})


def test_order_of_lines_does_not_matter_and_cut_file_is_noticed(
    belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    illegal_incidents(belize, ana, now=now, number=3)
    batch = to_trace(ana, room, now)
    lines = results_of(batch, [findings(each, now) for each in batch.incidents], now=now).splitlines()
    cut = import_results(by=ana, content=b"\n".join(lines[:2]), now=now)
    assert (result_lines(cut), cut.promised, cut.is_cut_short) == ([TAKEN], 3, True)
    headless = import_results(by=ana, content=lines[2], now=now)
    assert (result_lines(headless), headless.promised) == ([TAKEN], None)
    assert Batch.objects.get().state == BatchState.DRAWN
    whole = import_results(by=ana, content=b"\r\n".join(reversed(lines)), now=now)
    assert (Counter(result_lines(whole)), whole.is_cut_short) == ({TAKEN: 1, AGAIN: 2}, False)
    assert Batch.objects.get().state == BatchState.RETURNED


def test_incident_has_one_result(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    batch = to_trace(ana, room, now)
    [incident] = batch.incidents
    lines = bring(ana, batch, findings(incident, now), findings(incident, now, gone=True), now=now)
    assert lines == [TAKEN, ("refused", "This incident already has a different result.")]
    assert not AvailabilityCheck.objects.exists()


def test_result_about_an_earlier_round_is_stale(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    batch = to_trace(ana, room, now - timedelta(minutes=30))
    actions.close(by=ana, incident=Incident.objects.get(pk=illegal.pk), closing=Closing.EXHAUSTED, now=now)
    actions.reopen(by=ana, incident=Incident.objects.get(pk=illegal.pk), now=now)
    assessed_illegal(Incident.objects.get(pk=illegal.pk), ana, now=now)
    [(outcome, reason)] = bring(ana, batch, findings(batch.incidents[0], now), now=now)
    assert (outcome, reason[:30]) == ("refused", "The incident has been reopened")


def test_result_about_what_is_over_or_elsewhere_is_refused(
    illegal: Incident, zambia: Portal, ana: User, ben: User, room: Workstation, now: datetime
) -> None:
    batch = to_trace(ana, room, now)
    said = findings(batch.incidents[0], now)
    refusal = "This workstation has no such incident, or it concerns a portal you do not work for."
    assert bring(ben, batch, said, now=now) == [("refused", refusal)]
    found_gone(illegal, ana)
    closed = "Only open incidents with an illegal verdict can be traced."
    assert bring(ana, batch, said, now=now) == [("refused", closed)]
    assert BatchItem.objects.get().refusal == closed
    assert not HostingTrace.objects.exists()


def test_result_is_taken_whole_or_not_at_all(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    batch = to_trace(ana, room, now)
    said = findings(batch.incidents[0], now, gone=True)
    said["traces"][2]["note"] = "see https://example.org/gallery"
    head_and_line = results_of(batch, [said], now=now).splitlines()
    [(outcome, reason)] = result_lines(import_results(by=ana, content=head_and_line[1], now=now))
    assert (outcome, reason) == ("refused", "The note contains an address. Describe the method without any address.")
    assert not HostingTrace.objects.exists()
    assert not AvailabilityCheck.objects.exists()
    # Once corrected, the result is accepted.
    said["traces"][2]["note"] = ""
    assert bring(ana, batch, said, now=now) == [TAKEN]


def test_moment_in_another_zone_is_the_same_moment(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    batch, at = to_trace(ana, room, now), (now - timedelta(minutes=5)).replace(microsecond=0)
    place = {"method": "dns", "country": "NL", "provider": "Alpha", "note": "شبكة نوع‌ها"}
    trace = {**place, "at": f"{at + timedelta(hours=5, minutes=30):%Y-%m-%dT%H:%M:%S}+05:30"}
    assert bring(ana, batch, result(batch.incidents[0], traces=[trace]), now=now) == [TAKEN]
    stored = HostingTrace.objects.get()
    assert (stored.at, stored.note) == (at, "شبكة نوع‌ها")


def test_future_is_refused_for_a_trace_and_for_a_check(
    belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    illegal_incidents(belize, ana, now=now, number=2)
    batch, ahead = to_trace(ana, room, now), moment(now + timedelta(minutes=30))
    first, second = batch.incidents
    trace = {**traces_of_three_methods(now)[0], "at": ahead}
    lines = bring(
        ana,
        batch,
        findings(first, now, available={"outcome": "gone", "at": ahead}),
        result(second, traces=[trace]),
        now=now,
    )
    assert lines == [("refused", "This time is in the future.")] * 2
    assert not HostingTrace.objects.exists()


# --- Concurrency -----------------------------------------------------------------------------------------------------


def at_once(act: Any, *users: User) -> None:
    """Run `act` for each user in a thread of its own, at the same time."""
    gate = threading.Barrier(len(users))

    def run(user: User) -> None:
        try:
            gate.wait()
            act(user)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_file_imported_twice_at_once_is_taken_in_once(belize: Portal, ana: User, sena: User, now: datetime) -> None:
    illegal_incidents(belize, ana, now=now, number=6)
    batch = to_trace(ana, workstation_for_batches(secret=SECRET), now)
    content = results_of(batch, [findings(each, now, gone=True) for each in batch.incidents], now=now)
    lines = list[tuple[str, str]]()
    at_once(lambda user: lines.extend(result_lines(import_results(by=user, content=content, now=now))), ana, sena)
    assert Counter(lines) == {TAKEN: 6, AGAIN: 6}
    assert (HostingTrace.objects.count(), AvailabilityCheck.objects.count()) == (18, 6)


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_at_once_get_nothing_twice(belize: Portal, ana: User, sena: User, now: datetime) -> None:
    illegal_incidents(belize, ana, now=now, number=4)
    room, refusals = workstation_for_batches(), list[str]()

    def draw(user: User) -> None:
        try:
            drawn_by(user, room, now=now, kind=BatchKind.TRACES)
        except Denied as denied:
            refusals.append(str(denied.reason))

    at_once(draw, ana, sena)
    assert refusals == ["No incident waits for this."]
    assert BatchItem.objects.count() == 4
