"""Intake from sealed envelopes: no loss, no duplicates, and nothing stored about the reporter."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from analysts.assessment import actions
from analysts.assessment.intake import incident_matching, incident_updates, prioritising
from analysts.assessment.intake import run as intake
from analysts.assessment.intake.failures import IntakeFailures
from analysts.assessment.intake.spellings import sightings_of, spellings_of
from analysts.codes import Fact
from analysts.incidents.contents import opening
from analysts.incidents.priority import PriorityReason
from analysts.models import CheckOutcome, Incident, IncidentKind, RecipientKind, Report, Sighting, User
from analysts.states import State
from analysts.takedown.chasing.actions import check
from analysts.takedown.routing.actions import refer
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of, report_of
from audit.models import AuditEvent
from countries.models import Portal
from reports import actions as reporters
from reports import receipts, sealing
from reports.models import Arrival, KeyClass, Receipt, SealingKey, Submission
from reports.tests.codes import code_of
from tests.rig.fixtures import Sender, send_report


def test_report_becomes_a_waiting_incident(belize: Portal) -> None:
    incident = incident_of(belize, "https://www.example.org/gallery?utm_source=x")

    address = opening.unseal_address(incident)
    assert address is not None
    assert (address.normalised, address.reported) == (
        "https://www.example.org/gallery",
        "https://www.example.org/gallery?utm_source=x",
    )
    assert (incident.state, incident.kind) == (State.WAITING, IncidentKind.ADDRESS)
    assert not Arrival.objects.exists()


def test_several_addresses_are_several_incidents_of_one_report(belize: Portal) -> None:
    report = report_of(belize, "example.org/a\nhxxp://example[.]net/b\nhttps://example.com/c")

    assert report.sightings.count() == 3


@pytest.mark.parametrize("text", ["no address at all", "\0", "؟", "ana@example.org", "1.2.3", "data:text/plain,x"])
def test_report_without_an_address_reaches_the_queue(belize: Portal, text: str) -> None:
    report = report_of(belize, text)

    incident = report.sightings.get().incident
    assert (incident.kind, incident.state) == (IncidentKind.WORDS, State.WAITING)
    assert [envelope.payload["addresses"] for envelope in opening.unseal_envelopes(report)] == [text]


def test_same_address_from_two_portals_is_one_incident(belize: Portal, zambia: Portal) -> None:
    first = incident_of(belize, "http://example.org/gallery")
    second = incident_of(zambia, "EXAMPLE.org./gallery#top")

    assert first == second
    assert second.sightings.count() == 2
    assert PriorityReason.SEVERAL_REPORTS in second.priority_reasons


def spelt(sighting: Sighting) -> list[str]:
    return [each.reported for each in opening.unseal_spellings(sighting)]


def test_each_sighting_keeps_its_own_address_as_typed(belize: Portal, zambia: Portal) -> None:
    report_of(belize, "https://example.org/a?utm_source=b and example.org/a")
    report_of(zambia, "hxxp://example[.]org/a")

    [incident] = Incident.objects.all()
    assert spelt(incident.sightings.get(portal=belize)) == ["https://example.org/a?utm_source=b", "example.org/a"]
    assert spelt(incident.sightings.get(portal=zambia)) == ["hxxp://example[.]org/a"]


@pytest.mark.parametrize(
    ("text", "is_sealed"),
    [
        ("hxxp://Example[.]org/a", False),
        ("hxxp://Example[.]org/a hxxp://Example[.]org/a", False),
        ("http://example.org/a", True),
        ("hxxp://Example[.]org/a http://example.org/a", True),
    ],
)
@pytest.mark.parametrize("merges", [False, True])
def test_sighting_seals_only_spellings_that_its_incident_lacks(
    belize: Portal, ana: User, text: str, is_sealed: bool, merges: bool
) -> None:
    first = incident_of(belize, "hxxp://Example[.]org/a")
    if merges:
        other = incident_of(belize, "example.net/b")
        actions.merge(by=ana, incident=first, into=other)
    report = report_of(belize, text)
    sighting = report.sightings.get()
    assert (bool(sighting.sealed_address), sighting.has_incident_spelling) == (is_sealed, not is_sealed)
    assert spelt(sighting) == list(dict.fromkeys(text.split()))
    written = spellings_of(sighting.incident, sightings_of(sighting.incident, ana))
    assert written.of_report[report.pk] == spelt(sighting)
    assert written.counts["hxxp://Example[.]org/a"] == 1 + ("hxxp" in text)
    # Details that write it otherwise add their own.
    code = code_of(report.receipt_id)
    send_report(belize, text, code=code, details={"description": "also https://example.org/a", "facts": []})
    intake.take_in()
    assert spelt(Sighting.objects.get(pk=sighting.pk)) == [*dict.fromkeys(text.split()), "https://example.org/a"]
    stored = b"".join(bytes(sighting.sealed_address) for sighting in Sighting.objects.all())
    assert b"example" not in stored


def test_address_written_again_in_details_is_added_to_the_sighting(belize: Portal, send: Sender) -> None:
    report = report_of(belize, "https://example.org/a")
    report_of(
        belize, "", code=code_of(report.pk), details={"description": "It was www.example.org/b, http://example.org/a"}
    )

    sightings = Sighting.objects.filter(report=report).select_related("incident")
    assert sorted(spelt(sighting) for sighting in sightings) == [
        ["https://example.org/a", "http://example.org/a"],
        ["www.example.org/b"],
    ]


def test_invitations_to_two_groups_are_two_incidents(belize: Portal) -> None:
    report_of(belize, "https://signal.group/#words1")
    report_of(belize, "https://signal.group/#words2")

    assert Incident.objects.count() == 2


@pytest.mark.parametrize("line", ["user name ana_b on Snapchat", "@ana_b", "Telegram: ana b"])
def test_account_without_an_address_is_assessed_as_words_beside_an_address(belize: Portal, line: str) -> None:
    report = report_of(belize, f"https://example.org/a\n{line}")

    kinds = report.sightings.values_list("incident__kind", flat=True)
    assert sorted(kinds) == [IncidentKind.ADDRESS, IncidentKind.WORDS]


@pytest.mark.parametrize(
    ("addresses", "app", "kinds"),
    [
        ("", {"platform": "Chat app", "account": "some name 17"}, ["words"]),
        ("", {"platform": "Chat app"}, ["words"]),
        ("https://example.org/a", {"platform": "Chat app", "account": "some name 17"}, ["address", "words"]),
        ("https://example.org/a", {"platform": "Chat app"}, ["address"]),
        ("", {"account": "https://chat.example/invite/17"}, ["address"]),
    ],
)
def test_account_in_its_own_field_is_assessed_as_words_unless_it_is_an_address(
    belize: Portal, addresses: str, app: dict[str, Any], kinds: list[str]
) -> None:
    report = report_of(belize, addresses, app=app)

    assert sorted(sighting.incident.kind for sighting in report.sightings.all()) == kinds
    assert opening.unseal_envelopes(report)[0].payload == {"addresses": addresses, **app}


def test_words_around_an_address_are_no_account(belize: Portal) -> None:
    report = report_of(belize, "I saw this:\non Telegram https://example.org/a\nplease help")

    assert report.sightings.count() == 1


def test_words_are_not_copied(belize: Portal) -> None:
    """No staff-side row holds any part of what was typed."""
    report_of(belize, "picture gallery on https://marker.example/secretpath", details={"description": "secretwords"})

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            rows = sql.SQL("SELECT count(*) FROM {} AS t WHERE t::text ~* %s").format(sql.Identifier(table))
            cursor.execute(rows, ["secret(path|words)|marker"])
            assert cursor.fetchone() == (0,), table


def test_second_run_changes_nothing(belize: Portal, send: Sender) -> None:
    send(belize, "example.org/a example.org/b")
    assert intake.take_in() == 1
    before = list(Incident.objects.order_by("pk").values())

    assert intake.take_in() == 0
    Arrival.objects.create(submission=Submission.objects.get())
    assert intake.take_in() == 1
    assert list(Incident.objects.order_by("pk").values()) == before
    assert (Report.objects.count(), Sighting.objects.count()) == (1, 2)


def test_failure_in_the_middle_leaves_everything_waiting(
    belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(belize, "example.org/a")
    send(belize, "example.org/b")

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(incident_updates, "_reprioritise_incident", fail)
        assert intake.take_in() == 0
    assert (Arrival.objects.count(), Report.objects.count(), Incident.objects.count()) == (2, 0, 0)

    assert intake.take_in() == 2
    assert Incident.objects.count() == 2


def test_one_bad_envelope_does_not_hold_up_the_others(belize: Portal, send: Sender) -> None:
    bad = send(belize, "example.org/bad")
    send(belize, "example.org/good")
    Submission.objects.filter(receipt_id=receipts.derive_credentials(bad).receipt_id).update(
        sealed=b"\1damaged", key=SealingKey.objects.filter(key_class=KeyClass.WORDS).earliest("month")
    )

    assert intake.take_in() == 2
    report = Report.objects.get(pk=receipts.derive_credentials(bad).receipt_id)
    assert report.facts == [Fact.UNREADABLE]
    incident = report.sightings.get().incident
    assert (incident.kind, incident.priority_reasons) == (IncidentKind.WORDS, [PriorityReason.UNREADABLE])


def test_envelope_waits_for_its_key(
    belize: Portal, send: Sender, open_keys: Path, settings: Any, tmp_path: Path
) -> None:
    send(belize, "example.org/a")
    settings.KEYRING = tmp_path

    assert intake.take_in() == 0
    assert Arrival.objects.count() == 1
    settings.KEYRING = open_keys
    assert intake.take_in() == 1


def test_details_that_come_later_are_attached(belize: Portal, send: Sender) -> None:
    code = send(belize, "example.org/a")
    intake.take_in()
    incident = Incident.objects.get()
    assert incident.priority_reasons == [PriorityReason.OPEN_WEB]

    send(
        belize,
        "example.org/a",
        code=code,
        details={"description": "seen today", "facts": ["child_known", "made_up"]},
    )
    intake.take_in()
    incident.refresh_from_db()
    assert incident.priority_reasons == [PriorityReason.CHILD_KNOWN, PriorityReason.OPEN_WEB]
    assert Report.objects.get().facts == [Fact.CHILD_KNOWN]


def test_address_in_details_is_another_incident_but_a_bare_site_is_not(belize: Portal) -> None:
    report = report_of(
        belize, "example.org/a", details={"description": "found through example.com, also on example.net/b"}
    )

    opened = [opening.unseal_address(sighting.incident) for sighting in report.sightings.all()]
    assert {address and address.normalised for address in opened} == {"http://example.org/a", "http://example.net/b"}


def test_details_alone_reach_the_queue(belize: Portal, send: Sender) -> None:
    send(belize, "example.org/a", details={"description": "only these words arrived"})
    Arrival.objects.filter(submission__kind="report").delete()

    intake.take_in()
    assert Incident.objects.get().kind == IncidentKind.WORDS


def test_every_receipt_has_an_incident(belize: Portal, zambia: Portal, send: Sender) -> None:
    texts = [
        "example.org/a",
        "nothing",
        "",
        "\0\0",
        "http://",
        "example.org/a example.org/b",
        "tg://resolve?domain=x",
    ]
    for text in texts:
        send(random.choice([belize, zambia]), text)
    intake.take_in()

    assert Receipt.objects.count() == len(texts)
    assert not Receipt.objects.filter(report__sightings__isnull=True).exists()


def test_received_time_is_the_hour(belize: Portal) -> None:
    report = report_of(belize, now=datetime(2026, 11, 3, 14, 59, 59, tzinfo=UTC))

    assert report.received_hour == datetime(2026, 11, 3, 14, tzinfo=UTC)


def test_intake_writes_no_audit_event(belize: Portal) -> None:
    report_of(belize)

    assert not AuditEvent.objects.exists()


def test_child_in_danger_comes_first_in_queue(belize: Portal, ana: User) -> None:
    incident_of(belize, "example.org/a", details={"facts": ["child_known", "live_stream"]})
    danger = incident_of(belize, "example.org/b", details={"facts": ["child_in_danger"]})

    assert danger.priority == 10
    assert Incident.objects.waiting().visible_to(ana).in_order().first() == danger
    assert list(Incident.objects.in_danger()) == [danger]


def test_danger_reopens_a_decided_incident(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    assessed_not_found(incident, ana)
    report_of(belize, details={"facts": ["child_in_danger"]})

    incident.refresh_from_db()
    assert (incident.state, incident.priority) == (State.WAITING, 10)
    assert incident.priority_reasons[0] == PriorityReason.CHILD_IN_DANGER
    assert PriorityReason.REOPENED in incident.priority_reasons


def test_danger_once_considered_is_not_raised_again_by_an_answer(belize: Portal, ana: User, send: Sender) -> None:
    code = send(belize, "example.org/a", details={"facts": ["child_in_danger"]})
    intake.take_in()
    incident = Incident.objects.get()
    assessed_illegal(incident, ana)
    send(belize, "example.org/a", code=code, details={"description": "the child is safe now", "facts": []})
    intake.take_in()

    incident.refresh_from_db()
    assert (incident.state, incident.child_in_danger) == (State.ASSESSED, False)
    # The same receipt names another address, which has not been assessed.
    send(belize, "example.org/b", code=code)
    intake.take_in()
    assert Incident.objects.get(state=State.WAITING).priority == 10


def test_illegal_incident_stays_decided_for_a_new_report(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    assessed_illegal(incident, ana)
    report_of(belize)

    incident.refresh_from_db()
    assert (incident.state, incident.round) == (State.ASSESSED, 1)


def test_danger_ticked_again_is_raised_again(belize: Portal, ana: User, send: Sender) -> None:
    code = send(belize, "example.org/a", details={"facts": ["child_in_danger"]})
    intake.take_in()
    incident = Incident.objects.get()
    assessed_illegal(incident, ana)
    send(belize, "example.org/a", code=code, details={"description": "it goes on", "facts": ["child_in_danger"]})
    intake.take_in()

    incident.refresh_from_db()
    assert (incident.state, incident.child_in_danger, incident.priority) == (State.WAITING, True, 10)
    assert incident.sightings.get().round == 2


def test_what_was_gone_is_looked_at_again_when_reported_later(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    assessed_illegal(incident, ana)
    refer(by=ana, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r")
    found_gone(incident, ana)
    report_of(belize, now=timezone.now() + timedelta(days=2))

    incident.refresh_from_db()
    assert (incident.state, incident.closing) == (State.WAITING, "")


def test_what_was_put_up_again_within_hours_is_looked_at_again(belize: Portal, ana: User) -> None:
    morning = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
    incident = incident_of(belize, now=morning - timedelta(days=3))
    assessed_illegal(incident, ana, now=morning - timedelta(days=3))
    for hours in (48, 24, 0):
        look = morning - timedelta(hours=hours)
        check(by=ana, incident=incident, outcome=CheckOutcome.GONE, at=look, now=look)
    # Within the hour of closing, the order of report and closing is unknown: it may have been put up again.
    for received, state in ((morning - timedelta(hours=1), State.CLOSED), (morning, State.WAITING)):
        report_of(belize, now=received + timedelta(minutes=20))
        assert Incident.objects.get().state == state


def test_more_words_about_what_is_closed_are_read(belize: Portal, ana: User, send: Sender) -> None:
    code = send(belize, "no address at all")
    intake.take_in()
    incident = Incident.objects.get()
    assessed_not_found(incident, ana)
    send(belize, "no address at all", code=code, details={"description": "I remember more now", "facts": []})
    intake.take_in()

    incident.refresh_from_db()
    assert incident.state == State.WAITING


def test_details_of_another_portal_do_not_move_the_report(belize: Portal, zambia: Portal, send: Sender) -> None:
    code = send(belize, "example.org/a")
    send(zambia, "example.org/a", code=code, details={"description": "sent through another portal"})
    intake.take_in()

    assert Report.objects.get().portal == belize


def test_one_receipt_cannot_fill_the_queue(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_ITEMS", 3)
    report = report_of(belize, "\n".join(f"example.org/{number}" for number in range(9)))

    kinds = sorted(report.sightings.values_list("incident__kind", flat=True))
    assert kinds == ["address", "address", "address", "words"]
    assert report.facts == [Fact.MANY_ADDRESSES]
    # The envelope still holds all addresses.
    assert opening.unseal_envelopes(report)[0].payload["addresses"].count("\n") == 8


SMALL = sealing.SMALLEST_CLASS + sealing.OVERHEAD_BYTES


@pytest.mark.parametrize(
    ("limit", "most", "runs"),
    [("MOST_ENVELOPES", 2, 3), ("MOST_BYTES", 2 * SMALL, 3), ("MOST_BYTES", 2 * SMALL - 1, 6), ("MOST_BYTES", 1, 6)],
)
def test_one_receipt_with_many_envelopes_is_taken_in_bit_by_bit(
    belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, runs: int
) -> None:
    monkeypatch.setattr(intake, limit, most)
    code = send(belize, "example.org/0", details={"description": "example.org/more", "facts": []})
    for number in range(1, 5):
        send(belize, f"example.org/{number}", code=code)
    taken = 0
    while intake.take_in():
        taken += 1

    assert (taken, Arrival.objects.count()) == (runs, 0)
    assert Report.objects.get().sightings.count() == 6


def test_what_was_ticked_counts_however_many_reports_follow(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prioritising, "MOST_REPORTS", 2)
    incident_of(belize, details={"facts": ["live_stream"]})
    for _ in range(6):
        incident = incident_of(belize)

    assert incident.sightings.count() == 7
    assert PriorityReason.LIVE_STREAM in incident.priority_reasons
    assert PriorityReason.CHILD_KNOWN in incident_of(belize, details={"facts": ["child_known"]}).priority_reasons


@pytest.mark.parametrize(
    "payload",
    [{"addresses": "example.org/a", "facts": [[]]}, {"addresses": ["example.org/a", 1]}, {"addresses": None}],
)
def test_envelope_of_another_shape_reaches_the_queue_unread(
    belize: Portal, monkeypatch: pytest.MonkeyPatch, payload: dict[str, Any]
) -> None:
    seal_as = sealing.seal_json

    def seal(_: Any, **to: Any) -> bytes:
        return seal_as(payload, **to)

    with monkeypatch.context() as stolen:
        stolen.setattr(sealing, "seal_json", seal)
        code = send_report(belize, "placeholder words")
    intake.take_in()

    report = Report.objects.get(pk=receipts.derive_credentials(code).receipt_id)
    assert (report.facts, report.sightings.get().incident.kind) == ([Fact.UNREADABLE], IncidentKind.WORDS)


def test_lone_surrogates_of_an_envelope_can_be_shown(belize: Portal) -> None:
    report = report_of(belize, "odd \ud800 text")

    assert [envelope.payload["addresses"] for envelope in opening.unseal_envelopes(report)] == ["odd ��� text"]


def test_blocked_receipts_starve_no_others(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        send(belize, f"example.org/{number}")
    blocked = set(Arrival.objects.values_list("submission__receipt_id", flat=True)[:5])
    take = intake._take_in_receipt

    def take_or_fail(receipt_id: Any, failures: Any, *, now: Any) -> bool:
        return receipt_id not in blocked and take(receipt_id, failures, now=now)

    monkeypatch.setattr(intake, "_take_in_receipt", take_or_fail)
    for _ in range(200):
        # In a run of one, none is taken from the expedited ones.
        if intake.take_in(limit=2):
            break
    assert Incident.objects.count() == 1


def reported_pages() -> list[str]:
    """The last parts of the addresses that have become incidents."""
    opened = [opening.unseal_address(incident) for incident in Incident.objects.all()]
    return [address.reported.rsplit("/", 1)[-1] for address in opened if address]


@pytest.mark.parametrize(
    ("expedited", "others", "taken"),
    # Three quarters of a run of six, rounded down.
    [(0, 9, (0, 6)), (1, 9, (1, 5)), (3, 9, (3, 3)), (9, 9, (4, 2)), (9, 2, (4, 2)), (9, 0, (6, 0)), (2, 1, (2, 1))],
)
def test_expedited_reports_fill_at_most_three_quarters_of_a_run_while_others_wait(
    belize: Portal,
    send: Sender,
    monkeypatch: pytest.MonkeyPatch,
    expedited: int,
    others: int,
    taken: tuple[int, int],
) -> None:
    """So danger does not wait behind a flood, nor do others behind a flood of danger."""
    monkeypatch.setattr(reporters, "draw_expedited", lambda payload: "expedited" in payload["addresses"])
    for name, number in (("expedited", expedited), ("other", others)):
        for page in range(number):
            send(belize, f"example.org/{name}-{page}")
    assert intake.take_in(limit=6) == sum(taken)
    names = [page.partition("-")[0] for page in reported_pages()]
    assert (names.count("expedited"), names.count("other")) == taken


def test_order_of_a_run_does_not_show_what_is_expedited(
    belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporters, "draw_expedited", lambda payload: "expedited" in payload["addresses"])
    for page in range(20):
        send(belize, f"example.org/{'expedited' if page % 2 else 'other'}-{page}")
    is_expedited = dict(Arrival.objects.values_list("submission__receipt_id", "is_expedited"))
    marks = [[is_expedited[receipt] for receipt in intake._choose_receipts(20, ())] for _ in range(20)]
    assert all(map(sum, marks))
    assert {mark for run in marks for mark in run[:5]} == {True, False}
    assert any(run != sorted(run, reverse=True) for run in marks)


def test_expedited_receipt_that_fails_is_left_out(
    belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporters, "draw_expedited", lambda _payload: True)
    send(belize, "example.org/a")
    assert intake.take_in(failures=IntakeFailures(receipts=set(Receipt.objects.values_list("pk", flat=True)))) == 0


def test_known_site_raises_priority(belize: Portal, ana: User) -> None:
    assessed_illegal(incident_of(belize, "https://a.example.org/1"), ana)
    other = incident_of(belize, "https://b.example.org/2")
    elsewhere = incident_of(belize, "https://example.net/3")

    assert PriorityReason.KNOWN_SITE in other.priority_reasons
    assert PriorityReason.KNOWN_SITE not in elsewhere.priority_reasons


@pytest.mark.parametrize(
    ("pages", "first", "repeated"),
    # Each further address: whether it is of a flood (2), whether its site is known, and its incident; or, where it was
    # reported before, the facts of its reports, the site, and its priority.
    [(1, 13, 12), (30, 13 + 29 * 4, 12 + 29 * 3)],
)
def test_envelope_takes_few_statements(
    belize: Portal, zambia: Portal, send: Sender, django_assert_num_queries: Any, pages: int, first: int, repeated: int
) -> None:
    """The beginning and the end of the transaction are counted, too."""
    text = "\n".join(
        f"https://{chr(97 + page % 26)}{chr(97 + page // 26)}.example.org/gallery" for page in range(pages)
    )
    for portal, statements in ((belize, first), (zambia, repeated), (zambia, repeated)):
        receipt_id = receipts.derive_credentials(send(portal, text)).receipt_id
        with django_assert_num_queries(statements):
            assert intake._take_in_receipt(receipt_id, IntakeFailures(), now=timezone.now())


def test_incident_that_is_stored_meanwhile_is_found(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = incident_of(belize, "example.org/a")
    misses: list[dict[bytes, Incident]] = [{}]

    def miss_once(fingerprints: Any) -> Any:
        return misses.pop() if misses else incident_matching.lock_incidents(fingerprints)

    monkeypatch.setattr(intake, "lock_incidents", miss_once)
    assert incident_of(belize, "example.org/a") == incident
    assert (incident.sightings.count(), Report.objects.count()) == (2, 2)
