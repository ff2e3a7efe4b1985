"""Batches: drawn, opened on the workstation, returned line by line, late, revoked."""

from base64 import b64decode
from collections import Counter
from datetime import datetime, timedelta
from itertools import cycle, product
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.db import transaction
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.decision_forms import Assess
from analysts.assessment.intake.run import take_in
from analysts.assessment.tests import test_dispatch
from analysts.codes import AgeBand, ContentWarning, Flag, Reason, Role, Severity, Sex, UndoReason, Verdict
from analysts.handoff import allowances, batch_ends, choosing, drawing
from analysts.handoff.actions import close_workstation
from analysts.handoff.batch_contents import describe_rules
from analysts.handoff.batch_format import MOST_DRAWN, RESULT_FORMATS
from analysts.handoff.results import import_results
from analysts.incidents.contents import opening
from analysts.incidents.priority import URGENT
from analysts.models import (
    Assessment,
    Batch,
    BatchItem,
    BatchKind,
    BatchState,
    Chase,
    CheckOutcome,
    Exposure,
    HostingTrace,
    Incident,
    NextStep,
    NextStepKind,
    TraceMethod,
    User,
    Workstation,
)
from analysts.states import State
from analysts.takedown.chasing.actions import check
from analysts.takedown.tracing.actions import trace
from analysts.tests.batches import (
    ILLEGAL,
    NOT_FOUND,
    drawn_by,
    moment,
    opened,
    result,
    result_lines,
    results_of,
    secret_of_a_stranger,
    workstation_for_batches,
    workstation_keys,
)
from analysts.tests.factories import assessed_illegal, incident_of, report_of
from analysts.tests.places import host, placed
from analysts.welfare import meter
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from reports import installation_keys, keys
from reports.forms import Tick
from reports.report_text import SealedTick
from tests.rig.fixtures import create_person, send_report
from workstation.sealed_file import FileFault, open_batch

TAKEN, AGAIN = ("taken", ""), ("again", "")
DANGER = {"facts": ["child_in_danger"]}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def room(db: None) -> Workstation:
    return workstation_for_batches()


@pytest.fixture
def waiting(belize: Portal, now: datetime) -> list[Incident]:
    """Three incidents of one report, in the order of their names."""
    addresses = [f"https://{name}.example/page" for name in ("forum", "gallery", "store")]
    report = report_of(belize, "\n".join(addresses), now=now - timedelta(hours=2), details={"description": "Seen."})
    incidents = {opening.unseal_address(each): each for each in Incident.objects.filter(sightings__report=report)}
    return [
        each for _address, each in sorted(incidents.items(), key=lambda pair: pair[0].normalised if pair[0] else "")
    ]


def reasons(by: User, content: bytes, now: datetime) -> list[tuple[str, str]]:
    return result_lines(import_results(by=by, content=content, now=now))


def states(incidents: list[Incident]) -> list[str]:
    return [Incident.objects.get(pk=incident.pk).state for incident in incidents]


# --- Draw ------------------------------------------------------------------------------------------------------------


def test_drawn_incidents_leave_the_queue_and_are_on_record_as_revealed(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime
) -> None:
    batch = drawn_by(ana, room, now=now)
    held = Incident.objects.filter(batch=batch)
    assert {(each.pk, each.claimed_by, each.claimed_until) for each in held} == {
        (each.pk, ana, now + timedelta(hours=8)) for each in waiting
    }
    events = AuditEvent.objects.filter(action="incident.reveal", details={"batch": str(batch.pk)})
    assert {event.object_id for event in events} == {str(each.pk) for each in waiting}
    assert "gallery" not in str(list(AuditEvent.objects.values()))
    claims = AuditEvent.objects.filter(action="incident.claim", details={"batch": str(batch.pk)})
    assert {event.object_id for event in claims} == {str(each.pk) for each in waiting}
    assert [item.number for item in batch.items.all()] == [1, 2, 3]
    drawing.download_batch(by=ana, batch=batch, now=now)
    drawing.view_batches(by=ana, count=1, now=now)
    batches = AuditEvent.objects.filter(action__startswith="batch.").order_by("number")
    assert [(event.action, event.object_id, event.details) for event in batches] == [
        ("batch.draw", str(batch.pk), {"count": 3, "kinds": ["first"], "name": room.name}),
        ("batch.download", str(batch.pk), {"name": room.name}),
        ("batch.view", "", {"count": 1}),
    ]


def test_first_assessments_leave_out_danger_floods_words_and_other_portals(
    belize: Portal, zambia: Portal, ana: User, ben: User, room: Workstation, now: datetime
) -> None:
    wanted = incident_of(belize, "https://gallery.example/")
    report_of(belize, "https://danger.example/", details=DANGER)
    report_of(belize, "Someone in a game wrote to me.")
    report_of(zambia, "https://zambia.example/")
    second = incident_of(belize, "https://second.example/")
    Incident.objects.filter(pk=second.pk).update(stage="second")
    assert [item.incident for item in drawn_by(ana, room, now=now).items.all()] == [wanted]


