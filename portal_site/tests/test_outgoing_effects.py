"""Effects that leave the installation, each under each part of a lockdown, and whether the table is complete."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app

from analysts.accounts import operator_mails
from analysts.codes import Role
from analysts.models import FeedScope, Notice, NoticeState, User
from analysts.pages import tasks
from analysts.takedown.notices import texts
from analysts.takedown.url_list import members
from analysts.takedown.url_list.tests.test_url_list import illegal, listed
from analysts.tests.factories import report_of
from analysts.tests.notices import host, planned, referred
from audit.actions import record_event
from countries import decided_settings
from countries.models import Portal, PortalState, PublishedStatistics
from countries.outgoing_effects import (
    ALARMS,
    AUDIT_STREAM,
    HEALTH,
    LETTERS,
    MEMBERS_FEED,
    OUTGOING_EFFECTS,
    PORTAL_OPENINGS,
    PUBLIC_PAGES,
    PUBLIC_STATISTICS,
    RECEIPT_STATES,
    STAFF_FILES,
    TEST_MESSAGE,
    OutgoingEffect,
)
from countries.public import published
from countries.staff.workspace import emergency
from countries.table_marks import LockdownPart
from countries.tests.factories import complete_portal
from portal_site import access_table
from portal_site.database import roles
from portal_site.tests.test_lockdown import public_privileges, run_lockdown, sign_in
from reports import receipts
from reports.actions import look_up
from reports.tests.codes import code_of
from tests.rig.fixtures import create_person
from tests.rig.public_pages import roll_back_afterwards
from tests.rig.route_objects import create_confirmed_period

# Lets the effect happen, and returns whether it did.
type Release = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Scene:
    """The people and the portal of an effect, and where files go."""

    belize: Portal
    ana: User
    olga: User
    sena: User
    settings: Any
    folder: Path


@pytest.fixture
def scene(db: None, belize: Portal, ana: User, olga: User, sena: User, settings: Any, tmp_path: Path) -> Scene:
    settings.PUBLIC_URL, settings.PUBLISH_EVERY = "https://report.hotline.example", "minute"
    settings.ALERT_EMAILS = ["duty@hotline.example"]
    settings.AUDIT_STREAM = f"file:{tmp_path}/stream"
    texts.load_shipped_texts(now=timezone.now())
    return Scene(belize, ana, olga, sena, settings, tmp_path)


def due_letter(scene: Scene) -> Release:
    now = timezone.now()
    item = planned(referred(scene.belize, scene.ana, host(by=scene.ana), now=now), by=scene.ana, now=now)
    assert item is not None
    Notice.objects.update(scheduled_at=now - timedelta(minutes=5))

    def release() -> bool:
        tasks.send_notice(notice_id=str(item.notice_id))
        tasks.find_late_notices(timestamp=0)
        return Notice.objects.get().state == NoticeState.SENT and len(mail.outbox) == 1

    return release


def feed_of_member(scene: Scene) -> Release:
    listed(illegal(scene.belize, scene.sena, "https://example.org/1"), scene.sena)
    until = timezone.now().date() + timedelta(days=30)
    _key, secret = members.make_key(by=scene.sena, member="Member", scope=FeedScope.ADDRESSES, expires_on=until)

    def release() -> bool:
        headers = {"Authorization": f"Bearer {secret}"}
        addresses = ("/api/url-list/", "/api/url-list/changes?since=0", "/api/url-list/?format=csv&variant=hashes")
        answers: list[Any] = [Client().get(address, headers=headers) for address in addresses]
        assert len({answer.status_code for answer in answers}) == 1
        if answers[0].status_code == 200:
            return all(b"".join(answer.streaming_content) for answer in answers)
        held = {(answer.status_code, answer.headers["Retry-After"], "ETag" in answer.headers) for answer in answers}
        assert held == {(503, "900", False)}
        assert b"entries" not in answers[0].content
        # A tag of an earlier fetch gets no "unchanged" either.
        assert Client().get(addresses[0], headers={**headers, "If-None-Match": "*"}).status_code == 503
        assert Client().get(addresses[0], headers={"Authorization": "Bearer wrong"}).status_code == 401
        return False

    return release


def scheduled_portal(scene: Scene) -> Release:
    today = timezone.localdate()
    complete_portal("gh", "Ghana", "en", "en-gb", state=PortalState.SCHEDULED, opens_on=today)

    def release() -> bool:
        tasks.open_portals(timestamp=0)
        return Portal.objects.get(slug="gh").state == PortalState.LIVE

    return release


def waiting_receipt(scene: Scene) -> Release:
    code = code_of(report_of(scene.belize).pk)

    def release() -> bool:
        tasks.publish(timestamp=0)
        receipt = look_up(receipts.derive_credentials(code))
        return receipt is not None and bool(receipt.outcomes)

    return release


def closed_year(scene: Scene) -> Release:
    create_confirmed_period("2024", first=scene.sena, second=create_person("selma", Role.SENIOR, scene.belize))

    def release() -> bool:
        tasks.publish_figures(timestamp=0)
        return PublishedStatistics.objects.exists()

    return release


def public_role(scene: Scene) -> Release:
    roles.grant_roles()
    return lambda: bool(public_privileges())


def file_of_staff(scene: Scene) -> Release:
    def release() -> bool:
        client = Client()
        is_in = sign_in(client, scene.olga) == 200
        answer = client.get(f"/admin/countries/portal/{scene.belize.pk}/export/")
        assert is_in == ("attachment" in answer.headers.get("Content-Disposition", ""))
        return is_in

    return release


def alarm_mail(scene: Scene) -> Release:
    emergency.suspend_at_once(by=scene.olga, portal=scene.belize, reason="A wrong number.")

    def release() -> bool:
        operator_mails.raise_emergency_alarm()
        tasks.send_alarms(timestamp=0)
        return [message.to for message in mail.outbox] == [["duty@hotline.example"]]

    return release


def ordered_message(scene: Scene) -> Release:
    User.objects.filter(pk=scene.olga.pk).update(email="olga@hotline.example")

    def release() -> bool:
        tasks.send_test_message(user_id=scene.olga.pk)
        return [message.to for message in mail.outbox] == [["olga@hotline.example"]]

    return release


def audit_events(scene: Scene) -> Release:
    with transaction.atomic():
        record_event(by=None, action="audit.view")

    def release() -> bool:
        tasks.stream_audit(timestamp=0)
        return b"audit.view" in (scene.folder / "stream").read_bytes()

    return release


def health_answer(scene: Scene) -> Release:
    return lambda: Client().get("/health/live/").status_code == 200


# By effect: what prepares it, and the jobs that cause it.
DOORS: dict[OutgoingEffect, tuple[Callable[[Scene], Release], set[str]]] = {
    LETTERS: (due_letter, {"send_notice", "find_late_notices"}),
    MEMBERS_FEED: (feed_of_member, set()),
    PORTAL_OPENINGS: (scheduled_portal, {"open_portals"}),
    RECEIPT_STATES: (waiting_receipt, {"publish"}),
    PUBLIC_STATISTICS: (closed_year, {"publish_figures"}),
    PUBLIC_PAGES: (public_role, set()),
    STAFF_FILES: (file_of_staff, {"write_export"}),
    ALARMS: (alarm_mail, {"send_alarms"}),
    TEST_MESSAGE: (ordered_message, {"send_test_message"}),
    AUDIT_STREAM: (audit_events, {"stream_audit", "keep_anchor"}),
    HEALTH: (health_answer, set()),
}
# Jobs whose work stays in the database; an alarm that one raises leaves by `send_alarms`.
INSIDE = {
    "announce_approvals",
    "chase",
    "check_mail_server",
    "clear_desks",
    "count_figures",
    "count_sources",
    "delete_old_readings",
    "delete_old_sessions",
    "end_late_batches",
    "end_modes",
    "end_old_public_transactions",
    "expire_approvals",
    "expire_claims",
    "seal_masks",
    "grant_unattended_danger",
    "look_at_keyring",
    "note_heartbeat",
    "record_batch_exits",
    "record_failed_sign_ins",
    "recount_figures",
    "remind_operators",
    "reopen_incidents",
    "take_in_replies",
    "take_in_reports",
    "tend_exports",
    "watch_coverage",
    "watch_emergencies",
    "work_on_history",
}


@pytest.mark.parametrize("effect", OUTGOING_EFFECTS, ids=lambda effect: effect.name)
def test_effect_is_held_by_its_parts_alone_and_leaves_once_they_are_lifted(
    scene: Scene, effect: OutgoingEffect
) -> None:
    release = DOORS[effect][0](scene)
    for part in (None, *LockdownPart):
        with roll_back_afterwards():
            if part:
                run_lockdown(f"--{part}")
            is_held = part in effect.stopped_by

            assert release() is not is_held, part

            if is_held:
                run_lockdown("--lift")
                assert release(), part
        # These are no rows.
        mail.outbox.clear()
        (scene.folder / "stream").unlink(missing_ok=True)
        published.clear_cache()
        decided_settings.clear_settings()


@pytest.mark.parametrize(
    "effect", [effect for effect in OUTGOING_EFFECTS if len(effect.stopped_by) > 1], ids=lambda effect: effect.name
)
def test_lifting_sign_in_alone_releases_nothing(scene: Scene, effect: OutgoingEffect) -> None:
    """Staff sign in first, and cancel what an attacker left."""
    release = DOORS[effect][0](scene)
    run_lockdown("--sign-in")
    run_lockdown("--lift", "--sign-in")
    assert sign_in(Client(), scene.ana) == 200
    assert not release()
    [_sign_in, part] = effect.stopped_by
    run_lockdown("--lift", f"--{part}")
    assert release()


@pytest.mark.parametrize("part", [LockdownPart.SENDING, LockdownPart.MEMBERS, LockdownPart.PUBLISHING])
def test_stopping_effects_alone_ends_no_session(scene: Scene, part: LockdownPart) -> None:
    client = Client()
    client.force_login(scene.ana)
    run_lockdown(f"--{part}")
    assert client.get("/admin/").status_code == 200


def test_every_effect_has_a_door_and_every_job_is_judged() -> None:
    assert set(DOORS) == set(OUTGOING_EFFECTS)
    jobs = {task.func.__name__ for task in app.tasks.values() if task.func.__module__ == tasks.__name__}
    leaving: set[str] = set().union(*(names for _prepare, names in DOORS.values()))
    assert (jobs - leaving - INSIDE, (leaving | INSIDE) - jobs, leaving & INSIDE) == (set(), set(), set())


def test_no_route_but_sign_in_and_the_feed_answers_without_a_session() -> None:
    """Sign-in is stopped, so every other route of staff is."""
    for route, rights in access_table.TABLE.items():
        if rights.strangers:
            assert route.startswith(("accounts/", "admin/login/")), route
        if rights.members:
            assert route.startswith("api/url-list/"), route
