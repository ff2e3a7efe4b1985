"""Delays after failed sign-ins: per account name, known or not, except in the owner's browser; they always end."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from analysts.accounts.sign_in import adapters as sign_in
from analysts.accounts.sign_in import delays
from analysts.accounts.sign_in.delays import FREE, LONGEST_WAIT, Slowed, wait_seconds
from analysts.accounts.sign_in.password_checks import StrangersLane
from analysts.accounts.tests.test_sign_in import PASSWORD, SECRET, code_now, enter
from analysts.codes import Role
from analysts.models import Delay, User
from analysts.models.staff.delay import BUCKETS
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
WRONG = "wrong horse battery"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed with argon2, right or wrong."""
    run: list[str] = []
    verify, encode = Argon2PasswordHasher.verify, Argon2PasswordHasher.encode

    def noted_verify(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        run.append(password)
        return verify(self, password, encoded)

    def noted_encode(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        run.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "verify", noted_verify)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", noted_encode)
    return run


def fail(client: Client, username: str = "ana", times: int = FREE) -> Any:
    for _ in range(times):
        page = enter(client, username, WRONG)
    return page


def test_wait_doubles_and_ends() -> None:
    assert [wait_seconds(failures) for failures in range(8)] == [0, 0, 0, 2, 4, 8, 16, 32]
    assert {wait_seconds(failures) for failures in (13, 100, delays.MOST_COUNTED)} == {LONGEST_WAIT}


@pytest.mark.parametrize("username", ["ana", "nobody"])
def test_stranger_waits_and_nothing_is_checked_meanwhile(
    client: Client, ana: User, username: str, clock: Any, checked: list[str]
) -> None:
    assert fail(client, username).status_code == 200
    assert len(checked) == FREE
    page = enter(client, username, WRONG)

    assert (page.status_code, page["Retry-After"]) == (429, "3")
    words = page.content.decode()
    assert "Too many failed attempts, so this one was not checked. Try again in 3 seconds." in words
    assert f'value="{username}"' in words
    assert WRONG not in words
    # The right password is not checked either.
    assert enter(client, username, PASSWORD).status_code == 429
    assert len(checked) == FREE

    clock.shift(timedelta(seconds=3))
    assert enter(client, username, WRONG).status_code == 200
    assert enter(client, username, WRONG)["Retry-After"] == "5"


def test_known_and_unknown_names_get_the_same_pages(client: Client, ana: User, clock: Any) -> None:
    def pages(username: str) -> list[tuple[int, str]]:
        answers = [enter(Client(), username, WRONG) for _ in range(FREE + 2)]
        return [(page.status_code, page.content.decode().replace(username, "")) for page in answers]

    def without_token(text: str) -> str:
        return "".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)

    ana_s, nobody_s = pages("ana"), pages("zoe")
    assert [status for status, _ in ana_s] == [200, 200, 200, 429, 429]
    assert [(s, without_token(t)) for s, t in ana_s] == [(s, without_token(t)) for s, t in nobody_s]


def test_wait_is_never_longer_than_its_limit_and_is_forgotten(client: Client, ana: User, clock: Any) -> None:
    for _ in range(30):
        enter(client, "ana", WRONG)
        clock.shift(timedelta(seconds=LONGEST_WAIT + 1))
    enter(client, "ana", WRONG)
    page = enter(client, "ana", WRONG)
    assert int(page["Retry-After"]) == LONGEST_WAIT + 1
    assert "Try again in 15 minutes." in page.content.decode()
    clock.shift(timedelta(seconds=LONGEST_WAIT + 1))
    assert enter(client, "ana", PASSWORD)["Location"] == "/admin/"

    fail(client := Client(), "ana", FREE + 1)
    clock.shift(timedelta(days=1, seconds=LONGEST_WAIT))
    assert fail(client, "ana", FREE).status_code == 200


@pytest.mark.parametrize("spelling", ["ana", "Ana", " ANA ", "ＡＮＡ"])
def test_other_spellings_share_the_lane(client: Client, ana: User, spelling: str, clock: Any) -> None:
    fail(client)
    assert enter(client, spelling, WRONG).status_code == 429


