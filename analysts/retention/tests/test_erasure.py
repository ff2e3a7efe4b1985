"""Closing, emptying and destroying keys: what stays readable, what does not, also in backups."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from analysts.assessment import actions
from analysts.assessment.intake import run as intake
from analysts.assessment.reports_section import TICK_TEXTS
from analysts.codes import Closing, HoldReason
from analysts.incidents import sealing_contexts
from analysts.incidents.contents import opening, storing
from analysts.models import Assessment, Incident, Report, Sighting, User
from analysts.retention import actions as retention_actions
from analysts.retention import erasure, resealing
from analysts.states import State
from analysts.takedown.notices.redaction_review import confirm_redaction
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.url_list.actions import list_address
from analysts.tests.factories import assessed_cleared, assessed_illegal, incident_of
from analysts.tests.march import (
    DESTROYED,
    EMPTIED,
    MARCH,
    MARCH_CLOSES,
    address,
    create_removed_incident,
    events,
    key_of,
    nothing_found,
    open_keys,
    said,
)
from analysts.tests.notices import gathering_for
from analysts.tests.replies import noticed
from audit.chain import verify_chain
from audit.models import AuditEvent
from countries.models import Portal
from portal_site.database import roles
from portal_site.database.programs import program_folder
from reports import keys, notice_answers, notice_links, receipts, sealing
from reports.actions import look_up
from reports.models import KeyClass, KeyState, Message, NoticeLink, Submission
from reports.report_text import SealedTick
from reports.tests.codes import code_of
from tests.rig.fixtures import client_of, send_report

__all__ = ["open_keys"]

WORDS = "placeholder words"
INVITED = "https://a.example/1"
DETAILS = {"description": WORDS, "facts": ["login_needed"]}


def test_key_lives_and_ends_month_by_month(belize: Portal, ana: User, open_keys: Path) -> None:
    erased = nothing_found(belize, ana, "https://a.example/1", details=DETAILS)
    kept = incident_of(belize, "https://b.example/1", now=MARCH)
    words = incident_of(belize, "A man wrote to me.", now=MARCH)
    key = key_of(3)
    public, private = open_keys / "public" / f"{key.pk}.pub", open_keys / "private" / f"{key.pk}.key"

    assert erasure.tend_keys(now=MARCH_CLOSES - timedelta(days=1)).closed == []
    assert public.exists()
    assert erasure.tend_keys(now=MARCH_CLOSES).closed == [key_of(3, KeyClass.ADDRESSES).pk, key.pk]
    assert not public.exists()
    assert sorted(said(erased)) == ["https://a.example/1", WORDS]

    assert erasure.tend_keys(now=EMPTIED - timedelta(days=1)).emptied == []
    assert erasure.tend_keys(now=EMPTIED).emptied == [key.pk]
    # Readable until there was time for a backup of the resealed content.
    assert sorted(said(erased)) == ["https://a.example/1", WORDS]
    assert erasure.tend_keys(now=DESTROYED - timedelta(days=1)).destroyed == []
    assert private.exists()
    assert erasure.tend_keys(now=DESTROYED).destroyed == [key.pk]

    assert not private.exists()
    assert said(erased) == ["", ""]
    assert said(kept) == ["https://b.example/1"]
    assert Submission.objects.get(receipt__report__sightings__incident=kept).key == key_of(4)
    # The address is kept longer, and so is the key of addresses.
    assert address(erased) == "https://a.example/1"
    # Erased rows are no longer found among the records of counts.
    reports = Report.objects.filter(record_key=None)
    assert {sighting.incident for sighting in Sighting.objects.filter(report__in=reports)} == {erased}
    assert set(Incident.objects.exclude(record_key=None)) == {erased, kept, words}
    assert erasure.tend_keys(now=DESTROYED) == erasure.Tended()


def test_statistics_stay_and_dead_bytes_go(belize: Portal, ana: User) -> None:
    incident = create_removed_incident(belize, ana, "https://a.example/1")
    report = incident.sightings.get().report
    actions.ask_reporter(by=ana, incident=incident, report=report, question="Where was it?", now=MARCH)

    def kept() -> list[Any]:
        return [
            list(Incident.objects.values_list("state", "closing", "closed_on", "fingerprint", "site_fingerprint")),
            list(Assessment.objects.values()),
            list(Report.objects.values("receipt", "portal", "language", "received_hour", "facts")),
            list(Submission.objects.values("id", "kind", "language", "received_hour")),
            list(Message.objects.values("id", "asked_on")),
        ]

    before = kept()
    for day in (0, 400, 402, 404):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=day))
    assert kept() == before
    assert [bytes(sealed) for sealed in Submission.objects.values_list("sealed", flat=True)] == [b""]
    assert [bytes(sealed) for sealed in Incident.objects.values_list("sealed_address", flat=True)] == [b""]
    assert [bytes(sealed) for sealed in Sighting.objects.values_list("sealed_address", flat=True)] == [b""]
    message = Message.objects.get()
    assert (bytes(message.sealed_for_staff), bytes(message.sealed_for_reporter)) == (b"", b"")
    assert [Report.objects.get().record_key, Incident.objects.get().record_key] == [None, None]
    # The digest is erased with its text.
    assert Submission.objects.get().digest is None
    # The receipt still shows the state, but the question is erased for the reporter too.
    looked_up = look_up(receipts.derive_credentials(code_of(report.pk)))
    assert looked_up is not None
    assert looked_up.messages == []
    assert [question.erased_on for question in opening.unseal_all_questions([report])[report.pk]] == [date(2027, 5, 11)]
    assert [envelope.erased_on for envelope in opening.unseal_envelopes(report)] == [date(2027, 5, 11)]


def test_audit_event_of_erasure_holds_counts_without_identifiers(belize: Portal, ana: User, sena: User) -> None:
    erased = nothing_found(belize, ana, "https://a.example/1", details=DETAILS)
    held = nothing_found(belize, ana, "https://b.example/1")
    retention_actions.place_hold(by=sena, incident=held, reason=HoldReason.COURT, review_on=date(2027, 1, 1), now=MARCH)
    incident_of(belize, "https://c.example/1", now=MARCH)
    assessed_illegal(incident_of(belize, "https://d.example/1", now=MARCH), ana, now=MARCH)
    create_removed_incident(belize, ana, "https://e.example/1")
    send_report(belize, "https://f.example/1", now=MARCH)
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)

    resealed = {"held": 1, "in_work": 1, "not_taken_in": 1, "recent": 1, "unassessed": 1}
    assert events("key.destroy") == [
        {"class": "words", "month": "2026-03", "erased": {"envelopes": 2}, "resealed": resealed}
    ]
    assert events("key.empty") == [{"resealed": resealed}]
    written = json.dumps(list(AuditEvent.objects.filter(action__startswith="key.").values("object_id", "details")))
    for row in (erased, *Report.objects.all(), *Submission.objects.all()):
        assert str(row.pk) not in written
    assert verify_chain().faults == []


def test_files_that_come_back_are_removed_again_and_said_so(belize: Portal, ana: User, open_keys: Path) -> None:
    nothing_found(belize, ana, "https://a.example/1")
    private = open_keys / "private" / f"{key_of(3).pk}.key"
    public = open_keys / "public" / f"{key_of(3).pk}.pub"
    copies = {path: path.read_bytes() for path in (private, public)}
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)
    # The keyring is restored from a backup that kept old files.
    for path, content in copies.items():
        path.write_bytes(content)

    assert erasure.tend_keys(now=DESTROYED).removed_again == [private.stem]
    assert not private.exists()
    assert not public.exists()
    assert events("key.remove_again") == [{"keys": [private.stem]}]
    assert erasure.tend_keys(now=DESTROYED).removed_again == []


def test_private_half_is_overwritten_before_it_is_removed(open_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_id = key_of(3).pk
    path = open_keys / "private" / f"{key_id}.key"
    size, seen = path.stat().st_size, []
    monkeypatch.setattr(
        Path, "unlink", lambda self, missing_ok=False: seen.append((self.name, self.exists() and self.read_bytes()))
    )
    keys.destroy_key(key_id)

    assert seen[-1] == (path.name, b"\0" * size)


def test_process_lets_go_of_keys_when_one_is_destroyed(open_keys: Path) -> None:
    march, april = key_of(3).pk, key_of(4).pk
    opened = keys.private_key(march)
    assert keys.private_key(march) is opened
    keys.destroy_key(april)

    assert keys.private_key(march) is not opened


def test_missing_private_half_is_reported_without_blocking_other_keys(
    belize: Portal, ana: User, open_keys: Path
) -> None:
    nothing_found(belize, ana, "https://a.example/1")
    incident_of(belize, "https://b.example/1", now=MARCH)
    (open_keys / "private" / f"{key_of(3).pk}.key").unlink()
    late = MARCH_CLOSES + timedelta(days=100)
    done = erasure.tend_keys(now=late)

    assert done.missing == [key_of(3).pk]
    assert done.emptied == [
        key_of(3, KeyClass.ADDRESSES).pk,
        *[key_of(month, c).pk for month in (4, 5, 6) for c in reversed(KeyClass)],
    ]
    assert key_of(3).state == KeyState.CLOSED


def test_missing_private_half_of_open_key_is_reported(open_keys: Path) -> None:
    """The keyring's backup is a mirror, updated after a run without faults, so it would lose the missing half too."""
    (open_keys / "private" / f"{key_of(3).pk}.key").unlink()

    assert erasure.tend_keys(now=MARCH).missing == [key_of(3).pk]


