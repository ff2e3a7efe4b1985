"""Files to and from the isolated workstation: questions, accepted answers, and refusals with their reasons."""

import json
import threading
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from analysts.assessment import actions
from analysts.codes import Closing
from analysts.handoff import signing
from analysts.handoff.actions import close_workstation, export_questions, register_workstation
from analysts.handoff.answers import MOST_LINES
from analysts.handoff.signing import Typ
from analysts.models import AvailabilityCheck, Chase, Handoff, HandoffItem, HostingTrace, Incident, User, Workstation
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, HEADERS, WHOIS, illegal, now, traced
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.handing_off import (
    SECRET,
    answer,
    asked_of,
    head,
    import_file,
    moment,
    questions,
    registered,
    result_lines,
    secret_of_a_stranger,
    signed,
)
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports import keys
from reports.fields import LONGEST_TEXT

__all__ = ["illegal", "now"]

TAKEN, AGAIN = ("taken", ""), ("again", "")


@pytest.fixture
def room(db: None) -> Workstation:
    return registered()


def also(belize: Portal, by: User, now: datetime, number: int = 1) -> list[Incident]:
    """Create `number` more illegal incidents."""
    known = Incident.objects.count()
    found = [
        incident_of(belize, f"https://example.com/{known + each}", now=now - timedelta(hours=2))
        for each in range(number)
    ]
    for incident in found:
        assessed_illegal(incident, by, now=now - timedelta(hours=1))
    return found


# --- Export ----------------------------------------------------------------------------------------------------------


def test_file_asks_with_address_for_what_is_not_known(illegal: Incident, ana: User, now: datetime) -> None:
    exported = export_questions(by=ana, now=now)
    [first, question] = questions(exported.content)
    item = HandoffItem.objects.get()
    assert first == {
        "kind": "export",
        "format": 1,
        "file": str(exported.handoff.pk),
        "made_at": now.isoformat().replace("+00:00", "Z"),
        "count": 1,
    }
    assert question == {
        "kind": "question",
        "file": str(exported.handoff.pk),
        "number": 1,
        "item": str(item.pk),
        "asked": ["trace"],
        "round": 1,
        "address": "https://example.org/gallery",
    }
    assert (item.incident, item.asked, item.round, item.answered_at) == (illegal, ["trace"], 1, None)


def test_longest_address_that_a_report_can_name_is_asked_about(belize: Portal, ana: User, now: datetime) -> None:
    address = f"https://example.org/{'😀' * LONGEST_TEXT}"[:LONGEST_TEXT]
    assessed_illegal(incident_of(belize, address, now=now - timedelta(hours=2)), ana, now=now - timedelta(hours=1))
    [_head, question] = questions(export_questions(by=ana, now=now).content)
    assert question["address"] == "https://example.org/" + "%F0%9F%98%80" * (LONGEST_TEXT - 20)


def test_file_is_on_record_for_each_incident_without_addresses(illegal: Incident, ana: User, now: datetime) -> None:
    exported = export_questions(by=ana, now=now)
    events = AuditEvent.objects.order_by("-number")[:2]
    assert [(event.action, event.object_id, event.details) for event in events] == [
        ("handoff.export", str(exported.handoff.pk), {"count": 1}),
        ("incident.hand_off", str(illegal.pk), {"handoff": str(exported.handoff.pk)}),
    ]
    assert "example.org" not in str(list(AuditEvent.objects.values()))


def test_check_is_asked_once_it_is_due_and_trace_until_it_is_agreed(
    illegal: Incident, ana: User, now: datetime, settings: Any
) -> None:
    settings.CHECK_HOURS = 24
    traced(illegal, ana, now, DNS, WHOIS, BGP)
    with pytest.raises(Denied, match="No incident needs the isolated workstation now"):
        export_questions(by=ana, now=now)
    later = now + timedelta(hours=24)
    assert asked_of(illegal, ana, now=later).asked == ["available"]
    # One method disagrees meanwhile, so a trace is due again.
    traced(illegal, ana, later, HEADERS, country="US")
    assert asked_of(illegal, ana, now=later, again=True).asked == ["trace", "available"]


