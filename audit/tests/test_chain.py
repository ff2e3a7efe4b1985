"""Verification finds every kind of tampering and no fault in an intact chain."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import chain
from audit.actions import record_event
from audit.chain import Anchor, ChainFault, FaultKind
from audit.models import AuditEvent

type ChainOf = Callable[[int], list[AuditEvent]]
type Tamper = Callable[..., None]


def rebuild(tamper: Tamper, first: int, last: int) -> None:
    """Recompute the hashes of the events from `first` to `last`, as an attacker who knows the algorithm would."""
    previous_hash = AuditEvent.objects.get(number=first - 1).hash
    for number in range(first, last + 1):
        event = AuditEvent.objects.get(number=number)
        event.previous_hash = previous_hash
        previous_hash = chain.event_digest(event)
        tamper(
            "UPDATE audit_auditevent SET previous_hash = %s, hash = %s WHERE number = %s",
            event.previous_hash,
            previous_hash,
            number,
        )


def test_verify_a_sound_chain_finds_nothing(chain_of: ChainOf) -> None:
    events = chain_of(7)

    for batch in (1, 3, 7, 5000):
        verdict = chain.verify_chain(anchors=[Anchor(4, events[3].hash)], batch=batch)
        assert verdict == chain.ChainResult(7, 7, events[6].hash, [])


def test_verify_of_what_follows_an_anchor_reads_no_more(chain_of: ChainOf, tamper: Tamper) -> None:
    third = Anchor(3, chain_of(5)[2].hash)
    tamper("UPDATE audit_auditevent SET actor = 'ben' WHERE number = 2")
    assert chain.verify_chain(after=third) == chain.ChainResult(2, 5, chain.newest_anchor().hash, [])

    tamper("UPDATE audit_auditevent SET actor = 'ben' WHERE number = 4")
    assert chain.verify_chain(after=third).faults == [ChainFault(4, FaultKind.EDITED)]
    assert chain.verify_chain(after=Anchor(3, "f" * 64)).faults[0] == ChainFault(3, FaultKind.REWRITTEN)
    tamper("DELETE FROM audit_auditevent WHERE number >= 3")
    assert chain.verify_chain(after=third) == chain.ChainResult(0, 3, third.hash, [ChainFault(3, FaultKind.CUT_OFF)])


@pytest.mark.django_db
def test_verify_an_empty_chain_finds_nothing() -> None:
    assert chain.verify_chain(anchors=[chain.START]) == chain.ChainResult(0, 0, "0" * 64, [])


def test_verify_reads_in_batches(chain_of: ChainOf, django_assert_num_queries: Any) -> None:
    chain_of(7)

    with django_assert_num_queries(4):
        chain.verify_chain(batch=3)


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "actor = 'ben'",
        "role = 'senior'",
        "action = 'incident.release'",
        "object_type = 'reports.receipt'",
        "object_id = '7'",
        "portal = 'zm'",
        """details = '{"step": 99}'""",
        """details = '{"step": 5, "more": null}'""",
        """details = '{"step": true}'""",
        """details = '{"step": 5.0}'""",
        "details = 'null'",
    ],
)
def test_verify_finds_an_edit_of_any_field(chain_of: ChainOf, tamper: Tamper, change: str) -> None:
    chain_of(6)

    tamper("UPDATE audit_auditevent SET " + change + " WHERE number = 6")

    assert chain.verify_chain().faults == [ChainFault(6, FaultKind.EDITED)]


def test_verify_finds_an_edit_of_the_number(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(6)

    tamper("UPDATE audit_auditevent SET number = 1000 WHERE number = 6")

    assert chain.verify_chain().faults == [ChainFault(6, FaultKind.MISSING), ChainFault(1000, FaultKind.EDITED)]


@pytest.mark.parametrize("name", [field.name for field in AuditEvent._meta.concrete_fields])
def test_digest_covers_every_field_but_the_hash(chain_of: ChainOf, name: str) -> None:
    """A model field missing from the hash could be edited without a trace."""
    (event,) = chain_of(1)
    before = chain.event_digest(event)
    value = getattr(event, name)

    setattr(event, name, value + timedelta(microseconds=1) if isinstance(value, datetime) else ["changed"])

    assert (chain.event_digest(event) == before) is (name == "hash")


def test_verify_finds_an_edit_with_its_own_hash_made_again(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(6)

    tamper("UPDATE audit_auditevent SET actor = 'ben' WHERE number = 3")
    rebuild(tamper, 3, 3)

    assert chain.verify_chain().faults == [ChainFault(4, FaultKind.UNLINKED)]


def test_verify_finds_an_edited_hash(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(6)

    tamper("UPDATE audit_auditevent SET hash = %s WHERE number = 3", "f" * 64)

    assert chain.verify_chain().faults == [ChainFault(3, FaultKind.EDITED), ChainFault(4, FaultKind.UNLINKED)]


@pytest.mark.parametrize(
    ("condition", "faults"),
    [
        ("number = 3", [ChainFault(3, FaultKind.MISSING)]),
        ("number BETWEEN 2 AND 4", [ChainFault(2, FaultKind.MISSING)]),
        ("number <= 2", [ChainFault(1, FaultKind.MISSING)]),
        ("number IN (2, 4)", [ChainFault(2, FaultKind.MISSING), ChainFault(4, FaultKind.MISSING)]),
    ],
)
def test_verify_finds_deleted_events(
    chain_of: ChainOf, tamper: Tamper, condition: str, faults: list[ChainFault]
) -> None:
    chain_of(6)

    tamper("DELETE FROM audit_auditevent WHERE " + condition)

    assert chain.verify_chain().faults == faults


def test_verify_finds_a_deletion_closed_by_renumbering(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(4)

    tamper("DELETE FROM audit_auditevent WHERE number = 3")
    tamper("UPDATE audit_auditevent SET number = 3 WHERE number = 4")

    assert chain.verify_chain().faults == [ChainFault(3, FaultKind.UNLINKED), ChainFault(3, FaultKind.EDITED)]


def test_verify_finds_swapped_contents(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(4)

    tamper(
        "UPDATE audit_auditevent a SET details = b.details FROM audit_auditevent b"
        " WHERE (a.number, b.number) IN ((2, 3), (3, 2))"
    )

    assert chain.verify_chain().faults == [ChainFault(2, FaultKind.EDITED), ChainFault(3, FaultKind.EDITED)]


def test_verify_finds_swapped_numbers(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(4)

    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper("UPDATE audit_auditevent SET number = %s WHERE number = %s", new, old)

    assert chain.verify_chain().faults == [
        ChainFault(2, FaultKind.UNLINKED),
        ChainFault(2, FaultKind.EDITED),
        ChainFault(3, FaultKind.UNLINKED),
        ChainFault(3, FaultKind.EDITED),
        ChainFault(4, FaultKind.UNLINKED),
    ]


def test_verify_finds_an_event_put_in_between(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(4)

    tamper("UPDATE audit_auditevent SET number = number + 1000 WHERE number >= 3")
    tamper("UPDATE audit_auditevent SET number = number - 999 WHERE number >= 1003")
    forged = AuditEvent.objects.get(number=2)
    forged.number, forged.previous_hash = 3, forged.hash
    # Events 3 and 4 became 4 and 5. The link of event 4 is changed, because only one event can follow 2.
    tamper("UPDATE audit_auditevent SET previous_hash = %s WHERE number = 4", "f" * 64)
    forged.hash = chain.event_digest(forged)
    forged.save(force_insert=True)

    assert chain.verify_chain().faults == [
        ChainFault(4, FaultKind.UNLINKED),
        ChainFault(4, FaultKind.EDITED),
        ChainFault(5, FaultKind.EDITED),
    ]


def test_verify_finds_an_event_added_beyond_the_record_function(chain_of: ChainOf) -> None:
    (last,) = chain_of(1)

    AuditEvent.objects.create(number=2, at=last.at, action="incident.close", previous_hash=last.hash, hash="f" * 64)

    assert chain.verify_chain().faults == [ChainFault(2, FaultKind.EDITED)]


def test_verify_finds_a_chain_that_was_cut_off_against_its_anchor(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(6)
    anchor = chain.newest_anchor()

    tamper("DELETE FROM audit_auditevent WHERE number >= 5")

    assert chain.verify_chain().faults == []
    assert chain.verify_chain(anchors=[anchor]).faults == [ChainFault(6, FaultKind.CUT_OFF)]


def test_verify_finds_an_emptied_table_against_its_anchor(chain_of: ChainOf) -> None:
    chain_of(3)
    anchor = chain.newest_anchor()

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_auditevent")

    assert chain.verify_chain(anchors=[anchor]).faults == [ChainFault(3, FaultKind.CUT_OFF)]


def test_verify_finds_a_chain_rebuilt_to_its_end_against_its_anchor(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(5)
    anchor = chain.newest_anchor()
    chain_of(1)

    tamper("UPDATE audit_auditevent SET actor = 'ben' WHERE number = 3")
    rebuild(tamper, 3, 6)

    assert chain.verify_chain().faults == []
    assert chain.verify_chain(anchors=[anchor]).faults == [ChainFault(5, FaultKind.REWRITTEN)]


def test_verify_finds_an_end_that_was_cut_off_and_grown_again(chain_of: ChainOf, tamper: Tamper, ana: Any) -> None:
    chain_of(4)
    anchor = chain.newest_anchor()

    tamper("DELETE FROM audit_auditevent WHERE number >= 3")
    for _step in range(4):
        record_event(by=ana, action="incident.release")

    assert chain.verify_chain().faults == []
    assert chain.verify_chain(anchors=[anchor]).faults == [ChainFault(4, FaultKind.REWRITTEN)]


def test_verify_stops_in_a_ruined_chain(chain_of: ChainOf, tamper: Tamper, monkeypatch: pytest.MonkeyPatch) -> None:
    chain_of(6)
    monkeypatch.setattr(chain, "MOST_FAULTS", 3)

    tamper("UPDATE audit_auditevent SET actor = 'ben'")

    verdict = chain.verify_chain(anchors=[Anchor(6, "f" * 64)])
    assert (verdict.events, verdict.last_number) == (3, 3)
    assert verdict.faults == [
        ChainFault(1, FaultKind.EDITED),
        ChainFault(2, FaultKind.EDITED),
        ChainFault(3, FaultKind.EDITED),
        ChainFault(3, FaultKind.STOPPED),
    ]


def test_head_is_the_newest_event(chain_of: ChainOf) -> None:
    assert chain.newest_anchor() == chain.START

    events = chain_of(3)

    assert chain.newest_anchor() == Anchor(3, events[2].hash)


def test_anchor_reads_what_it_writes() -> None:
    anchor = Anchor(12, "0123456789abcdef" * 4)

    assert Anchor.parse(f" {anchor}\n") == anchor


@pytest.mark.parametrize(
    "text", ["", "12", "12:", ":" + "0" * 64, "12:" + "0" * 63, "12:" + "G" * 64, "-1:" + "0" * 64]
)
def test_anchor_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number:hash"):
        Anchor.parse(text)


def test_anchor_audit_prints_the_newest_event(chain_of: ChainOf) -> None:
    last = chain_of(2)[1]
    out = StringIO()

    call_command("anchor_audit", stdout=out)

    assert out.getvalue() == f"2:{last.hash}\n"


def test_verify_audit_says_that_a_chain_is_sound(chain_of: ChainOf) -> None:
    chain_of(2)
    out = StringIO()

    call_command("verify_audit", stdout=out)
    call_command("verify_audit", anchor=chain.newest_anchor(), stdout=out)

    assert out.getvalue().splitlines() == [
        "2 audit events read, the last one is number 2.",
        "No fault. Without an anchor, a rebuilt or truncated chain cannot be detected.",
        "2 audit events read, the last one is number 2.",
        "No fault; the anchor matches.",
    ]


def test_verify_audit_lists_faults_and_ends_with_one(chain_of: ChainOf, tamper: Tamper) -> None:
    chain_of(3)
    anchor = chain.newest_anchor()
    tamper("UPDATE audit_auditevent SET actor = 'ben' WHERE number = 1")
    tamper("DELETE FROM audit_auditevent WHERE number >= 2")
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--anchor", str(anchor), stdout=out)

    assert ended.value.code == 1
    assert out.getvalue().splitlines() == [
        "1 audit event read, the last one is number 1.",
        "1: the event does not match its own hash: it was changed",
        "3: the event the anchor names is missing: the end of the chain was cut off",
    ]


def test_verify_audit_refuses_an_anchor_of_another_form() -> None:
    with pytest.raises(CommandError, match="--anchor"):
        call_command("verify_audit", "--anchor", "yesterday")


# --- Each kind of tampering -------------------------------------------------------------------------


def _edit(tamper: Tamper) -> None:
    tamper("UPDATE audit_auditevent SET actor = 'ben' WHERE number = 3")


def _delete(tamper: Tamper) -> None:
    tamper("DELETE FROM audit_auditevent WHERE number = 3")


def _swap(tamper: Tamper) -> None:
    tamper(
        "UPDATE audit_auditevent a SET details = b.details FROM audit_auditevent b"
        " WHERE (a.number, b.number) IN ((2, 3), (3, 2))"
    )


def _insert(tamper: Tamper) -> None:
    """Insert a forged event after 2; the later events move up and are linked to it."""
    tamper("UPDATE audit_auditevent SET number = number + 1000 WHERE number >= 3")
    tamper("UPDATE audit_auditevent SET number = number - 999 WHERE number >= 1003")
    forged = AuditEvent.objects.get(number=2)
    forged.number, forged.previous_hash, forged.details = 3, forged.hash, {"step": 99}
    forged.hash = chain.event_digest(forged)
    tamper("UPDATE audit_auditevent SET previous_hash = %s WHERE number = 4", forged.hash)
    forged.save(force_insert=True)


def _truncate(tamper: Tamper) -> None:
    tamper("DELETE FROM audit_auditevent WHERE number >= 5")


def _rehash(tamper: Tamper) -> None:
    _edit(tamper)
    rebuild(tamper, 3, 6)


def _nothing(tamper: Tamper) -> None:
    """Change nothing, as a control."""


@pytest.mark.parametrize(
    ("how", "alone", "anchored"),
    [
        pytest.param(_edit, {FaultKind.EDITED}, {FaultKind.EDITED}, id="edit"),
        pytest.param(_delete, {FaultKind.MISSING}, {FaultKind.MISSING}, id="delete"),
        pytest.param(_swap, {FaultKind.EDITED}, {FaultKind.EDITED}, id="swap"),
        pytest.param(_insert, {FaultKind.EDITED}, {FaultKind.EDITED, FaultKind.REWRITTEN}, id="insert"),
        # These two leave an intact chain, so only an anchor stored elsewhere reveals them.
        pytest.param(_truncate, set(), {FaultKind.CUT_OFF}, id="truncate"),
        pytest.param(_rehash, set(), {FaultKind.REWRITTEN}, id="re-hash"),
        pytest.param(_nothing, set(), set(), id="control"),
    ],
)
def test_verify_finds_each_kind_of_tampering(
    chain_of: ChainOf, tamper: Tamper, how: Callable[[Tamper], None], alone: set[FaultKind], anchored: set[FaultKind]
) -> None:
    events = chain_of(6)
    anchors = [Anchor(number, events[number - 1].hash) for number in (2, 4, 6)]

    how(tamper)

    assert {fault.kind for fault in chain.verify_chain().faults} == alone
    assert {fault.kind for fault in chain.verify_chain(anchors=anchors).faults} == anchored


def test_verify_names_every_anchor_that_does_not_hold(chain_of: ChainOf, tamper: Tamper) -> None:
    events = chain_of(6)
    anchors = [Anchor(event.number, event.hash) for event in events]

    tamper("UPDATE audit_auditevent SET actor = 'ben' WHERE number = 3")
    rebuild(tamper, 3, 6)
    tamper("DELETE FROM audit_auditevent WHERE number >= 5")

    assert chain.verify_chain(anchors=anchors).faults == [
        ChainFault(3, FaultKind.REWRITTEN),
        ChainFault(4, FaultKind.REWRITTEN),
        ChainFault(5, FaultKind.CUT_OFF),
        ChainFault(6, FaultKind.CUT_OFF),
    ]


def test_verify_does_not_let_anchors_disagree(chain_of: ChainOf) -> None:
    events = chain_of(2)

    found = chain.verify_chain(anchors=[Anchor(1, events[0].hash), Anchor(1, "f" * 64)]).faults

    assert found == [ChainFault(1, FaultKind.REWRITTEN)]
