"""History of a former system: read, mapped, counted, imported by two people, reported again, undone."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from io import BytesIO, RawIOBase
from typing import Any, cast

import pytest
from django.utils import timezone

from analysts.assessment.actions import claim_next, merge
from analysts.assessment.publishing import publish_outcomes
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import Role
from analysts.codes.imports import RowOutcome, RowRefusal
from analysts.codes.recipient_kinds import RecipientKind
from analysts.figures import rollups
from analysts.imports import actions
from analysts.imports.raw_rows import ReadOptions
from analysts.imports.working import erase_old_files, work_on_next
from analysts.models import (
    DailyFigure,
    EnteredAddress,
    HistoryImport,
    HistoryPart,
    HistoryRow,
    ImportFormat,
    ImportState,
    Incident,
    Notice,
    Recipient,
    Referral,
    User,
)
from analysts.states import State
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.routing.actions import refer
from analysts.tests.factories import assessed_cleared, claimed, incident_of, report_of
from audit.chain import verify_chain
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person
from tests.rig.scart_export import MAPPING, SECRET_WORDS, build_export, count_outcomes

NOW = timezone.now()
CSV = (
    "Reference;Address;Verdict;State;Decided;Notes\n"
    f"1;https://old.example.org/1;bad;done;{NOW:%Y-%m-%d};unread\n"
    f"2;https://old.example.org/2;bad;busy;{NOW:%Y-%m-%d};unread\n"
)
CSV_MORE = f"3;https://old.example.org/3;bad;busy;{NOW:%Y-%m-%d};unread\n"
CSV_MAPPING = {"verdict": {"bad": "illegal"}, "state": {"done": "closed", "busy": "open"}}


@pytest.fixture
def sami(db: None) -> User:
    """Sami, another senior analyst."""
    return create_person("sami", Role.SENIOR)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


class Export(RawIOBase):
    """The lines of an export as a file that is never stored."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.lines, self.rest = iter(lines), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            try:
                self.rest = next(self.lines)
            except StopIteration:
                return 0
        content, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(content)] = content
        return len(content)


def prepared(content: bytes | str, by: User | None, format: str = "csv", **more: Any) -> HistoryImport:
    file = BytesIO(content.encode() if isinstance(content, str) else content)
    fields: dict[str, Any] = {"source": "old", "portal": None, "options": ReadOptions(), "now": NOW, **more}
    return actions.prepare_import(by=by, format=ImportFormat(format), file=fields.pop("file", file), **fields)


def work(now: datetime = NOW) -> None:
    while work_on_next(now=now):
        pass


def imported(history: HistoryImport, sena: User, sami: User, mapping: Any = CSV_MAPPING, now: datetime = NOW) -> None:
    actions.map_codes(by=sena, history=history, mapping=mapping, now=now)
    work(now)
    actions.request_import(by=sena, history=history, now=now)
    actions.approve_import(by=sami, history=history, now=now + timedelta(minutes=1))
    work(now)
    history.refresh_from_db()


def test_scart_export_is_imported_as_counted_reported_again_and_undone(
    belize: Portal, sena: User, sami: User, ana: User
) -> None:
    count = 500
    expected = count_outcomes(count)
    taken = Counter({name: number for name, number in expected.items() if name in RowOutcome.values})
    now = timezone.now()
    file = cast("Any", Export(build_export(count, now=now)))
    history = prepared(b"", None, "scart", file=file, portal=belize, now=now)
    assert {name: len(numbers) for name, numbers in history.refusals.items()} == {
        name: number for name, number in expected.items() if name in RowRefusal.values
    }
    actions.map_codes(by=sena, history=history, mapping=MAPPING, now=now)
    work(now)
    history.refresh_from_db()
    # The dry run says what the import then does, and stores nothing.
    assert (history.counts, HistoryRow.objects.count(), Incident.objects.count()) == (taken, 0, 0)
    actions.request_import(by=sena, history=history, now=now)
    actions.approve_import(by=sami, history=history, now=now)
    work(now)
    history.refresh_from_db()
    assert (history.state, history.counts) == (ImportState.DONE, taken)
    assert HistoryRow.objects.count() == taken.total()
    assert Incident.objects.filter(state=State.WAITING, portals=[belize.pk]).count() == taken["queued"]
    assert HistoryRow.objects.exclude(sealed=b"").count() == taken["kept"]
    row = HistoryRow.objects.get(reference="A00000008")
    assert (row.verdict, row.severity, row.age_band, row.sex, row.site_type) == (
        *("illegal", "B", "0-2", "girls"),
        "image_host",
    )
    queued = HistoryRow.objects.get(reference="A00000002")
    assert (queued.host, queued.old_state, queued.notified_on) == (
        *("Example Hosting B.V.", "scheduler_checkonline"),
        date(2026, 11, 2),
    )
    assert not HistoryPart.objects.exists()

    # Known addresses are reported again: one that waits, one that is history.
    for number in (2, 8):
        report_of(belize, f"https://host-{number % 97}.example.org/gallery/{number}")
    actions.undo_import(by=sami, history=history)
    work(timezone.now())
    history.refresh_from_db()
    assert (history.state, sorted(history.kept)) == (ImportState.UNDONE, ["A00000002", "A00000008"])
    assert HistoryRow.objects.count() == 2
    assert Incident.objects.count() == 2
    assert EnteredAddress.objects.count() == 1
    assert verify_chain().faults == []