def test_what_a_file_asks_already_is_asked_again_only_on_demand(illegal: Incident, ana: User, now: datetime) -> None:
    export_questions(by=ana, now=now)
    with pytest.raises(Denied, match="No incident needs the isolated workstation now"):
        export_questions(by=ana, now=now)
    assert len(questions(export_questions(by=ana, again=True, now=now).content)) == 2


def test_file_holds_only_what_its_maker_may_see_and_what_is_chased(
    belize: Portal, zambia: Portal, illegal: Incident, ana: User, ben: User, sena: User, now: datetime
) -> None:
    other = incident_of(zambia, "https://example.net/", now=now - timedelta(hours=2))
    assessed_illegal(other, ben, now=now - timedelta(hours=1))
    words = incident_of(belize, "no address at all", now=now - timedelta(hours=2))
    assessed_illegal(words, ana, now=now - timedelta(hours=1))
    incident_of(belize, "https://example.com/waiting", now=now - timedelta(hours=2))
    assert [item.incident for item in export_questions(by=ben, now=now).handoff.items.all()] == [other]
    assert [item.incident for item in export_questions(by=ana, now=now).handoff.items.all()] == [illegal]
    assert export_questions(by=sena, again=True, now=now).handoff.items.count() == 2
    found_gone(illegal, ana)
    with pytest.raises(Denied):
        export_questions(by=ana, again=True, now=now)


def test_address_that_cannot_be_opened_is_left_out_and_counted(
    belize: Portal, illegal: Incident, ana: User, now: datetime
) -> None:
    [other] = also(belize, ana, now)
    Incident.objects.filter(pk=other.pk).update(sealed_address=b"\1damaged")
    exported = export_questions(by=ana, now=now)
    assert exported.unreadable == 1
    assert [line.get("count", "-") for line in questions(exported.content)] == [1, "-"]


