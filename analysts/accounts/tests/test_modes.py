"""Modes of the installation: who starts and ends them, what they stop, and what goes on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analysts.accounts import modes
from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Banner, InstallationMode, ModeKind, Portal, PortalGroup, ReadyText
from countries.public import published
from tests.rig.fixtures import PASSWORD, client_of, create_person, send_report

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MODES = "/admin/modes/"
WORDS = {tag: f"Back at noon ({tag})." for tag, _name in django_settings.LANGUAGES}


@pytest.fixture
def berta(adam: User) -> User:
    return create_person("berta", Role.ADMINISTRATOR)


def start(by: User, kind: ModeKind = ModeKind.READ_ONLY, **more: Any) -> InstallationMode:
    return modes.start_mode(by=by, kind=kind, reason="Accounts are checked.", **({"ends_at": None} | more))


def actions() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("number").values_list("action", "actor"))


def form_of(kind: ModeKind, **sent: str) -> Mapping[str, str]:
    given = {"kind": kind.value, "until": "person", "reason": "A test."} | sent
    return {f"{kind.value}-{name}": value for name, value in given.items()}


def test_mode_starts_and_ends_on_record(adam: User, berta: User) -> None:
    mode = start(adam, ends_at=NOW + HOUR, now=NOW)
    assert modes.running_mode(ModeKind.READ_ONLY, NOW) == mode
    with pytest.raises(Denied, match="already"):
        start(berta, now=NOW)
    modes.end_mode(by=berta, mode=mode, now=NOW)
    assert modes.running_mode(ModeKind.READ_ONLY, NOW) is None
    with pytest.raises(Late):
        modes.end_mode(by=adam, mode=mode, now=NOW)
    assert actions() == [("mode.start", "adam"), ("mode.end", "berta")]
    details = AuditEvent.objects.earliest("number").details
    expected = {"kind": "read_only", "until": "2026-05-04T13:00:00+00:00", "reason": "Accounts are checked."}
    assert details == expected


def test_mode_ends_at_its_time_before_that_is_recorded(adam: User) -> None:
    mode = start(adam, ends_at=NOW + HOUR, now=NOW)
    assert modes.running_mode(ModeKind.READ_ONLY, NOW + HOUR) is None
    assert modes.end_expired_modes(now=NOW + HOUR - timedelta(seconds=1)) == 0
    assert modes.end_expired_modes(now=NOW + 2 * HOUR) == 1
    assert modes.end_expired_modes(now=NOW + 2 * HOUR) == 0
    mode.refresh_from_db()
    assert (mode.ended_at, mode.ended_by) == (NOW + HOUR, None)
    assert actions()[-1] == ("mode.expire", "")
    # One that is over, recorded or not, does not keep the next one from starting.
    start(adam, ends_at=NOW + 3 * HOUR, now=NOW + 2 * HOUR)
    start(adam, now=NOW + 4 * HOUR)


@pytest.mark.parametrize(("reason", "ends_at"), [(" \n", None), ("A test.", NOW), ("A test.", NOW - HOUR)])
def test_mode_needs_a_reason_and_a_time_to_come(adam: User, reason: str, ends_at: datetime | None) -> None:
    with pytest.raises(Denied):
        modes.start_mode(by=adam, kind=ModeKind.READ_ONLY, reason=reason, ends_at=ends_at, now=NOW)


@pytest.mark.parametrize("name", ["ana", "olga", "axel"])
def test_modes_are_for_administrators(adam: User, name: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(name)
    mode = start(adam)
    with pytest.raises(Denied, match="Only administrators"):
        start(person, ModeKind.BANNER)
    with pytest.raises(Denied, match="Only administrators"):
        modes.end_mode(by=person, mode=mode)
    assert "Only administrators may start and end modes." in client_of(person).get(MODES).content.decode()


# --- Banner -----------------------------------------------------------------------------------------------------------


def test_ready_banner_needs_one_administrator(adam: User, belize: Portal, visitor: Client) -> None:
    sent = form_of(ModeKind.BANNER, text=ReadyText.MAINTENANCE.value)
    assert client_of(adam).post(MODES, sent).status_code == 302
    assert "This service is being maintained today." in visitor.get("/bz/en/").content.decode()
    assert actions() == [("mode.start", "adam")]
    client_of(adam).post(f"{MODES}{InstallationMode.objects.get().pk}/end/")
    published.clear_cache()
    assert "being maintained" not in visitor.get("/bz/en/").content.decode()


def test_banner_with_own_words_needs_two_administrators(
    adam: User, berta: User, belize: Portal, visitor: Client
) -> None:
    words = {f"words_{tag}": sentence for tag, sentence in WORDS.items()}
    client_of(adam).post(MODES, form_of(ModeKind.BANNER, text="own", **words))
    mode = InstallationMode.objects.get()
    assert (mode.words, mode.is_waiting, Banner.objects.exists()) == (WORDS, True, False)
    assert "waiting for a second administrator" in client_of(berta).get("/admin/").content.decode()
    assert client_of(adam).post(f"{MODES}{mode.pk}/approve/").status_code == 403
    assert "Back at noon" not in visitor.get("/bz/en/").content.decode()

    assert client_of(berta).post(f"{MODES}{mode.pk}/approve/").status_code == 302

    published.clear_cache()
    assert "Back at noon (es)." in visitor.get("/bz/es/").content.decode()
    assert actions() == [("mode.request", "adam"), ("mode.approve", "berta")]
    assert AuditEvent.objects.earliest("number").details["words"]["en"]["characters"] == len(WORDS["en"])


def test_banner_that_waits_can_be_declined(adam: User, berta: User) -> None:
    mode = start(adam, ModeKind.BANNER, words=WORDS)
    modes.end_mode(by=berta, mode=mode)
    assert actions()[-1] == ("mode.decline", "berta")
    with pytest.raises(Late):
        modes.approve_banner(by=berta, mode=mode)


def test_account_made_after_the_request_approves_no_banner(adam: User) -> None:
    mode = start(adam, ModeKind.BANNER, words=WORDS, now=NOW)
    newcomer = create_person("newcomer", Role.ADMINISTRATOR)
    User.objects.filter(pk=newcomer.pk).update(unchanged_since=NOW + HOUR)
    newcomer.refresh_from_db()
    with pytest.raises(Denied, match="Another person must decide it"):
        modes.approve_banner(by=newcomer, mode=mode)


def test_database_refuses_a_banner_by_one_person(adam: User, berta: User) -> None:
    mode = InstallationMode.objects.filter(pk=start(adam, ModeKind.BANNER, words=WORDS).pk)
    with pytest.raises(IntegrityError, match="mode_approved_by_another"), transaction.atomic():
        mode.update(approved_by=adam, approved_at=NOW)
    with pytest.raises(IntegrityError, match="two administrators"), transaction.atomic():
        Banner.objects.create(words=WORDS)
    mode.update(approved_by=berta, approved_at=NOW)
    with pytest.raises(IntegrityError, match="two administrators"), transaction.atomic():
        Banner.objects.create(words=WORDS | {"en": "Other words."})


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"text": "own", "words_en": "Only in English."}, "words_fr"),
        ({"text": "slow", "words_en": "Words as well."}, "text"),
        ({"text": "slow", "until": "time"}, "ends_at"),
        ({"text": "slow", "until": "time", "ends_at": "2020-01-01T10:00"}, "ends_at"),
        ({"text": "slow", "until": "person", "ends_at": "2099-01-01T10:00"}, "ends_at"),
        ({"text": "slow", "until": ""}, "until"),
        ({"text": "slow", "reason": ""}, "reason"),
        ({"text": "invented"}, "text"),
    ],
)
def test_form_that_is_wrong_keeps_what_was_typed(adam: User, sent: dict[str, str], wrong: str) -> None:
    answer = client_of(adam).post(MODES, form_of(ModeKind.BANNER, **sent))
    assert (answer.status_code, wrong in answer.context["form"].errors) == (422, True)
    assert all(value in answer.content.decode() for value in sent.values())
    assert not InstallationMode.objects.exists()


# --- Read-only --------------------------------------------------------------------------------------------------------


def test_read_only_refuses_what_staff_send_and_keeps_it(adam: User, ana: User, belize: Portal) -> None:
    mode = start(adam, ends_at=timezone.now() + HOUR)
    client = client_of(ana)
    answer = client.post("/admin/my-settings/?a=b", {"budget_minutes": "60", "note": "Two words\nand <b>more</b>"})
    page = answer.content.decode()
    assert answer.status_code == 423
    assert "adam made the installation read-only" in " ".join(page.split())
    assert f"{mode.ends_at:%H:%M}" in page
    assert "Two words\nand &lt;b&gt;more&lt;/b&gt;" in page
    assert '<input type="hidden" name="budget_minutes" value="60">' in page
    assert 'action="/admin/my-settings/?a=b"' in page
    assert client.get("/admin/queue/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert "password1" not in client_of(ana).post("/accounts/password/change/", {"password1": "x y"}).content.decode()


def test_read_only_lets_staff_sign_in_and_administrators_end_it(adam: User, ana: User, berta: User) -> None:
    mode = start(adam)
    assert client_of(berta).post(MODES, form_of(ModeKind.SENDING_STOPPED)).status_code == 423
    assert Client().post("/accounts/login/", {"login": "ana", "password": "wrong"}).status_code == 200
    assert client_of(ana).post(f"{MODES}{mode.pk}/end/").status_code == 403
    assert client_of(berta).post(f"{MODES}{mode.pk}/end/").status_code == 302
    assert client_of(ana).post("/admin/my-settings/", {"budget_minutes": "60"}).status_code == 302


def test_request_stored_before_read_only_is_not_repeated_past_it(adam: User, berta: User) -> None:
    client, page = client_of(berta), "/admin/portal-groups/"
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][0]["at"] -= HOUR.total_seconds()
    session.save()
    again = client.post(page, {"name": "Caribbean"}).headers["Location"]
    mode = start(adam)
    sent = {"password": PASSWORD, "next": page}
    assert client.post(again, sent).status_code == 423
    modes.end_mode(by=adam, mode=mode)
    # It was kept, and is repeated now.
    assert client.post(again, sent).status_code == 302
    assert PortalGroup.objects.get().name == "Caribbean"


def test_read_only_stops_no_reporter(adam: User, belize: Portal, visitor: Client) -> None:
    start(adam)
    form = visitor.get("/bz/en/report/").context["token"]
    assert form
    assert send_report(belize, "https://a.example/1")
    assert visitor.post("/bz/en/report/", {"token": "forged", "addresses": ""}).status_code != 423


# --- What staff see ---------------------------------------------------------------------------------------------------


def test_every_staff_page_and_the_modes_page_show_what_is_on(adam: User, ana: User) -> None:
    start(adam, ModeKind.SENDING_STOPPED)
    start(adam, ModeKind.BANNER, words=WORDS)
    page = " ".join(client_of(ana).get("/admin/queue/").content.decode().split())
    assert "Mode: sending stopped." in page
    # It waits and is not on.
    assert "Mode: banner." not in page
    own = client_of(adam).get(MODES).content.decode()
    assert "End this mode" in own
    assert "Decline or withdraw" in own
    assert "Mode:" not in Client().get("/accounts/login/").content.decode()