def test_installation_without_a_key_of_reply_links_gets_one(open_keys: Path) -> None:
    path = open_keys / "private" / "reply-links.key"
    path.unlink()
    erasure.tend_keys(now=MARCH)
    assert path.exists()


def test_damaged_envelope_does_not_keep_a_key_alive(belize: Portal, ana: User) -> None:
    nothing_found(belize, ana, "https://a.example/1")
    kept = incident_of(belize, "https://b.example/1", now=MARCH)
    report = kept.sightings.get().report
    damaged = Submission.objects.create(
        receipt=report.receipt,
        kind="details",
        portal=belize,
        language="en",
        received_hour=report.received_hour,
        key=key_of(3),
        digest=b"x" * 32,
        sealed=b"\1damaged",
    )
    intake.take_in(now=MARCH)
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)

    assert key_of(3).state == KeyState.DESTROYED
    assert events("key.destroy")[0]["resealed"] == {"damaged": 1, "unassessed": 1}
    damaged.refresh_from_db()
    assert (bytes(damaged.sealed), damaged.key) == (b"\1damaged", key_of(4))


def test_what_came_back_into_work_since_the_key_was_emptied_survives_it(belize: Portal, ana: User) -> None:
    back = nothing_found(belize, ana, "https://a.example/1")
    for now in (MARCH_CLOSES, EMPTIED):
        erasure.tend_keys(now=now)
    actions.reopen(by=ana, incident=back, now=EMPTIED)
    erasure.tend_keys(now=DESTROYED)

    assert key_of(3).state == KeyState.DESTROYED
    assert said(back) == ["https://a.example/1"]