def test_nothing_that_is_not_listed_is_stored(sena: User, sami: User) -> None:
    history = prepared(b"", sena, "scart", file=cast("Any", Export(build_export(50))), now=timezone.now())
    imported(history, sena, sami, MAPPING, timezone.now())
    stored = [*HistoryRow.objects.values(), *HistoryImport.objects.values(), *AuditEvent.objects.values()]
    assert SECRET_WORDS not in str(stored)
    assert "abuse@" not in str(stored)
    assert history.ignored_columns > 0


def test_events_claim_no_verdict_and_name_the_file(sena: User, sami: User) -> None:
    history = prepared(CSV, sena)
    imported(history, sena, sami)
    events = list(AuditEvent.objects.order_by("number"))
    assert {event.action for event in events} == {"history.import"}
    steps = [event.details["state"] for event in events]
    assert steps == ["prepared", "mapped", "requested", "approved", "imported"]
    assert {event.details["digest"] for event in events} == {history.digest}
    assert events[-1].details["outcomes"] == {"kept": 1, "queued": 1}


def test_import_needs_two_senior_analysts(sena: User, sami: User, ana: User, olga: User) -> None:
    history = prepared(CSV, sena)
    actions.map_codes(by=sena, history=history, mapping=CSV_MAPPING, now=NOW)
    with pytest.raises(Late):
        actions.request_import(by=sena, history=history)
    work()
    actions.request_import(by=sena, history=history, now=NOW)
    for person in (sena, ana, olga):
        with pytest.raises(Denied):
            actions.approve_import(by=person, history=history, now=NOW)
    actions.approve_import(by=sami, history=history, now=timezone.now())
    with pytest.raises(Denied):
        prepared(CSV, ana)


def test_no_code_is_guessed(sena: User) -> None:
    history = prepared(CSV, sena)
    for mapping in ({}, {**CSV_MAPPING, "verdict": {}}, {**CSV_MAPPING, "verdict": {"bad": "awful"}}):
        with pytest.raises(Denied):
            actions.map_codes(by=sena, history=history, mapping=cast("Any", mapping))
    empty = {"verdict": {"bad": ""}, "state": {"done": "", "busy": ""}}
    actions.map_codes(by=sena, history=history, mapping=empty, now=NOW)
    work()
    history.refresh_from_db()
    assert history.counts == {"kept": 2}


def test_import_repeats_harmlessly(sena: User, sami: User) -> None:
    imported(prepared(CSV, sena), sena, sami)
    rows = list(HistoryRow.objects.order_by("pk").values())
    again = prepared(CSV, sena)
    imported(again, sena, sami)
    assert again.counts == {"repeated": 2}
    assert list(HistoryRow.objects.order_by("pk").values()) == rows
    assert Incident.objects.count() == 1


def test_receipt_says_nothing_of_an_imported_classification(belize: Portal, ana: User, sena: User, sami: User) -> None:
    now = timezone.now()
    imported(prepared(CSV, sena, now=now), sena, sami, now=now)
    reports = [report_of(belize, f"https://{host}.example.org/1") for host in ("old", "new")]
    publish_outcomes(now=now + timedelta(days=1))
    assert len({str(shown(report.pk)) for report in reports}) == 1
    incident = reports[0].sightings.get().incident
    assert (incident.state, incident.severity, incident.assessments.count()) == (State.WAITING, "", 0)
    assert "Hint from old, case 1" in text_of(client_of(ana).get(f"/admin/incidents/{incident.pk}/"))