def test_stranger_does_not_slow_the_owners_browser(ana: User, belize: Portal, clock: Any) -> None:
    hers, stranger = Client(), Client()
    enter(hers)
    hers.post("/accounts/logout/")
    for _ in range(20):
        enter(stranger, password=WRONG)
        clock.shift(timedelta(seconds=LONGEST_WAIT + 1))
    enter(stranger, password=WRONG)
    assert enter(stranger, password=PASSWORD).status_code == 429

    assert enter(hers, password=WRONG).status_code == 200
    assert enter(hers, password=PASSWORD)["Location"] == "/admin/"
    # She sees a warning, and the stranger is still delayed.
    assert "21 recent attempts to sign in as you failed" in hers.get("/admin/").content.decode()
    assert enter(stranger, password=PASSWORD).status_code == 429


def test_known_browser_waits_for_its_own_failures_only(ana: User, ben: User, clock: Any) -> None:
    hers = Client()
    enter(hers)
    hers.post("/accounts/logout/")
    fail(hers)
    assert enter(hers, password=PASSWORD).status_code == 429
    # Other browsers and other accounts are not delayed.
    assert enter(Client(), password=PASSWORD).status_code == 302
    assert enter(hers, "ben", PASSWORD).status_code == 302


def test_browser_cookie_holds_no_username_and_serves_one_account(
    ana: User, ben: User, clock: Any, settings: Any
) -> None:
    shared = Client()
    for who in ("ana", "ben"):
        enter(shared, who)
        shared.post("/accounts/logout/")
    cookie = shared.cookies["known"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert "ana" not in cookie.value
    assert len(cookie.value.split("~")) == 2

    def request(value: str) -> Any:
        made = RequestFactory().get("/")
        made.COOKIES["known"] = value
        return made

    lanes = {delays._lane_bucket(request(cookie.value), who) for who in ("ana", "ben")}
    assert len(lanes | {delays._lane_bucket(request(""), who) for who in ("ana", "ben")}) == 4
    # A mark that is forged, expired or for another account makes the browser unknown.
    bens, anas = cookie.value.split("~")
    plain = delays._lane_bucket(request(""), "ana")
    assert delays._lane_bucket(request(bens), "ana") == plain
    assert delays._lane_bucket(request(anas[:-1]), "ana") == plain
    assert delays._lane_bucket(request("~~~x"), "ana") == plain
    assert delays._lane_bucket(request(anas), "ana") != plain
    # Each browser has a lane of its own.
    enter(second := Client(), "ana")
    lanes = {delays._lane_bucket(request(mark), "ana") for mark in (anas, second.cookies["known"].value)}
    assert len({plain, *lanes}) == 3
    clock.shift(timedelta(days=delays.KNOWN_DAYS + 1))
    assert delays._lane_bucket(request(anas), "ana") == plain


def test_browser_that_failed_is_not_known(client: Client, ana: User) -> None:
    fail(client, times=1)
    TOTP.activate(ana, SECRET)
    enter(client)
    assert "known" not in client.cookies


def test_cookie_is_for_this_host_alone_under_https(ana: User, settings: Any) -> None:
    settings.HTTPS, settings.KNOWN_BROWSER_COOKIE_NAME = True, "__Host-known"
    browser = Client()
    enter(browser)
    cookie = browser.cookies["__Host-known"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


# --- After the password -----------------------------------------------------------------------------------------------


def test_codes_of_the_second_factor_wait(client: Client, ana: User, clock: Any) -> None:
    TOTP.activate(ana, SECRET)
    enter(client)
    for _ in range(FREE):
        assert client.post("/accounts/mfa/authenticate/", {"code": "000000"}).status_code == 200
    page = client.post("/accounts/mfa/authenticate/", {"code": code_now()})
    assert (page.status_code, page["Retry-After"]) == (429, "3")
    # The right password does not allow a further guess.
    assert enter(Client()).status_code == 429
    assert AuditEvent.objects.filter(action="user.second_factor_fail", object_id=ana.log_id.pk).count() == FREE
    clock.shift(timedelta(seconds=3))
    assert client.post("/accounts/mfa/authenticate/", {"code": code_now()}).status_code == 302


def test_right_password_gives_no_guesses_back(ana: User, clock: Any) -> None:
    """Alternating password and code, as an attacker who knows the password would: codes are still delayed."""
    TOTP.activate(ana, SECRET)
    guesses = 0
    for _ in range(60):
        client = Client()
        enter(client)
        guesses += client.post("/accounts/mfa/authenticate/", {"code": "000000"}).status_code == 200
        clock.shift(timedelta(seconds=1))
    # Three at once, then one after each of 2, 4, 8, 16 and 32 seconds, rounded up.
    assert guesses == FREE + 4


def test_code_of_the_app_works_once(ana: User, clock: Any) -> None:
    TOTP.activate(ana, SECRET)
    first, second = Client(), Client()
    enter(first)
    enter(second)
    code = code_now()
    assert first.post("/accounts/mfa/authenticate/", {"code": code}).status_code == 302
    page = second.post("/accounts/mfa/authenticate/", {"code": code})
    assert page.status_code == 200
    assert "This code has already been used." in page.content.decode()
    clock.shift(timedelta(seconds=30))
    assert second.post("/accounts/mfa/authenticate/", {"code": code_now()}).status_code == 302


@pytest.mark.parametrize(
    ("path", "fields", "right"),
    [
        ("/accounts/reauthenticate/", {"password": WRONG}, {"password": PASSWORD}),
        (
            "/accounts/password/change/",
            {"oldpassword": WRONG, "password1": "another horse battery", "password2": "another horse battery"},
            {"oldpassword": PASSWORD, "password1": "another horse battery", "password2": "another horse battery"},
        ),
    ],
)
def test_open_session_is_no_place_to_guess_the_password(
    ana: User, path: str, fields: dict[str, str], right: dict[str, str], clock: Any
) -> None:
    client = client_of(ana)
    for _ in range(FREE):
        assert client.post(path, fields).status_code == 200
    assert client.post(path, right).status_code == 429
    assert AuditEvent.objects.filter(action="user.reauthenticate_fail").count() == FREE
    clock.shift(timedelta(seconds=3))
    assert client.post(path, right).status_code == 302


# --- Many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_get_no_more_than_the_free_ones(checked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "strangers_lane", StrangersLane(at_once=20, waiting=0, seconds=1))
    User.objects.create_user("ana", role=Role.ANALYST, password=PASSWORD)
    checked.clear()
    answers: list[int] = []

    def guess(number: int) -> None:
        try:
            answers.append(enter(Client(), "ana", f"{WRONG} {number}").status_code)
        finally:
            connection.close()

    with time_machine.travel(NOW, tick=False):
        threads = [threading.Thread(target=guess, args=[number]) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(answers) == [200] * FREE + [429] * (20 - FREE)
    assert len(checked) == FREE


# --- Storage and audit events -----------------------------------------------------------------------------------------


def test_delay_table_holds_no_names_and_has_bounded_size(client: Client, ana: User, clock: Any) -> None:
    request = RequestFactory().get("/")
    for number in range(200):
        delays.begin_attempt(request, f"name{number}")
    assert Delay.objects.count() <= 200
    assert all(0 <= delay.bucket < BUCKETS and delay.until.microsecond == 0 for delay in Delay.objects.all())


def test_failures_go_on_record_as_counts(client: Client, ana: User, ben: User, clock: Any) -> None:
    fail(client, "ana", 2)
    fail(client, "nobody-here", 2)
    fail(client, "secret typed into the wrong field", 1)
    enter(client, "ben")

    assert delays.record_failed_attempts() == 5
    events = AuditEvent.objects.filter(action="user.sign_in_fail").order_by("number")
    assert [(event.actor, event.object_id, event.details) for event in events] == [
        ("", "ana", {"failed": 2}),
        ("", "", {"failed": 3}),
    ]
    assert delays.record_failed_attempts() == 0
    clock.shift(timedelta(days=1, seconds=1))
    delays.record_failed_attempts()
    assert Delay.objects.count() == 0


def test_sign_in_does_not_hide_what_failed_before(client: Client, ana: User, clock: Any) -> None:
    fail(client, "ana", 2)
    enter(client)
    assert delays.record_failed_attempts() == 2


def test_attempt_that_succeeded_after_the_record_was_written_counts_for_nothing(ana: User, clock: Any) -> None:
    attempt = delays.begin_attempt(RequestFactory().get("/"), "ana")
    delays.record_failed_attempts()
    attempt.take_back()
    delay = Delay.objects.get()
    assert (delay.failures, delay.unrecorded) == (0, 0)


@pytest.mark.parametrize(
    ("seconds", "wait"),
    [(1, "1 second."), (2, "2 seconds."), (119, "119 seconds."), (120, "2 minutes."), (200, "4 minutes.")],
)
def test_slowed_says_minutes_where_seconds_would_be_silly(seconds: int, wait: str) -> None:
    assert Slowed(seconds).messages == [f"Too many failed attempts, so this one was not checked. Try again in {wait}"]


# --- Each limit at its last moment, and the moment after --------------------------------------------------------------

MOMENT = timedelta(microseconds=1)


def lane(name: str = "ana", **values: Any) -> Delay:
    Delay.objects.all().delete()
    return Delay.objects.create(**{"bucket": delays._bucket_number("account", name), "until": NOW} | values)


def attempt(now: datetime) -> Delay:
    delays.begin_attempt(RequestFactory().get("/"), "ana", now=now)
    return Delay.objects.get()


@pytest.mark.django_db(transaction=True)
def test_lane_is_open_from_the_end_of_its_wait_and_forgets_after_a_day() -> None:
    lane(failures=5)
    with pytest.raises(Slowed) as slowed:
        attempt(NOW - MOMENT)
    assert slowed.value.seconds == 1
    after = [(lane(failures=5) and attempt(NOW + late)).failures for late in (0 * MOMENT, delays.FORGET)]
    assert (after, (lane(failures=5) and attempt(NOW + delays.FORGET + MOMENT)).failures) == ([6, 6], 1)
    most = lane(failures=delays.MOST_COUNTED, unrecorded=4) and attempt(NOW)
    assert (most.failures, most.unrecorded) == (delays.MOST_COUNTED, 5)


@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 0), (4, 3)])
def test_attempt_taken_back_is_one_failure_less_and_never_fewer_than_none(db: None, before: int, after: int) -> None:
    row = lane(failures=before, unrecorded=before)
    delays.SignInAttempt(row.bucket).take_back()
    row.refresh_from_db()
    assert (row.failures, row.unrecorded) == (after, after)