def test_copies_of_an_address_under_takedown_are_resealed_with_it(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, f"{INVITED}?invite=placeholder", now=MARCH)
    item = gathering_for(incident, ana, now=MARCH)
    left = confirm_redaction(by=ana, incident=incident, address=INVITED, now=MARCH)
    storing.seal_copy(item, INVITED, now=MARCH)
    item.save()
    entry = list_address(by=ana, incident=incident, now=MARCH)
    assert entry is not None
    # The same key also sealed an address that is erased.
    nothing_found(belize, ana, "https://b.example/1")
    for days in (0, 400, 402):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=days))

    assert key_of(3, KeyClass.ADDRESSES).state == KeyState.DESTROYED
    for copy in (left, item, entry):
        copy.refresh_from_db()
        assert opening.unseal_copy(copy) == INVITED
    [spelling] = opening.unseal_spellings(Sighting.objects.get(incident=incident))
    assert spelling.reported == f"{INVITED}?invite=placeholder"


def test_erasing_an_address_also_erases_its_reply_link(belize: Portal, ana: User, settings: Any) -> None:
    settings.PUBLIC_URL, settings.NOTICE_LINK_DAYS = "https://report.example.org", 365
    notice = noticed(incident_of(belize, "https://a.example/1", now=MARCH), by=ana, now=MARCH)
    credentials = notice_links.derive_link_credentials(reply_links.secret_of(notice.pk))
    # As after a changed verdict: the address is erased while the link would still accept replies.
    Incident.objects.update(state=State.CLOSED, closing=Closing.NOT_ACTIONED, closed_on=MARCH)
    erasure.tend_keys(now=MARCH_CLOSES)
    assert notice_answers.look_up(credentials, now=MARCH_CLOSES) is not None
    for days in (100, 102):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=days))

    assert bytes(Incident.objects.get().sealed_address) == b""
    assert bytes(NoticeLink.objects.get().sealed) == b""
    assert notice_answers.look_up(credentials, now=MARCH_CLOSES + timedelta(days=102)) is None