@pytest.mark.parametrize(
    ("warning", "name"),
    [(warning, name) for warning, (name, a_day, _fields) in test_dispatch.ROTATED.items() if a_day],
)
@pytest.mark.parametrize("before", [0, 1, 2])
def test_batch_has_no_more_of_what_hurts_than_may_follow_each_other(
    belize: Portal,
    ana: User,
    sena: User,
    room: Workstation,
    now: datetime,
    settings: Any,
    warning: ContentWarning,
    name: str,
    before: int,
) -> None:
    setattr(settings, name, 2)
    for number, by in enumerate([sena, *[ana] * before]):
        test_dispatch.illegal(
            incident_of(belize, f"https://one.example/{number}", now=now), by, **test_dispatch.ROTATED[warning][2]
        )
    for number in range(4):
        incident_of(belize, f"https://one.example/waits/{number}", now=now)
    others = [incident_of(belize, f"https://two.example/{number}", now=now).pk for number in range(3)]
    batch = drawing.draw_batch(by=ana, workstation=room, kinds=[BatchKind.FIRST], now=now)

    drawn = set(batch.items.values_list("incident", flat=True))
    assert set(others) <= drawn
    assert len(drawn - set(others)) == 2 - before
    # The rest stays in the queue, and a second batch beside the first takes none of it.
    assert Incident.objects.waiting().count() == 2 + before
    with pytest.raises(Denied, match="No incident waits"):
        drawn_by(ana, room, now=now)


def test_second_reviews_are_of_others_and_blind(
    belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, settings: Any
) -> None:
    settings.SECOND_REVIEW_VERDICTS = ["illegal"]
    settings.SECOND_REVIEW_PERCENT = 0
    incident = incident_of(belize, "https://gallery.example/")
    assessed_illegal(incident, ana)
    with pytest.raises(Denied):
        drawn_by(ana, room, now=now, kind=BatchKind.SECOND)
    batch = opened(drawn_by(sena, room, now=now, kind=BatchKind.SECOND), now=now)
    [only] = batch.incidents
    assert only["incident"] == str(incident)
    assert "illegal" not in str(only)
    assert reasons(sena, results_of(batch, [result(only, decision=ILLEGAL)], now=now), now) == [TAKEN]
    assert Incident.objects.get().state == State.ASSESSED