def test_figures_of_reports_and_verdicts_have_nothing_of_an_import(belize: Portal, sena: User, sami: User) -> None:
    report_of(belize, "https://old.example.org/2", now=NOW)
    rollups.count_changes(now=NOW + timedelta(days=1))
    figures = list(DailyFigure.objects.order_by("pk").values())
    assert figures
    imported(prepared(CSV + CSV_MORE, sena, portal=belize), sena, sami)
    assert Incident.objects.filter(history_row__isnull=False).count() == 1
    rollups.count_changes(now=NOW + timedelta(days=2))
    rollups.recount_recent_days(now=NOW + timedelta(days=2))
    assert list(DailyFigure.objects.order_by("pk").values()) == figures
    # A verdict made here is one; the case was never among those that arrived, so it does not leave what waits.
    assessed_cleared(Incident.objects.get(history_row__isnull=False), sena, now=NOW + timedelta(days=2))
    rollups.count_changes(now=NOW + timedelta(days=4))
    numbers = DailyFigure.objects.filter(dimension="all", portal=None, is_month=False).values_list("subject", "number")
    assert dict(numbers) == {"reports": 1, "addresses": 1, "assessed": 1}


def test_hint_follows_an_address_into_the_incident_it_was_merged_into(
    belize: Portal, ana: User, sena: User, sami: User
) -> None:
    imported(prepared(CSV, sena), sena, sami)
    old, other = (incident_of(belize, f"https://{host}.example.org/1") for host in ("old", "other"))
    page = f"/admin/incidents/{other.pk}/"
    assert "Hint from old" not in text_of(client_of(ana).get(page))
    merge(by=ana, incident=old, into=other)
    assert "Hint from old, case 1" in text_of(client_of(ana).get(page))


def test_no_notice_about_an_open_case_leaves_before_a_verdict_made_here(
    belize: Portal, ana: User, sena: User, sami: User
) -> None:
    imported(prepared(CSV, sena, portal=belize), sena, sami)
    incident = Incident.objects.get()
    plan_due_notices(now=NOW + timedelta(days=30))
    for kind in RecipientKind:
        with pytest.raises(Denied):
            refer(by=ana, incident=incident, kind=kind, name=f"Example {kind}", reason="Host of then.", now=NOW)
    assert not Recipient.objects.filter(name__startswith="Example ").exists()
    assert not Notice.objects.exists()
    assert not Referral.objects.exists()
    row = HistoryRow.objects.get(incident=incident)
    assert (row.verdict, incident.severity, incident.chases.exists()) == ("illegal", "", False)
    page = text_of(client_of(ana).get(f"/admin/incidents/{incident.pk}/"))
    assert "Hint from old, case 2" in page
    assert "no notice leaves before your verdict" in page
    # Their next step is a look: the analyst who asks for the next incident gets it.
    assert claim_next(by=ana) == incident


def test_open_case_that_a_colleague_has_begun_outlives_the_undoing(ana: User, sena: User, sami: User) -> None:
    history = prepared(CSV, sena)
    imported(history, sena, sami)
    claimed(Incident.objects.get(), ana)
    actions.undo_import(by=sena, history=history, now=NOW + timedelta(days=6))
    work()
    history.refresh_from_db()
    assert (history.kept, [row.reference for row in HistoryRow.objects.all()]) == (["2"], ["2"])


def test_import_is_undone_for_seven_days(sena: User, sami: User) -> None:
    history = prepared(CSV, sena)
    imported(history, sena, sami)
    with pytest.raises(Late):
        actions.undo_import(by=sena, history=history, now=NOW + timedelta(days=7))


def test_file_is_erased_after_a_week(sena: User) -> None:
    history = prepared(CSV, sena)
    erase_old_files(now=NOW + timedelta(days=6))
    assert HistoryPart.objects.exists()
    erase_old_files(now=NOW + timedelta(days=7))
    history.refresh_from_db()
    assert (history.state, HistoryPart.objects.exists()) == (ImportState.DISCARDED, False)
