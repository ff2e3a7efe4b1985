"""Each door of `meter.DOORS` counts, records, and limits or alarms as its row says."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from analysts.accounts.alarms import send_due_alarms
from analysts.codes import Role
from analysts.exports import writing
from analysts.exports.actions import order_export
from analysts.handoff import allowances, drawing
from analysts.models import (
    Batch,
    BatchKind,
    BatchState,
    ExportFormat,
    ExportProblem,
    ExportSubject,
    Exposure,
    Incident,
    Notice,
    RecipientAccess,
    Referral,
    User,
    Workstation,
)
from analysts.pages.list_exports import TABLES
from analysts.pages.tasks import ALARMS
from analysts.takedown.inbox.actions import open_address
from analysts.takedown.notices import manual_actions, texts
from analysts.tests.batches import workstation_for_batches
from analysts.tests.factories import incident_of, report_of
from analysts.tests.inboxes import inbox_of, referred_to, unit
from analysts.tests.notices import gathering_for
from analysts.welfare import meter, viewing
from analysts.welfare.meter import DOORS, Door
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.urls("portal_site.urls_staff")

# Content that passes through the door for the incidents, by a senior analyst.
type Walk = Callable[[User, Sequence[Incident]], object]


def _reveal(by: User, incidents: Sequence[Incident]) -> None:
    for incident in incidents:
        viewing.record_reveal(by=by, incident=incident, reason="quality")


def _reveal_words(by: User, incidents: Sequence[Incident]) -> None:
    _reveal(by, incidents)
    for incident in incidents:
        viewing.record_words(by=by, incident=incident)


def _show_related(by: User, incidents: Sequence[Incident]) -> None:
    viewing.record_related(by=by, incident=incidents[0], others=incidents)


def _read_letter(by: User, incidents: Sequence[Incident]) -> None:
    for incident in incidents:
        if not incident.notice_items.exists():
            gathering_for(incident, by)
    for notice in Notice.objects.filter(items__incident__in=incidents).distinct():
        manual_actions.read_letter(by=by, notice=notice)


def _copy(by: User, incidents: Sequence[Incident]) -> None:
    for incident in incidents:
        viewing.record_copy(by=by, incident=incident)


def _draw(by: User, incidents: Sequence[Incident]) -> None:
    workstation = Workstation.objects.first() or workstation_for_batches()
    drawing.draw_batch(by=by, workstation=workstation, kinds=[BatchKind.FIRST], count=len(incidents))


def _export(by: User, incidents: Sequence[Incident]) -> None:
    export = order_export(
        by=by,
        subject=ExportSubject.INCIDENTS,
        format=ExportFormat.CSV,
        columns=["incident"],
        matches=len(incidents),
        purpose="quality",
    )
    writing.write_export(export_id=export.pk, tables=TABLES)
    export.refresh_from_db()
    if export.problem:
        raise Denied(ExportProblem(export.problem).label)


def _open_in_inbox(by: User, incidents: Sequence[Incident]) -> None:
    """As an officer of a police force, whose account `by` is meanwhile."""
    sender = User.objects.get(username="ana")
    access = RecipientAccess.objects.filter(user=by).select_related("recipient").first()
    access = access or inbox_of(unit("Example Police", by=sender), by=sender, user=by)
    User.objects.filter(pk=by.pk).update(role=Role.RECIPIENT)
    for incident in incidents:
        referral = Referral.objects.filter(incident=incident, to=access.recipient).first()
        referral = referral or referred_to(access.recipient, incident, by=sender)[0]
        open_address(by=User.objects.get(pk=by.pk), referral_id=referral.pk)
    User.objects.filter(pk=by.pk).update(role=by.role)


WALKS: dict[Door, Walk] = {
    Door.INBOX: _open_in_inbox,
    Door.PAGE: _reveal,
    Door.WORDS: _reveal_words,
    Door.RELATED: _show_related,
    Door.LETTER: _read_letter,
    Door.COPY: _copy,
    Door.BATCH: _draw,
    Door.EXPORT: _export,
}
EACH_DOOR = pytest.mark.parametrize("door", Door)
LIMITED = pytest.mark.parametrize("door", [door for door in Door if DOORS[door].is_limited])
FREE = pytest.mark.parametrize("door", [door for door in Door if not DOORS[door].is_limited])


@pytest.fixture
def incidents(belize: Portal, ana: User, settings: Any) -> list[Incident]:
    settings.PUBLIC_URL = "https://report.hotline.example"
    texts.load_shipped_texts()
    return [incident_of(belize, f"https://{name}.example.org/page", now=timezone.now()) for name in ("one", "two")]


def test_every_door_has_a_rule_and_a_walk() -> None:
    assert set(DOORS) == set(WALKS) == set(Door)
    # Files and copies are limited; reveals and letters are not.
    assert {door for door in Door if DOORS[door].is_limited} == {Door.COPY, Door.BATCH, Door.EXPORT}


@EACH_DOOR
def test_door_records_each_incident(door: Door, incidents: list[Incident], sena: User) -> None:
    before = {event.pk for event in AuditEvent.objects.all()}
    WALKS[door](sena, incidents)
    events = AuditEvent.objects.filter(action=DOORS[door].action, actor=sena.log_id.pk).exclude(pk__in=before)
    if door == Door.WORDS:
        events = events.filter(details={"words": True})
    recorded = [name for event in events for name in event.details.get("incidents", [event.object_id])]
    assert sorted(recorded) == sorted(str(incident.pk) for incident in incidents)


@EACH_DOOR
def test_door_counts_each_address(door: Door, incidents: list[Incident], sena: User) -> None:
    WALKS[door](sena, incidents)
    day = Exposure.objects.filter(user=sena).first() or Exposure()
    used = meter.addresses_used(sena, now=timezone.now())
    assert (day.addresses_read, used) == ((0, 2) if DOORS[door].is_limited else (2, 0))
    # The words about an address are a reveal of their own, after that of the address.
    reveals = {Door.PAGE: 2, Door.WORDS: 4, Door.LETTER: 2, Door.EXPORT: 2}.get(door, 0)
    assert (day.reveals, day.open_since is not None) == (reveals, door in (Door.PAGE, Door.WORDS, Door.LETTER))


@LIMITED
@pytest.mark.parametrize("other", [door for door in Door if DOORS[door].is_limited])
def test_limited_doors_share_one_limit(
    door: Door, other: Door, incidents: list[Incident], belize: Portal, sena: User, settings: Any
) -> None:
    settings.FILE_ADDRESSES = 2
    WALKS[other](sena, incidents)
    # The open batch would be a reason to refuse another one.
    Batch.objects.update(state=BatchState.RETURNED, ended_at=timezone.now(), ended_by=sena)
    more = [incident_of(belize, "https://three.example.org/page", now=timezone.now())]
    events = AuditEvent.objects.filter(action=DOORS[door].action).count()
    with pytest.raises(Denied, match="addresses"), transaction.atomic():
        WALKS[door](sena, more)
    assert AuditEvent.objects.filter(action=DOORS[door].action).count() == events
    settings.FILE_ADDRESSES = 10
    WALKS[door](sena, more)


def test_senior_analyst_allows_more_copies(incidents: list[Incident], ana: User, sena: User, settings: Any) -> None:
    settings.FILE_ADDRESSES = 1
    _copy(ana, incidents[:1])
    with pytest.raises(Denied, match="1 addresses into files or copied them today"):
        _copy(ana, incidents[1:])
    allowance = allowances.ask_allowance(by=ana, number=1)
    allowances.grant_allowance(by=sena, allowance=allowance)
    _copy(ana, incidents[1:])
    assert meter.addresses_left(ana, now=timezone.now()) == 0


def test_copy_is_never_refused_while_a_child_is_in_danger(belize: Portal, ana: User, settings: Any) -> None:
    settings.FILE_ADDRESSES = 1
    report_of(belize, "https://danger.example.org/page", details={"facts": ["child_in_danger"]})
    incident = Incident.objects.get(child_in_danger=True)
    _copy(ana, [incident] * 3)
    assert meter.addresses_used(ana, now=timezone.now()) == 3


@FREE
def test_free_door_is_never_refused_and_alarms_once_a_day(
    door: Door, incidents: list[Incident], sena: User, axel: User, ana: User, settings: Any
) -> None:
    settings.REVEALS_A_DAY, settings.FILE_ADDRESSES = 1, 1
    for person in (sena, axel, ana):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@example.org")
    for _again in range(2):
        WALKS[door](sena, incidents)

    [event] = AuditEvent.objects.filter(action="welfare.unusual_reading")
    assert (event.actor, event.details) == (sena.log_id.pk, {})
    send_due_alarms(ALARMS)
    [letter] = mail.outbox
    assert set(letter.to) == {"axel@example.org", "sena@example.org"}
    assert letter.body.startswith("1 person has revealed unusually many addresses")
    assert "sena" not in letter.body
    card = "Unusually many addresses revealed"
    boards = {person.username: client_of(person).get("/admin/").content.decode() for person in (sena, axel, ana)}
    assert {name for name, page in boards.items() if card in page} == {"sena", "axel"}
    assert "<strong>sena</strong> revealed unusually many addresses on" in boards["axel"]