def test_address_on_the_url_list_outlives_that_of_its_incident(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, INVITED, now=MARCH)
    assessed_illegal(incident, ana, now=MARCH)
    entry = list_address(by=ana, incident=incident, now=MARCH)
    assert entry is not None
    actions.close(by=ana, incident=incident, closing=Closing.EXHAUSTED, now=MARCH)
    for days in (0, 400, 402):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=days))

    entry.refresh_from_db()
    assert (opening.unseal_copy(entry), address(incident)) == (INVITED, None)


def test_details_sent_again_after_their_erasure_are_stored_and_read(belize: Portal, ana: User) -> None:
    incident = nothing_found(belize, ana, "https://a.example/1", details=DETAILS)
    code = code_of(incident.sightings.get().report_id)
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)
    assert said(incident) == ["", ""]
    later = DESTROYED + timedelta(days=1)
    for _ in range(2):
        send_report(belize, "https://a.example/1", code=code, details=DETAILS, now=later)
    intake.take_in(now=later)

    # Once: two texts erased, and the same two again.
    assert Submission.objects.count() == 4
    assert sorted(said(incident)) == ["", "", "https://a.example/1", WORDS]
    assert Incident.objects.get().state == State.WAITING


def test_address_that_was_erased_is_known_and_readable_when_reported_again(belize: Portal, ana: User) -> None:
    incident = create_removed_incident(belize, ana, "https://a.example/1")
    for days in (0, 400, 402):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=days))
    assert address(incident) is None
    later = MARCH_CLOSES + timedelta(days=403)
    first = incident.sightings.get()
    assert first.has_incident_spelling
    send_report(belize, "https://a.example/1", now=later)
    intake.take_in(now=later)

    assert Incident.objects.get().pk == incident.pk
    assert address(incident) == "https://a.example/1"
    # Not even as another reporter writes it.
    first, again = Sighting.objects.order_by("report__received_hour")
    assert [len(opening.unseal_spellings(sighting)) for sighting in (first, again)] == [0, 1]
    incident.refresh_from_db()
    assert incident.key is not None
    assert incident.key.state == KeyState.OPEN


def test_address_reported_again_leaves_a_key_that_is_going(belize: Portal, ana: User) -> None:
    incident = create_removed_incident(belize, ana, "https://A.example/1")
    erasure.tend_keys(now=MARCH_CLOSES)
    first = opening.unseal_address(incident)
    send_report(belize, "a.example/1", now=MARCH_CLOSES)
    intake.take_in(now=MARCH_CLOSES)
    incident.refresh_from_db()

    assert incident.key == key_of(4, KeyClass.ADDRESSES)
    # The spelling of the first reporter.
    assert opening.unseal_address(incident) == first


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reports_sealingkey SET state = 'closed', destroyed_on = NULL WHERE id = '{destroyed}'",
        "UPDATE reports_sealingkey SET state = 'open', destroyed_on = NULL WHERE id = '{destroyed}'",
        "DELETE FROM reports_sealingkey WHERE id = '{destroyed}'",
        "UPDATE reports_sealingkey SET state = 'destroyed', destroyed_on = '2026-05-01' WHERE id = '{open}'",
        "UPDATE reports_sealingkey SET state = 'destroyed' WHERE id = '{closed}'",
        "UPDATE reports_sealingkey SET month = '2026-01-01' WHERE id = '{open}'",
        "UPDATE reports_sealingkey SET key_class = 'addresses' WHERE id = '{open}'",
        "UPDATE reports_submission SET sealed = '' WHERE key_id = '{open}'",
        "UPDATE reports_submission SET sealed = '', key_id = '{may}' WHERE key_id = '{open}'",
        "UPDATE reports_submission SET key_id = '{closed}' WHERE key_id = '{open}'",
        "UPDATE reports_submission SET key_id = '{destroyed}' WHERE key_id = '{open}'",
        "UPDATE reports_submission SET sealed = 'x' WHERE key_id = '{destroyed}'",
    ],
)
def test_database_refuses_a_way_back_from_destroyed(belize: Portal, ana: User, statement: str) -> None:
    nothing_found(belize, ana, "https://a.example/1")
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)
    send_report(belize, "https://b.example/1", now=DESTROYED)
    names = {
        "destroyed": key_of(3).pk,
        "closed": key_of(3, KeyClass.ADDRESSES).pk,
        "open": key_of(4).pk,
        "may": key_of(5).pk,
    }
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**names))