def test_owner_is_told_of_failures_elsewhere_for_a_day(ana: User, clock: Any) -> None:
    browser, response = RequestFactory().get("/"), HttpResponse()
    delays.remember_browser(browser, response, "ana")
    mark = response.cookies["known"].value
    # At least 128 bits of 62 letters and digits.
    assert len(mark.split(":")[0]) >= 22
    browser.COOKIES["known"] = mark
    lane(failures=5)
    numbers = [
        delays.count_failures_elsewhere(browser, "ana", now=NOW + delays.FORGET + late) for late in (0 * MOMENT, MOMENT)
    ]
    assert numbers == [5, 0]
    assert delays.count_failures_elsewhere(RequestFactory().get("/"), "ana", now=NOW) == 0
    lane("ben", failures=5)
    assert delays.count_failures_elsewhere(browser, "ana", now=NOW) == 0


def test_browser_is_known_by_its_mark_or_its_session(ana: User, ben: User) -> None:
    request = RequestFactory().get("/")
    answers = [delays.is_known_browser(request, "ana")]
    for user in (ana, ben):
        request.user = user
        answers.append(delays.is_known_browser(request, " Ana"))
    assert answers == [False, True, False]


def test_lane_is_removed_once_it_is_forgotten(ana: User, clock: Any) -> None:
    rows = []
    for late, unrecorded in ((timedelta(0), 0), (MOMENT, 0), (MOMENT, 3)):
        lane(until=NOW - delays.FORGET - late, unrecorded=unrecorded)
        rows.append((delays.record_failed_attempts(), Delay.objects.count()))
    assert rows == [(0, 1), (0, 0), (3, 0)]