def test_person_has_so_many_open_addresses_in_several_batches_and_none_past_a_limit(
    waiting: list[Incident], belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(drawing, "MOST_DRAWN", 4)
    batch = drawing.draw_batch(by=ana, workstation=room, count=1, now=now)
    again = drawn_by(ana, room, now=now)
    assert (batch.items.count(), again.items.count(), choosing.open_addresses(ana)) == (1, 2, 3)
    for number in range(3):
        incident_of(belize, f"https://more.example/{number}", now=now)
    assert drawn_by(ana, room, now=now).items.count() == 1
    with pytest.raises(Denied, match="Return some first"):
        drawn_by(ana, room, now=now)
    # A colleague's batches are none of hers.
    assert drawn_by(sena, room, now=now).items.count() == 2
    on_break = {"break_until": now + timedelta(minutes=5)}
    Exposure.objects.update_or_create(user=sena, day=now.date(), defaults=on_break)
    with pytest.raises(Denied, match="on a break"):
        drawn_by(sena, room, now=now)
    # A result closes an address, the end of a batch the rest.
    file = opened(again, now=now)
    line = results_of(file, [result(file.incidents[0], decision=NOT_FOUND)], now=now).splitlines()[1]
    assert reasons(ana, line, now) == [TAKEN]
    assert choosing.open_addresses(ana) == 3
    batch_ends.return_batch(by=ana, batch=again, now=now)
    assert choosing.open_addresses(ana) == 2
    assert drawn_by(ana, room, now=again.until).items.count() == 3
    ended = Counter(Batch.objects.filter(by=ana).values_list("state", flat=True))
    assert ended == {BatchState.LATE: 2, BatchState.RETURNED: 1, BatchState.DRAWN: 1}


def test_batch_takes_all_that_waits_by_weight_and_age(
    belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, settings: Any
) -> None:
    """One of each kind of work, with one to trace that is also to be checked, and none in danger."""
    settings.SECOND_REVIEW_VERDICTS, settings.SECOND_REVIEW_PERCENT = [], 0
    early = now - timedelta(days=3)
    names = ("first", "urgent", "second", "traced", "both", "danger", "checked")
    made = {name: incident_of(belize, f"https://{name}.example/", now=early) for name in names}
    for name in ("traced", "both", "danger", "checked"):
        assessed_illegal(made[name], sena, now=early)
    placed(made["checked"], "NL", host(), now=early)
    made["traced"].chases.update(since=now)
    Incident.objects.filter(pk=made["danger"].pk).update(child_in_danger=True)
    Incident.objects.filter(pk=made["second"].pk).update(stage="second")
    Incident.objects.filter(pk=made["urgent"].pk).update(priority=9)

    def drawn(count: int) -> list[tuple[str, str]]:
        batch = drawing.draw_batch(by=ana, workstation=room, count=count, now=now)
        items = [(opening.unseal_address(item.incident), item) for item in batch.items.select_related("incident")]
        file = opened(batch, now=now)
        assert [each["work"] for each in file.incidents] == [item.kind for _address, item in items]
        asked.update({each["address"]: each["asked"] for each in file.incidents})
        batch_ends.return_batch(by=ana, batch=batch, now=now)
        return [
            (address.normalised.split("/")[2].split(".")[0] if address else "", item.kind) for address, item in items
        ]

    asked: dict[str, list[str]] = {}
    everything = [
        ("urgent", "first"),
        ("first", "first"),
        ("second", "second"),
        ("both", "traces"),
        ("traced", "traces"),
        ("checked", "checks"),
    ]
    assert sorted(drawn(50)) == sorted(everything)
    assert drawn(1) == [("urgent", "first")]
    # At the same weight, the one to trace since a moment ago comes last.
    assert sorted(drawn(5)) == sorted(everything[:4] + everything[5:])
    assert {address.split("/")[2].split(".")[0]: tasks for address, tasks in asked.items()} == {
        "urgent": [],
        "first": [],
        "second": [],
        "both": ["trace", "available"],
        "traced": ["trace"],
        "checked": ["available"],
    }


@pytest.mark.parametrize("last", ["own", "other", ""])
def test_file_suggests_where_the_host_was_traced_last_and_counts_checks(
    belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, last: str, settings: Any
) -> None:
    """Its own last trace, else what was agreed for the host; never the IP address."""
    settings.SECOND_REVIEW_PERCENT, early = 0, (now - timedelta(days=3)).replace(microsecond=0)
    traced_one, other, elsewhere = (
        incident_of(belize, f"https://{name}", now=early)
        for name in ("host.example/1", "host.example/2", "elsewhere.example/")
    )
    for illegal in (traced_one, other, elsewhere):
        assessed_illegal(illegal, sena, now=early)
    later = early + timedelta(hours=1)
    check(by=sena, incident=traced_one, outcome=CheckOutcome.GONE, now=later)
    if last:
        chase = placed(other, "NL", host("Other Hosting"), now=later)
        Chase.objects.filter(pk=chase.pk).update(network="AS64496 Other Net")
        placed(elsewhere, "DE", host("Elsewhere"), now=later)
    if last == "own":
        trace(by=sena, incident=traced_one, method=TraceMethod.DNS, country="US", provider="Own Hosting",
              network="AS64497 Own Net", ip="192.0.2.7", at=later, now=now)  # fmt: skip
    file = opened(drawn_by(ana, room, now=now, kind=BatchKind.TRACES), now=now)
    [incident] = [each for each in file.incidents if each["incident"] == str(traced_one)]
    suggested = {
        "own": ("US", "Own Hosting", "AS64497 Own Net", later),
        "other": ("NL", "Other Hosting", "AS64496 Other Net", None),
        "": None,
    }[last]
    if suggested is None:
        assert "suggested" not in incident
    else:
        *place, at = suggested
        assert [incident["suggested"][name] for name in ("country", "provider", "network")] == place
        assert at is None or datetime.fromisoformat(incident["suggested"]["at"]) == at
    assert "192.0.2.7" not in str(file)
    counts_from = datetime.fromisoformat(incident["checks"].pop("counts_from"))
    assert (incident["checks"], counts_from) == ({"in_a_row": 1, "needed": 3}, later + timedelta(hours=12))


def test_results_of_a_mixed_batch_are_each_taken_by_their_kind(
    waiting: list[Incident], belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, settings: Any
) -> None:
    settings.SECOND_REVIEW_PERCENT, early = 0, now - timedelta(days=2)
    to_trace = incident_of(belize, "https://traced.example/", now=early)
    assessed_illegal(to_trace, sena, now=early)
    file = opened(drawing.draw_batch(by=ana, workstation=room, now=now), now=now)
    trace = {"method": "dns", "country": "NL", "provider": "Alpha Hosting", "at": moment(now)}
    said: dict[str, dict[str, Any]] = {
        "first": {"decision": NOT_FOUND},
        "traces": {"traces": [trace], "available": {"outcome": "online", "at": moment(now)}},
    }
    assert [each["work"] for each in file.incidents] == ["first"] * 3 + ["traces"]
    # A verdict is asked of the first three only.
    wrong = results_of(file, [result(file.incidents[0], **said["traces"])], now=now).splitlines()[1]
    assert reasons(ana, wrong, now) == [("refused", "The verdict is missing.")]
    content = results_of(file, [result(each, **said[each["work"]]) for each in file.incidents], now=now)
    assert reasons(ana, content, now) == [TAKEN] * 4
    assert (Assessment.objects.filter(by=ana).count(), to_trace.traces.count(), to_trace.checks.count()) == (3, 1, 1)
    assert Batch.objects.get().state == BatchState.RETURNED


def test_end_of_a_mixed_batch_returns_claims_and_asks_for_findings_again(
    waiting: list[Incident], belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, settings: Any
) -> None:
    settings.SECOND_REVIEW_PERCENT = 0
    to_trace = incident_of(belize, "https://traced.example/", now=now)
    assessed_illegal(to_trace, sena, now=now)
    batch = drawing.draw_batch(by=ana, workstation=room, now=now)

    def states_and_step() -> tuple[list[str], str]:
        return states(waiting), NextStep.objects.get(incident=to_trace).kind

    assert states_and_step() == ([State.CLAIMED] * 3, NextStepKind.WORKSTATION)
    batch_ends.return_batch(by=ana, batch=batch, now=now)
    assert states_and_step() == ([State.WAITING] * 3, NextStepKind.TRACE)


def test_no_two_files_are_made_at_once(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the day's limit, and the open addresses, are read behind the lock."""
    steps: list[str] = []
    monkeypatch.setattr(drawing, "serialise_files", lambda: steps.append("locked"))
    monkeypatch.setattr(allowances, "serialise_files", lambda: steps.append("locked"))
    monkeypatch.setattr(drawing, "check_has_addresses_left", lambda *_args, **_values: len(steps))
    monkeypatch.setattr(drawing, "open_addresses", lambda _by: 0 if len(steps) == 2 else MOST_DRAWN)
    allowances.ask_allowance(by=ana, number=5, now=now)
    assert steps == ["locked"]
    assert drawn_by(ana, room, now=now).items.count() == 2


def test_claim_of_a_batch_is_neither_extended_nor_handed_over(
    waiting: list[Incident], ana: User, sena: User, room: Workstation, now: datetime
) -> None:
    drawn_by(ana, room, now=now)
    incident = Incident.objects.get(pk=waiting[0].pk)
    with pytest.raises(Denied, match="ends with it"):
        actions.renew(by=ana, incident=incident, fence=incident.fence, now=now)
    with pytest.raises(Denied, match="ends with it"):
        actions.hand_over(by=ana, incident=incident, to=sena, fence=incident.fence, now=now)


def test_report_of_danger_takes_its_incident_out_of_the_batch(
    waiting: list[Incident], belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    batch = opened(drawn_by(ana, room, now=now), now=now)
    Incident.objects.update(unpublished=False)
    report_of(belize, "https://gallery.example/page", details=DANGER, now=now)
    assert states(waiting) == [State.CLAIMED, State.WAITING, State.CLAIMED]
    said = [result(each, decision=NOT_FOUND) for each in batch.incidents]
    lines = reasons(ana, results_of(batch, said, now=now), now)
    refused = "The claim of the batch has ended and the incident has changed since. Nothing was saved."
    assert sorted(lines) == [("refused", refused), TAKEN, TAKEN]
    incident = Incident.objects.get(pk=waiting[1].pk)
    assert (incident.child_in_danger, incident.unpublished) == (True, True)


def release_times(incident: Incident) -> list[tuple[datetime, Any]]:
    events = AuditEvent.objects.filter(action="incident.release", object_id=str(incident.pk))
    return list(events.values_list("at", "details"))


@pytest.mark.parametrize("ends", [False, True])
def test_record_of_leaving_the_batch_does_not_show_when_the_report_arrived(
    waiting: list[Incident], belize: Portal, ana: User, room: Workstation, now: datetime, ends: bool
) -> None:
    batch = drawn_by(ana, room, now=now)
    events = AuditEvent.objects.count()
    report_of(belize, "https://gallery.example/page", details=DANGER, now=now)
    assert (AuditEvent.objects.count(), release_times(waiting[1])) == (events, [])
    if ends:
        batch_ends.return_batch(by=ana, batch=batch, now=now + timedelta(minutes=5))
    hour = now + timedelta(minutes=40)
    assert [actions.record_batch_exits(now=hour) for _ in range(2)] == [1, 0]
    details = {"batch": str(batch.pk)}
    assert release_times(waiting[1]) == [(hour, details)]
    assert [release_times(row) for row in (waiting[0], waiting[2])] == [
        [(now + timedelta(minutes=5), details)] if ends else []
    ] * 2


def test_incident_that_is_in_danger_after_its_batch_left_nothing(
    waiting: list[Incident], belize: Portal, ana: User, room: Workstation, now: datetime
) -> None:
    """Neither one that came back with its batch, nor one with a result."""
    batch = opened(drawn_by(ana, room, now=now), now=now)
    reasons(ana, results_of(batch, [result(batch.incidents[0], decision=NOT_FOUND)], now=now), now)
    batch_ends.end_late_batches(now=now + timedelta(days=1))
    Incident.objects.update(child_in_danger=True)
    assert actions.record_batch_exits(now=now + timedelta(days=1)) == 0


# Facts of a further report of an address in a batch, by name; only danger to a child takes it out.
TICKS = [*Tick.values, *SealedTick.values]
FURTHER = {"": [], **{tick: [tick] for tick in TICKS}, "all others": [*{*TICKS} - {*DANGER["facts"]}]}


# The portal's languages in turn, and both where nothing is ticked and where a child is in danger.
@pytest.mark.parametrize(
    ("kind", "language"),
    sorted({*zip(FURTHER, cycle(["en", "es"]), strict=False), *product(["", *DANGER["facts"]], ["en", "es"])}),
)
def test_further_report_takes_its_incident_out_of_the_batch_only_for_danger(
    waiting: list[Incident], belize: Portal, ana: User, room: Workstation, now: datetime, kind: str, language: str
) -> None:
    batch = drawn_by(ana, room, now=now)
    details = {"description": "Seen again.", "facts": FURTHER[kind]}
    report_of(belize, "https://gallery.example/page", details=details, now=now, language=language)
    leaves = kind in DANGER["facts"]
    assert states(waiting) == [State.CLAIMED, State.WAITING if leaves else State.CLAIMED, State.CLAIMED]
    assert Incident.objects.filter(batch=batch).count() == (2 if leaves else 3)


@pytest.mark.parametrize("kind", FURTHER)
def test_later_details_take_an_incident_out_of_the_batch_only_for_danger(
    belize: Portal, ana: User, room: Workstation, now: datetime, kind: str
) -> None:
    """The words of the receipt whose address is in the batch, and of one that first had no details."""
    code = send_report(belize, "https://gallery.example/page", now=now - timedelta(hours=2))
    take_in(now=now)
    batch = drawn_by(ana, room, now=now)
    send_report(
        belize, "https://gallery.example/page", code=code, details={"description": "More.", "facts": FURTHER[kind]}
    )
    take_in(now=now)
    assert Incident.objects.filter(batch=batch).exists() is (kind not in DANGER["facts"])


@pytest.mark.parametrize("in_danger", [False, True])
def test_merge_takes_the_other_incident_out_of_its_batch_only_for_danger(
    belize: Portal, ana: User, room: Workstation, now: datetime, in_danger: bool
) -> None:
    drawn = incident_of(belize, "https://gallery.example/page", now=now - timedelta(hours=2))
    batch = drawn_by(ana, room, now=now)
    other = incident_of(belize, "https://mirror.example/page", details=DANGER if in_danger else {})
    actions.merge(by=ana, incident=other, into=drawn, now=now)
    assert Incident.objects.filter(batch=batch).exists() is not in_danger


DAY = timedelta(days=1)
NETWORK = "AS64496 Example"
PLACE = {"country": "NL", "network": NETWORK}
# The changes of an illegal incident of two days ago, and whether it is then in the files of traces and of checks.
CHASES: list[tuple[str, dict[str, Any], bool, bool]] = [
    ("chase", {}, True, True),
    ("chase", {"ended_at": "now"}, False, False),
    ("sighting", {"portal": "zambia"}, False, False),
    ("chase", {"since": "now"}, True, False),
    ("chase", {"since": "now", "removal_reported_at": "now"}, True, True),
    ("chase", {"since": "now", "check_asked_at": "now"}, True, True),
    ("chase", {"since": "now", "unseen_since": "now"}, True, True),
    ("item", {}, False, False),
    ("item", {"answered_at": "now", "answer": b"a"}, True, True),
    ("item", {"batch": "over"}, True, True),
    ("item", {"incident": "other"}, True, True),
    ("place", {}, False, True),
    ("trace", PLACE, False, True),
    ("trace", PLACE | {"network": "AS64497 Example"}, False, True),
    ("trace", PLACE | {"provider": "another"}, False, True),
    ("trace", PLACE | {"provider": "another", "network": "AS64497 Example"}, True, True),
    ("trace", PLACE | {"country": "DE"}, True, True),
    ("trace", PLACE | {"country": "DE", "at": "before"}, False, True),
    ("trace", PLACE | {"country": "DE", "incident": "other"}, False, True),
]


def test_files_have_the_open_chases_of_own_portals_that_are_in_no_other(
    belize: Portal, zambia: Portal, ana: User, sena: User, room: Workstation, now: datetime
) -> None:
    early = now - timedelta(days=2)
    texts = ("https://gallery.example/", "https://other.example/", "A man wrote to me.")
    incident, other, words = (incident_of(belize, text, now=early) for text in texts)
    for illegal in (incident, other, words):
        assessed_illegal(illegal, sena, now=early)
    of_batch: dict[str, Any] = {"by": sena, "workstation": room, "at": early, "until": early + DAY}
    batches = {
        "over": Batch.objects.create(**of_batch, state=BatchState.LATE, ended_at=early + DAY),
        "drawn": Batch.objects.create(**of_batch),
    }
    provider, another = host(), host("Another Hosting")
    rows: dict[str, Any] = {"now": now, "before": early, "zambia": zambia, "other": other, "another": another}
    wrong = []
    for subject, values, is_traced, is_checked in CHASES:
        values = {name: (rows | batches).get(value, value) if isinstance(value, str) else value
                  for name, value in values.items()}  # fmt: skip
        with transaction.atomic():
            if subject in ("place", "trace"):
                placed(incident, "NL", provider, now=early + timedelta(hours=1))
                incident.chases.update(network=NETWORK)
            match subject:
                case "chase":
                    incident.chases.update(**values)
                case "sighting":
                    incident.sightings.update(**values)
                case "item":
                    item = {"batch": batches["drawn"], "incident": incident, "number": 1, "kind": "traces"}
                    item |= {"round": 1, "fence": 1}
                    BatchItem.objects.create(**item | values)
                case "trace":
                    trace = {"incident": incident, "provider": provider, "method": "dns", "by": ana, "at": now}
                    HostingTrace.objects.create(**trace | {"recorded_at": now} | values)
            lists = (choosing.chases_to_trace(ana), choosing.chases_to_check(ana, now=now))
            of_incident = tuple(incident.pk in {chase.incident_id for chase in chases} for chases in lists)
            of_words = any(words.pk in {chase.incident_id for chase in chases} for chases in lists)
            if (*of_incident, of_words) != (is_traced, is_checked, False):
                wrong.append((subject, values, of_incident, of_words))
            transaction.set_rollback(True)
    assert wrong == []


# --- The limit of a day ----------------------------------------------------------------------------------------------


def test_batches_of_every_kind_share_the_limit_of_a_day(
    waiting: list[Incident], belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, settings: Any
) -> None:
    settings.FILE_ADDRESSES = 3
    assessed_illegal(incident_of(belize, "https://traced.example/"), sena, now=now)
    batch = drawing.draw_batch(by=ana, workstation=room, kinds=[BatchKind.FIRST], count=2, now=now)
    batch_ends.return_batch(by=ana, batch=batch, now=now)
    batch = drawn_by(ana, room, now=now, kind=BatchKind.TRACES)
    batch_ends.return_batch(by=ana, batch=batch, now=now)
    for kind in (BatchKind.FIRST, BatchKind.TRACES):
        with pytest.raises(Denied, match="3 addresses"):
            drawn_by(ana, room, now=now, kind=kind)
    allowance = allowances.ask_allowance(by=ana, number=1, now=now)
    for person in (ana, create_person("carl", Role.ANALYST, belize)):
        with pytest.raises(Denied):
            allowances.grant_allowance(by=person, allowance=allowance, now=now)
    allowances.grant_allowance(by=sena, allowance=allowance, now=now)
    assert drawn_by(ana, room, now=now).items.count() == 1
    assert meter.addresses_left(ana, now=now + timedelta(days=1)) == 3


def test_senior_analyst_cannot_allow_more_for_themselves(sena: User, now: datetime) -> None:
    allowance = allowances.ask_allowance(by=sena, number=1, now=now)
    with pytest.raises(Denied, match="Another person"):
        allowances.grant_allowance(by=sena, allowance=allowance, now=now)
    allowances.decline_allowance(by=sena, allowance=allowance, now=now)
    allowances.ask_allowance(by=sena, number=1, now=now)


# --- The file --------------------------------------------------------------------------------------------------------


def test_only_its_workstation_opens_the_file(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = drawn_by(ana, room, now=now)
    content = drawing.download_batch(by=ana, batch=batch, now=now)
    assert b"gallery" not in b"".join(b64decode(line + b"==", b"-_") for line in content.split())
    with pytest.raises(FileFault, match="another workstation"):
        open_batch(content.decode(), workstation_keys(secret_of_a_stranger()))
    with pytest.raises(Late):
        drawing.download_batch(by=ana, batch=batch, now=batch.until)
    for spoil in ({"closed_on": now.date()}, {"closed_on": None, "sealing_key": b""}):
        Workstation.objects.filter(pk=room.pk).update(**spoil)
        with pytest.raises(Denied):
            drawing.download_batch(by=ana, batch=Batch.objects.get(pk=batch.pk), now=now)
    lines = content.decode().splitlines(keepends=True)
    Workstation.objects.filter(pk=room.pk).update(sealing_key=room.sealing_key)
    batch.refresh_from_db()
    with monkeypatch.context() as patched:
        patched.setattr(installation_keys, "handoff_key", MagicMock(side_effect=keys.KeyMissing))
        with pytest.raises(Denied, match="no signing key"):
            drawing.download_batch(by=ana, batch=batch, now=now)
    for broken in ("".join(lines[:-1]), "".join([lines[0], lines[2], lines[1], lines[3]]), "".join(lines[1:])):
        with pytest.raises(FileFault):
            open_batch(broken, workstation_keys())


def test_file_holds_the_words_the_lists_and_the_history(
    waiting: list[Incident], belize: Portal, ana: User, sena: User, room: Workstation, now: datetime
) -> None:
    assessed_illegal(incident_of(belize, "https://gallery.example/known"), sena, now=now)
    opened_batch = opened(drawn_by(ana, room, now=now), now=now)
    head, incidents = opened_batch.head, {each["address"]: each for each in opened_batch.incidents}
    groups = {group["field"]: group for group in head["groups"]}
    assert [option["code"] for option in groups["severity"]["options"]] == Severity.values
    assert all(option["definition"] for group in head["groups"] for option in group["options"])
    assert (head["drawn_by"], head["limits"]["severe_in_a_row"], head["count"]) == ("ana", 3, 3)
    gallery = incidents["https://gallery.example/page"]
    assert [text["parts"] for report in gallery["reports"] for text in report["texts"]][-1] == [
        {"text": "Seen.", "masked": False}
    ]
    assert [(each["verdict"], each["number"]) for each in gallery["history"]] == [
        ("illegal", str(Incident.objects.get(severity="C")))
    ]


def test_rules_in_the_file_are_those_of_the_form() -> None:
    rules = [rule.model_dump() for rule in describe_rules()]
    choices: dict[str, list[Any]] = {
        "verdict": [*Verdict],
        "severity": ["", Severity.C, Severity.PROHIBITED, Severity.INCHOATE],
        "age_band": ["", AgeBand.AGE_0_2],
        "sex": ["", Sex.BOTH],
        "reason": ["", Reason.OTHER],
        "flags": [[], [Flag.DRAWN.value]],
        "commerciality": ["", "commercial"],
        "payment": ["", "card"],
    }
    for values in product(*choices.values()):
        said = dict(zip(choices, values, strict=True))
        assert Assess({**said, "fence": 1}).is_valid() == (not broken_rules(rules, said)), said


def broken_rules(rules: list[dict[str, Any]], said: dict[str, Any]) -> list[str]:
    from workstation.result_rules import find_broken_rules  # noqa: PLC0415

    return find_broken_rules(rules, said)


# --- Results ---------------------------------------------------------------------------------------------------------


def test_results_are_the_verdicts_of_the_person_who_drew(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime
) -> None:
    batch, later = drawn_by(ana, room, now=now), now + timedelta(hours=1)
    file = opened(batch, now=now)
    first, second, third = file.incidents
    trace = {"method": "dns", "country": "NL", "provider": "Alpha Hosting", "at": moment(now)}
    said = [
        result(first, decision=ILLEGAL, traces=[trace], note="Seen twice."),
        result(second, decision=NOT_FOUND),
        result(third, skipped=True),
    ]
    content = results_of(file, said, now=later)
    assert reasons(ana, content, later) == [TAKEN] * 3
    assert {(each.verdict, each.basis, each.by) for each in Assessment.objects.all()} == {
        ("illegal", "seen", ana),
        ("not_assessed", "", ana),
    }
    assert HostingTrace.objects.get().by == ana
    assert sorted(Incident.objects.values_list("state", flat=True)) == ["assessed", "closed", "waiting"]
    batch.refresh_from_db()
    assert (batch.state, batch.ended_by) == (BatchState.RETURNED, ana)
    exposure = Exposure.objects.get(user=ana)
    assert (exposure.seconds, exposure.since_break, exposure.decisions, exposure.skips) == (120, 120, 2, 1)
    assert reasons(ana, content, later) == [AGAIN] * 3
    assert Assessment.objects.count() == 2


def test_lines_are_refused_one_by_one(waiting: list[Incident], ana: User, room: Workstation, now: datetime) -> None:
    batch = drawn_by(ana, room, now=now)
    file = opened(batch, now=now)
    first, second, third = file.incidents
    held = Incident.objects.get(pk=BatchItem.objects.get(pk=first["item"]).incident_id)
    actions.release(by=ana, incident=held, fence=held.fence, now=now)
    said = [
        result(first, decision=NOT_FOUND),
        result(second, decision={"verdict": "illegal", "severity": "C"}),
        result(third, decision=NOT_FOUND),
        result(third, decision=ILLEGAL),
        {"item": str(batch.pk), "seconds": 1, "skipped": True},
    ]
    content = results_of(file, said, now=now)
    lines = [reason or came for came, reason in reasons(ana, content + b"AAAA\n", now)]
    assert lines == [
        "The claim of the batch has ended and the incident has changed since. Nothing was saved.",
        "Age: Required for this severity. Sex: Required for this severity.",
        "taken",
        "This incident already has a different result.",
        "This workstation has no such incident, or it concerns a portal you do not work for.",
        "This is not a line of results for this installation: it is damaged, cut short or from another file.",
    ]
    batch.refresh_from_db()
    # A line could not be read, so the file can be brought again.
    assert batch.state == BatchState.DRAWN
    assert BatchItem.objects.get(pk=second["item"]).refusal == lines[1]


def test_lines_of_another_format_are_refused_unread(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = opened(drawn_by(ana, room, now=now), now=now)
    said = [result(each, decision=NOT_FOUND) for each in file.incidents]
    with monkeypatch.context() as patched:
        patched.setattr("workstation.sealed_file.RESULTS_FORMAT", RESULT_FORMATS[-1] + 1)
        newer = results_of(file, said, now=now)
    refused = "Written in a format that this version does not read. Update the workstation’s folder."
    assert reasons(ana, newer, now) == [("refused", refused)] * 4
    assert not Assessment.objects.exists()
    assert reasons(ana, results_of(file, said, now=now), now) == [TAKEN] * 3


@pytest.mark.parametrize("number", RESULT_FORMATS)
def test_results_of_each_format_are_read(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workstation.sealed_file.RESULTS_FORMAT", number)
    file = opened(drawn_by(ana, room, now=now), now=now)
    said = [result(each, decision=NOT_FOUND) for each in file.incidents]
    assert reasons(ana, results_of(file, said, now=now), now) == [TAKEN] * 3


def test_foreign_and_altered_lines_change_nothing(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime
) -> None:
    file = opened(drawn_by(ana, room, now=now), now=now)
    said = [result(file.incidents[0], decision=NOT_FOUND)]
    stranger = secret_of_a_stranger()
    [head, line] = results_of(file, said, now=now).splitlines(keepends=True)
    unknown = results_of(file, said, now=now, secret=stranger)
    workstation_for_batches("Another", stranger)
    changed = line[:100] + (b"A" if line[100:101] != b"A" else b"B") + line[101:]
    for content in (unknown, changed, results_of(file, said, now=now, secret=stranger)):
        assert {came for came, _reason in reasons(ana, content, now)} == {"refused"}
    assert not Assessment.objects.exists()
    assert reasons(ana, head + line, now) == [TAKEN]


@pytest.mark.parametrize("way", ["late", "overdue", "revoked", "closed"])
def test_incidents_go_back_to_the_queue_and_results_are_refused(
    way: str, waiting: list[Incident], ana: User, adam: User, sena: User, room: Workstation, now: datetime
) -> None:
    batch = drawn_by(ana, room, now=now)
    file = opened(batch, now=now)
    content = results_of(file, [result(each, decision=NOT_FOUND) for each in file.incidents], now=now)
    later = now + timedelta(hours=8)
    match way:
        case "late":
            assert batch_ends.end_late_batches(now=later - timedelta(seconds=1)) == 0
            assert batch_ends.end_late_batches(now=later) == 1
        case "overdue":
            assert actions.expire_claims(now=later) == 3
        case "revoked":
            batch_ends.revoke_batch(by=sena, batch=batch, now=now)
        case "closed":
            close_workstation(by=adam, workstation=room, now=now)
    assert states(waiting) == [State.WAITING] * 3
    assert {came for came, _reason in reasons(ana, content, later)} == {"refused"}
    assert not Assessment.objects.exists()


def test_senior_analyst_imports_for_a_person_who_is_switched_off(
    waiting: list[Incident], belize: Portal, ana: User, sena: User, room: Workstation, now: datetime
) -> None:
    file = opened(drawn_by(ana, room, now=now), now=now)
    content = results_of(file, [result(each, decision=NOT_FOUND) for each in file.incidents], now=now)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    carl = create_person("carl", Role.ANALYST, belize)
    assert {reason for _came, reason in reasons(carl, content, now)} == {
        "Another analyst drew this batch. If they are absent, a senior analyst imports its results."
    }
    assert reasons(sena, content, now) == [TAKEN] * 3
    assert set(Assessment.objects.values_list("by", flat=True)) == {ana.pk}
    assert AuditEvent.objects.filter(action="incident.batch_result", actor=sena.log_id.pk).count() == 3
    assert not User.objects.get(pk=ana.pk).is_active


def test_verdict_by_file_can_be_undone(waiting: list[Incident], ana: User, room: Workstation, now: datetime) -> None:
    file = opened(drawn_by(ana, room, now=now), now=now)
    import_results(by=ana, content=results_of(file, [result(file.incidents[0], decision=ILLEGAL)], now=now), now=now)
    assessment = Assessment.objects.get()
    undone = actions.undo(by=ana, incident=assessment.incident, assessment=assessment, reason=UndoReason.SLIP, now=now)
    assert (undone.state, undone.claimed_by, undone.batch) == (State.CLAIMED, ana, None)


def test_correction_and_disagreement_follow_verdicts_by_file(
    belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, settings: Any
) -> None:
    settings.SECOND_REVIEW_VERDICTS = ["illegal"]
    settings.SECOND_REVIEW_PERCENT = 0
    incident, carl = incident_of(belize, "https://gallery.example/"), create_person("carl", Role.ANALYST, belize)

    def bring(person: User, kind: BatchKind, at: datetime) -> bytes:
        file = opened(drawn_by(person, room, now=at, kind=kind), now=at)
        content = results_of(file, [result(file.incidents[0], decision=NOT_FOUND)], now=at)
        assert reasons(person, content, at) == [TAKEN]
        return content

    first = bring(ana, BatchKind.FIRST, now)
    # Ana corrects a slip on the page, and Carl's review by file disagrees with what she decides.
    later = now + timedelta(minutes=1)
    slip = Assessment.objects.get()
    incident = actions.undo(by=ana, incident=incident, assessment=slip, reason=UndoReason.SLIP, now=later)
    corrected: dict[str, Any] = {name: value for name, value in ILLEGAL.items() if name != "verdict"}
    actions.assess(by=ana, incident=incident, fence=incident.fence, verdict=Verdict.ILLEGAL, now=later, **corrected)
    second = bring(carl, BatchKind.SECOND, later + timedelta(minutes=1))
    incident.refresh_from_db()
    assert (incident.state, incident.stage) == (State.WAITING, "senior")
    assert [reasons(ana, first, later), reasons(carl, second, later)] == [[AGAIN], [AGAIN]]
    incident = actions.claim(by=sena, incident=incident, now=later + timedelta(minutes=2))
    assert set(Assessment.objects.in_force().values_list("by__username", "stage", "verdict")) == {
        ("ana", "first", "illegal"),
        ("carl", "second", "not_assessed"),
    }


def test_traces_and_checks_come_back_in_batches(
    belize: Portal, ana: User, sena: User, room: Workstation, now: datetime, settings: Any
) -> None:
    settings.SECOND_REVIEW_PERCENT = 0
    incident = incident_of(belize, "https://gallery.example/", now=now - timedelta(days=2))
    assessed_illegal(incident, ana, now=now - timedelta(days=2))
    trace = {"method": "dns", "country": "NL", "provider": "Alpha Hosting", "at": moment(now)}
    for kind, asked, said in (
        (BatchKind.TRACES, ["trace", "available"], {"traces": [trace]}),
        (BatchKind.CHECKS, ["available"], {"available": {"outcome": "gone", "at": moment(now)}}),
    ):
        file = opened(drawn_by(ana, room, now=now, kind=kind), now=now)
        assert [(each["work"], each["asked"]) for each in file.incidents] == [(kind, asked)]
        with pytest.raises(Denied, match="No incident waits"):
            drawn_by(sena, room, now=now, kind=kind)
        assert reasons(ana, results_of(file, [result(file.incidents[0], **said)], now=now), now) == [TAKEN]
    assert (incident.traces.count(), incident.checks.get().outcome) == (1, "gone")
    assert set(Batch.objects.values_list("state", flat=True)) == {BatchState.RETURNED}


def test_words_come_with_the_address_where_the_desk_shows_both_at_once(
    waiting: list[Incident], ana: User, room: Workstation, now: datetime
) -> None:
    urgent = waiting[0]
    Incident.objects.filter(pk=urgent.pk).update(priority=URGENT)
    incidents = opened(drawn_by(ana, room, now=now), now=now).incidents
    assert [each["incident"] for each in incidents if each.get("words_first")] == [str(urgent)]