def test_night_needs_no_more_than_the_staff_role(belize: Portal, ana: User) -> None:
    nothing_found(belize, ana, "https://a.example/1")
    incident_of(belize, "https://b.example/1", now=MARCH)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {roles.STAFF}")
        for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
            erasure.tend_keys(now=now)
        cursor.execute("RESET ROLE")
    assert key_of(3).state == KeyState.DESTROYED


def dump() -> str:
    """The whole database as a `pg_dump` text dump."""
    server = connection.get_connection_params()
    done = subprocess.run(
        [
            str(program_folder() / "pg_dump"),
            *(
                "--host",
                str(server["host"]),
                "--port",
                str(server.get("port", 5432)),
                "--username",
                str(server["user"]),
            ),
            *("--data-only", "--inserts", str(server["dbname"])),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def readable_in(backup: str, submission: Submission) -> list[str]:
    """The texts of the submission that can be opened in a dump, trying every key of this keyring."""
    info = sealing_contexts.submission_info(submission)
    found = []
    for line in backup.splitlines():
        if line.startswith("INSERT INTO public.reports_submission") and str(submission.pk) in line:
            sealed = bytes.fromhex(line.rpartition("'\\x")[2].partition("'")[0])
            for key_id in keys.private_key_ids():
                try:
                    found.append(str(sealing.unseal_json(sealed, by=keys.private_key(key_id), info=info)["addresses"]))
                except sealing.UnsealError:
                    continue
    return found


@pytest.mark.django_db(transaction=True)
def test_erased_text_is_unreadable_in_the_backup_of_before(belize: Portal, ana: User) -> None:
    erased = nothing_found(belize, ana, "https://a.example/1")
    kept = incident_of(belize, "https://b.example/1", now=MARCH)
    gone_from, kept_in = (
        Submission.objects.get(receipt__report__sightings__incident=incident) for incident in (erased, kept)
    )
    erasure.tend_keys(now=MARCH_CLOSES)
    before = dump()
    assert readable_in(before, gone_from) == ["https://a.example/1"]
    erasure.tend_keys(now=EMPTIED)
    between = dump()
    erasure.tend_keys(now=DESTROYED)

    # The keyring after destruction opens nothing erased in either backup; kept content opens in the later one.
    assert [readable_in(backup, gone_from) for backup in (before, between)] == [[], []]
    assert [readable_in(backup, kept_in) for backup in (before, between)] == [[], ["https://b.example/1"]]


def server_parameters() -> dict[str, Any]:
    """For a session beside Django's."""
    names = ("host", "port", "user", "dbname", "password")
    return {name: value for name, value in connection.get_connection_params().items() if name in names}


@pytest.mark.django_db(transaction=True)
def test_second_run_beside_the_first_does_nothing(belize: Portal) -> None:
    with psycopg.connect(**server_parameters(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [erasure.RUN_LOCK])
        with pytest.raises(erasure.UnderWay):
            erasure.tend_keys(now=MARCH_CLOSES)
        with pytest.raises(erasure.UnderWay):
            erasure.rotate_key(key_of(3).pk, now=MARCH)
        # Not left to the end of the connection, which the server may notice later.
        other.execute("SELECT pg_advisory_unlock(%s)", [erasure.RUN_LOCK])
    assert key_of(3).state == KeyState.OPEN
    assert key_of(3).pk in erasure.tend_keys(now=MARCH_CLOSES).closed


@pytest.mark.django_db(transaction=True)
def test_run_that_loses_its_session_ends_and_the_next_one_completes_it(
    belize: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another database machine takes over: the lock is gone, so the run must not go on without it."""
    close_past_months = erasure._close_past_months

    def lose_session(now: datetime) -> list[str]:
        with psycopg.connect(**server_parameters(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND pid"
                " <> pg_backend_pid()",
                [erasure.RUN_LOCK],
            )
        return close_past_months(now)

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "_close_past_months", lose_session)
        with pytest.raises(OperationalError):
            erasure.tend_keys(now=MARCH_CLOSES)
    connection.close()
    assert key_of(3).state == KeyState.OPEN
    assert key_of(3).pk in erasure.tend_keys(now=MARCH_CLOSES).closed


@pytest.mark.django_db(transaction=True)
def test_hold_that_is_being_placed_is_not_missed_by_a_destruction(belize: Portal, ana: User, sena: User) -> None:
    incident = nothing_found(belize, ana, "https://a.example/1")
    for now in (MARCH_CLOSES, EMPTIED):
        erasure.tend_keys(now=now)
    ready = Event()

    def destroying() -> None:
        try:
            ready.wait(30)
            erasure.tend_keys(now=DESTROYED)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            retention_actions.place_hold(
                by=sena, incident=incident, reason=HoldReason.POLICE, review_on=date(2027, 1, 1), now=DESTROYED
            )
            other = pool.submit(destroying)
            ready.set()
            with pytest.raises(TimeoutError):
                other.result(timeout=2)
        other.result(timeout=30)
    assert key_of(3).state == KeyState.DESTROYED
    assert said(incident) == ["https://a.example/1"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lock", ["UPDATE", "KEY SHARE"])
def test_locked_row_is_left_for_the_next_night(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    """Not one that another transaction only refers to."""
    pauses: list[float] = []
    monkeypatch.setattr(resealing, "PATIENCE", 3)
    monkeypatch.setattr(resealing, "time", SimpleNamespace(sleep=pauses.append))
    kept = create_removed_incident(belize, ana, "https://a.example/1")
    nothing_found(belize, ana, "https://b.example/1")
    due = MARCH_CLOSES + timedelta(days=90)
    locked, release = Event(), Event()

    def working() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SELECT FROM analysts_incident WHERE id = %s FOR {lock}", [kept.pk])
                locked.set()
                release.wait(30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(working)
        assert locked.wait(30)
        done = erasure.tend_keys(now=due)
        release.set()
        other.result(timeout=30)
    key = key_of(3, KeyClass.ADDRESSES)
    if lock == "KEY SHARE":
        assert (done.in_use, key.pk in done.emptied, pauses) == ([], True, [])
        return
    assert (done.in_use, key.emptied_on) == ([key.pk], None)
    assert pauses == pytest.approx([0.2, 0.4])
    assert key.pk in erasure.tend_keys(now=due).emptied


def test_key_of_an_account_goes_with_its_last_words(belize: Portal, zambia: Portal, ana: User) -> None:
    app = {"platform": "Snapchat", "account": "name.one"}
    incident = incident_of(belize, "", app=app, now=MARCH)
    before = bytes(incident.fingerprint)
    assessed_cleared(incident, ana, now=MARCH)
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        assert bytes(Incident.objects.get().fingerprint) == before
        erasure.tend_keys(now=now)

    incident.refresh_from_db()
    assert bytes(incident.fingerprint) != before
    # A later report is a new incident, as if the account had never been reported.
    assert incident_of(zambia, "", app=app, now=DESTROYED) != incident


@pytest.mark.parametrize("tick", SealedTick.values)
def test_sealed_tick_goes_with_the_words(belize: Portal, ana: User, sena: User, tick: str) -> None:
    incident = nothing_found(belize, ana, "https://a.example/1", app={"facts": [tick]})
    reveal = partial(client_of(sena).post, f"/admin/incidents/{incident.pk}/reveal/", {"reason": "advice"}, follow=True)
    label = str(TICK_TEXTS[SealedTick(tick)])
    assert label in reveal().content.decode()
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)
    assert label not in reveal().content.decode()