def test_file_takes_so_many_and_no_more(
    belize: Portal, ana: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysts.handoff.actions.MOST_ITEMS", 2)
    also(belize, ana, now, 3)
    assert [len(questions(export_questions(by=ana, now=now).content)) for _ in range(2)] == [3, 2]


@pytest.mark.parametrize("role", ["olga", "petra", "axel", "willa", "adam"])
def test_others_make_no_file_and_bring_none(
    illegal: Incident, now: datetime, role: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(role)
    with pytest.raises(Denied):
        export_questions(by=user, now=now)
    with pytest.raises(Denied):
        import_file(user, b"", now=now)
    assert not Handoff.objects.exists()


def test_without_a_key_no_file_is_made(
    illegal: Incident, ana: User, now: datetime, settings: Any, tmp_path: Any
) -> None:
    settings.KEYRING = tmp_path
    with pytest.raises(Denied, match="create_keys"):
        export_questions(by=ana, now=now)


# --- Import ----------------------------------------------------------------------------------------------------------


def test_answer_is_applied_and_its_question_answered(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    item = asked_of(illegal, ana, now=now)
    came = import_file(ana, signed(head(1, now=now), answer(item, now=now)), now=now)
    assert (result_lines(came), came.promised, came.is_cut_short) == ([TAKEN], 1, False)
    item.refresh_from_db()
    assert (item.answered_at, item.workstation) == (now, room)
    chase = illegal.chases.get()
    assert (chase.country, str(chase.provider), chase.network, chase.trace) == (
        "NL",
        "Alpha Hosting",
        "AS64496 Example Net",
        1,
    )
    assert {trace.source for trace in HostingTrace.objects.all()} == {item.pk}
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.details) == (
        "handoff.import",
        "ana",
        {"workstations": ["Room 2"], "taken": 1},
    )


def test_availability_is_applied(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    item = asked_of(illegal, ana, now=now)
    import_file(ana, signed(answer(item, now=now, gone=True, traces=[])), now=now)
    kept = AvailabilityCheck.objects.get()
    assert (kept.outcome, kept.source, kept.by) == ("gone", item.pk, ana)
    assert not HostingTrace.objects.exists()


def test_same_file_again_changes_nothing(
    illegal: Incident, ana: User, sena: User, room: Workstation, now: datetime
) -> None:
    content = signed(head(1, now=now), answer(asked_of(illegal, ana, now=now), now=now, gone=True))
    assert result_lines(import_file(ana, content, now=now)) == [TAKEN]
    before = [list(model.objects.values()) for model in (HostingTrace, AvailabilityCheck, Chase, HandoffItem)]
    assert result_lines(import_file(sena, content, now=now + timedelta(hours=1))) == [AGAIN]
    assert [list(model.objects.values()) for model in (HostingTrace, AvailabilityCheck, Chase, HandoffItem)] == before
    assert AuditEvent.objects.latest("number").details == {"workstations": ["Room 2"], "again": 1}


def test_line_that_a_file_repeats_costs_no_query(
    illegal: Incident, ana: User, room: Workstation, now: datetime, django_assert_max_num_queries: Any
) -> None:
    content = signed(answer(asked_of(illegal, ana, now=now), now=now, gone=True))
    with django_assert_max_num_queries(150):
        lines = result_lines(import_file(ana, content * 200, now=now))
    assert (lines[0], set(lines[1:])) == (TAKEN, {AGAIN})


def test_what_is_wrong_is_refused_and_the_rest_kept(
    belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    incidents = also(belize, ana, now, 4)
    items = {item.incident: item for item in export_questions(by=ana, now=now).handoff.items.all()}
    lines = [signed(answer(items[each], now=now)).strip() for each in incidents]
    header, payload, signature = lines[1].split(b".")
    other = json.loads(urlsafe_b64decode(payload + b"=="))
    other["traces"][0]["country"] = "US"
    lines[1] = b".".join([header, urlsafe_b64encode(json.dumps(other).encode()).rstrip(b"="), signature])
    lines[2] = lines[2][:-30]
    came = import_file(ana, b"\r\n".join([*lines, b"", b"\xff\xfe", b"hello"]), now=now)
    assert result_lines(came) == [
        TAKEN,
        ("refused", "The signature is invalid: the line was changed after it was signed."),
        ("refused", "The signature is invalid: the line was changed after it was signed."),
        TAKEN,
        *[("refused", "This is not a line of answers: it is damaged, cut short or from another kind of file.")] * 2,
    ]
    assert [line.number for line in came.lines] == [1, 2, 3, 4, 6, 7]
    assert set(HostingTrace.objects.values_list("incident", flat=True)) == {incidents[0].pk, incidents[3].pk}


def test_order_of_lines_does_not_matter(belize: Portal, ana: User, room: Workstation, now: datetime) -> None:
    also(belize, ana, now, 3)
    items = export_questions(by=ana, now=now).handoff.items.all()
    content = signed(head(3, now=now), *(answer(item, now=now) for item in items))
    turned = b"\n".join(reversed(content.splitlines()))
    came = import_file(ana, turned, now=now)
    assert (result_lines(came), came.is_cut_short) == ([TAKEN] * 3, False)


def test_cut_file_is_noticed_and_what_is_there_kept(
    belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    also(belize, ana, now, 3)
    items = export_questions(by=ana, now=now).handoff.items.all()
    content = signed(head(3, now=now), *(answer(item, now=now) for item in items))
    came = import_file(ana, b"\n".join(content.splitlines()[:3]), now=now)
    assert (result_lines(came), came.promised, came.is_cut_short) == ([TAKEN] * 2, 3, True)
    headless = import_file(ana, b"\n".join(content.splitlines()[3:]), now=now)
    assert (result_lines(headless), headless.promised) == ([TAKEN], None)


@pytest.mark.parametrize("who", ["stranger", "closed", "installation", "other kind"])
def test_line_that_no_workstation_in_use_signed_as_an_answer_is_refused(
    illegal: Incident, ana: User, adam: User, room: Workstation, now: datetime, who: str
) -> None:
    said = answer(asked_of(illegal, ana, now=now), now=now)
    unknown = "Signed by a workstation that is closed or was never registered."
    match who:
        case "stranger":
            content, reason = signed(said, secret=secret_of_a_stranger()), unknown
        case "closed":
            close_workstation(by=adam, workstation=room)
            content, reason = signed(said), unknown
        case "installation":
            content, reason = signed(said, secret=keys.handoff_key()), unknown
        case _:
            content, reason = signed(said, typ=Typ.EXPORT), "This is not a line of answers"
    [(came, why)] = result_lines(import_file(ana, content, now=now))
    assert (came, why.startswith(reason)) == ("refused", True)
    assert not HostingTrace.objects.exists()


def test_header_that_names_another_algorithm_or_more_is_no_line(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    said = answer(asked_of(illegal, ana, now=now), now=now)
    _header, payload, signature = signed(said).strip().split(b".")
    right = {"alg": "EdDSA", "kid": signing.public_key_id(signing.public_half(SECRET)), "typ": "handoff-answers"}
    wrongs: list[dict[str, Any]] = [
        {"alg": "none"},
        {"alg": "HS256"},
        {"crit": ["x"], "x": 1},
        {"jwk": {}},
        {"kid": 7},
        {"kid": ["a"]},
        {"typ": "JWT"},
        {"b64": False, "crit": ["b64"]},
    ]
    for wrong in wrongs:
        header = urlsafe_b64encode(json.dumps(right | wrong).encode()).rstrip(b"=")
        for sign in (signature, b""):
            [(came, why)] = result_lines(import_file(ana, b".".join([header, payload, sign]), now=now))
            assert (came, why.startswith("This is not a line of answers")) == ("refused", True), wrong


# --- Out-of-date answers ---------------------------------------------------------------------------------------------


def test_question_is_answered_once(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    item = asked_of(illegal, ana, now=now)
    otherwise = answer(item, now=now, gone=True)
    came = import_file(ana, signed(answer(item, now=now), otherwise), now=now)
    assert result_lines(came) == [TAKEN, ("refused", "This question already has a different answer.")]
    assert not AvailabilityCheck.objects.exists()


def test_answer_about_an_earlier_round_is_stale(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    item = asked_of(illegal, ana, now=now - timedelta(minutes=30))
    actions.close(by=ana, incident=Incident.objects.get(pk=illegal.pk), closing=Closing.EXHAUSTED, now=now)
    actions.reopen(by=ana, incident=Incident.objects.get(pk=illegal.pk), now=now)
    assessed_illegal(Incident.objects.get(pk=illegal.pk), ana, now=now)
    [(came, why)] = result_lines(import_file(ana, signed(answer(item, now=now)), now=now))
    assert (came, why[:30]) == ("refused", "The incident has been reopened")


def test_answer_is_stale_once_a_newer_file_asks_the_same(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    older = asked_of(illegal, ana, now=now - timedelta(minutes=30))
    newer = asked_of(illegal, ana, again=True, now=now - timedelta(minutes=20))
    came = import_file(ana, signed(answer(older, now=now), answer(newer, now=now)), now=now)
    assert result_lines(came) == [("refused", "A newer workstation file asks this again. Answer the newer one."), TAKEN]


def test_answer_about_what_is_over_or_unknown_is_refused(
    illegal: Incident, ana: User, ben: User, room: Workstation, now: datetime
) -> None:
    item = asked_of(illegal, ana, now=now)
    refusal = "There is no such question, or it concerns a portal you do not work for."
    assert result_lines(import_file(ben, signed(answer(item, now=now)), now=now)) == [("refused", refusal)]
    assert result_lines(import_file(ana, signed(answer(uuid.uuid4(), now=now)), now=now)) == [("refused", refusal)]
    found_gone(illegal, ana)
    [(came, why)] = result_lines(import_file(ana, signed(answer(item, now=now)), now=now))
    assert (came, why) == ("refused", "Only open incidents with an illegal verdict can be traced.")


def test_answer_is_taken_whole_or_not_at_all(illegal: Incident, ana: User, room: Workstation, now: datetime) -> None:
    item = asked_of(illegal, ana, now=now)
    said = answer(item, now=now, gone=True)
    said["traces"][2]["note"] = "see https://example.org/gallery"
    [(came, why)] = result_lines(import_file(ana, signed(said), now=now))
    assert (came, why) == ("refused", "The note contains an address. Describe the method without any address.")
    assert not HostingTrace.objects.exists()
    assert not AvailabilityCheck.objects.exists()
    # Once corrected, the answer is accepted.
    said["traces"][2]["note"] = ""
    assert result_lines(import_file(ana, signed(said), now=now)) == [TAKEN]


# --- Hostile lines ---------------------------------------------------------------------------------------------------


def trace_with(**more: Any) -> dict[str, Any]:
    at = "2026-11-25T12:00:00Z"
    return {"traces": [{"method": "dns", "country": "NL", "provider": "Alpha", "at": at, **more}]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "question"},
        {"kind": None},
        {"item": "7"},
        {"item": None},
        {"item": 7},
        {"extra": "field"},
        {"traces": []},
        {"traces": None},
        {"traces": {}},
        {"traces": [trace_with()["traces"][0]] * 2},
        {"traces": [trace_with()["traces"][0]] * 100},
        trace_with(method="magic"),
        trace_with(method="other"),
        trace_with(method=1),
        trace_with(country="nl"),
        trace_with(country="EU"),
        trace_with(country="NLD"),
        trace_with(provider=""),
        trace_with(provider="   "),
        trace_with(provider="x" * 121),
        trace_with(provider="a\0b"),
        trace_with(provider="a\nb"),
        trace_with(provider="a\u202eb"),
        trace_with(provider=["Alpha"]),
        trace_with(network="x" * 121),
        trace_with(note="x" * 201),
        trace_with(at="2026-11-25T12:00:00"),
        trace_with(at="2026-11-25"),
        trace_with(at=1764072000),
        trace_with(at="1764072000"),
        trace_with(at="2026-02-30T12:00:00Z"),
        trace_with(at="0001-01-01T00:00:00+14:00"),
        trace_with(at="9999-12-31T23:59:59-14:00"),
        trace_with(at="２０２６-11-25T12:00:00Z"),
        {"available": {"outcome": "perhaps", "at": "2026-11-25T12:00:00Z"}},
        {"available": {"outcome": "gone"}},
        {"available": "gone"},
    ],
)
def test_malformed_answer_is_refused_with_the_place(
    illegal: Incident, ana: User, room: Workstation, now: datetime, wrong: dict[str, Any]
) -> None:
    said = answer(asked_of(illegal, ana, now=now), now=now) | wrong
    [(came, why)] = result_lines(import_file(ana, signed(said), now=now))
    assert (came, why.startswith("Invalid format: ")) == ("refused", True)
    assert not HostingTrace.objects.exists()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"answer"',
        b"{",
        b"\xff",
        b'{"kind": "answer", "item": NaN}',
        b'{"kind": "answers", "format": 1e400}',
        b'{"kind": "answers", "format": 1, "made_at": "2026-11-25T12:00:00Z", "count": 99999999999999999999999}',
        b'{"kind": "answers", "format": 2, "made_at": "2026-11-25T12:00:00Z", "count": 1}',
        b'{"kind": "answer", "item": "\\ud800"}',
        b'{"kind": "answer", "traces": ' + b"[" * 9000 + b"]" * 9000 + b"}",
    ],
)
def test_payload_that_is_no_answer_is_refused(ana: User, room: Workstation, now: datetime, payload: bytes) -> None:
    line = signing.sign_line(payload, secret=SECRET, typ=Typ.ANSWERS).encode()
    [(came, why)] = result_lines(import_file(ana, line, now=now))
    assert (came, why.startswith("Invalid format: ")) == ("refused", True)


def test_moment_in_another_zone_is_the_same_moment(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    at = (now - timedelta(minutes=5)).replace(microsecond=0)
    place = {"method": "dns", "country": "NL", "provider": "Alpha", "note": "شبكة نوع‌ها"}
    said = {"traces": [{**place, "at": f"{at + timedelta(hours=5, minutes=30):%Y-%m-%dT%H:%M:%S}+05:30"}]}
    import_file(ana, signed(answer(asked_of(illegal, ana, now=now), now=now) | said), now=now)
    kept = HostingTrace.objects.get()
    assert (kept.at, kept.note) == (at, "شبكة نوع‌ها")


def test_future_is_refused_for_a_trace_and_for_a_look(
    belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    also(belize, ana, now, 2)
    first, second = export_questions(by=ana, now=now).handoff.items.all()
    ahead = moment(now + timedelta(minutes=30))
    content = signed(
        answer(first, now=now) | {"available": {"outcome": "gone", "at": ahead}},
        answer(second, now=now) | trace_with(at=ahead),
    )
    assert result_lines(import_file(ana, content, now=now)) == [("refused", "This time is in the future.")] * 2
    assert not HostingTrace.objects.exists()


def test_long_line_and_many_lines_are_not_read(ana: User, room: Workstation, now: datetime) -> None:
    [(_came, why)] = result_lines(import_file(ana, b"x" * 40_000, now=now))
    assert why == "This line is too long."
    came = result_lines(import_file(ana, b"x\n" * (MOST_LINES + 200), now=now))
    assert len(came) == MOST_LINES + 1
    assert came[-1][1] == "More than 201 lines. The lines from here on were not read. Split the file."


# --- Workstations ----------------------------------------------------------------------------------------------------


def test_workstation_is_registered_and_closed_on_record(adam: User, now: datetime) -> None:
    public = signing.public_half(SECRET)
    room = register_workstation(by=adam, name="Room 2", public_key=public, now=now)
    close_workstation(by=adam, workstation=room, now=now)
    room.refresh_from_db()
    assert (room.closed_on, bytes(room.public_key), room.by) == (now.date(), public, adam)
    details = {"name": "Room 2", "key": signing.public_key_id(public)}
    events = AuditEvent.objects.order_by("number").values_list("action", "actor", "details")
    assert list(events) == [("workstation.register", "adam", details), ("workstation.close", "adam", details)]
    with pytest.raises(Denied, match="already closed"):
        close_workstation(by=adam, workstation=room)


@pytest.mark.parametrize("role", ["ana", "sena", "olga", "petra", "axel", "willa"])
def test_only_administrators_can_register_or_close_workstations(role: str, request: pytest.FixtureRequest) -> None:
    user = request.getfixturevalue(role)
    with pytest.raises(Denied):
        register_workstation(by=user, name="Room 2", public_key=signing.public_half(SECRET))
    room = registered()
    with pytest.raises(Denied):
        close_workstation(by=user, workstation=room)


def test_name_and_key_are_used_once_even_after_closing(adam: User, room: Workstation) -> None:
    close_workstation(by=adam, workstation=room)
    for name, secret in (("Room 2", secret_of_a_stranger()), ("Room 3", SECRET)):
        with pytest.raises(Denied, match="has this name or key"):
            register_workstation(by=adam, name=name, public_key=signing.public_half(secret))


# --- Concurrency -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_file_brought_twice_at_once_is_taken_in_once(belize: Portal, ana: User, sena: User, now: datetime) -> None:
    registered()
    also(belize, ana, now, 6)
    items = export_questions(by=ana, now=now).handoff.items.all()
    content = signed(head(6, now=now), *(answer(item, now=now, gone=True) for item in items))
    gate, came = threading.Barrier(2), list[tuple[str, str]]()

    def bring(by: User) -> None:
        try:
            gate.wait()
            came.extend(result_lines(import_file(by, content, now=now)))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring, args=[by]) for by in (ana, sena)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(came) == {TAKEN: 6, AGAIN: 6}
    assert (HostingTrace.objects.count(), AvailabilityCheck.objects.count()) == (18, 6)


@pytest.mark.django_db(transaction=True)
def test_two_who_make_a_file_at_once_ask_nothing_twice(belize: Portal, ana: User, sena: User, now: datetime) -> None:
    also(belize, ana, now, 4)
    gate, refused = threading.Barrier(2), list[str]()

    def make(by: User) -> None:
        try:
            gate.wait()
            export_questions(by=by, now=now)
        except Denied as denied:
            refused.append(str(denied.reason))
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=[by]) for by in (ana, sena)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["No incident needs the isolated workstation now."]
    assert HandoffItem.objects.count() == 4
