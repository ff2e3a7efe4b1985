"""Passwords checked at once: few, and never so many of strangers that a colleague has to wait."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from analysts.accounts.sign_in import adapters as sign_in
from analysts.accounts.sign_in import password_checks
from analysts.accounts.sign_in.password_checks import SignInBusy, StaffPasswordHasher, StrangersLane
from analysts.accounts.tests.test_sign_in import PASSWORD, enter
from analysts.models import Delay, User
from tests.rig.fixtures import client_of

ROOT = Path(__file__).resolve().parents[3]
WRONG = "wrong horse battery"
# A process with its pages loaded, of its own memory; what two share counts once. Measured by `tests.proofs cost`.
PROCESS_MIB = 120


@pytest.fixture
def full_lane(monkeypatch: pytest.MonkeyPatch) -> Iterator[StrangersLane]:
    """A lane in which a stranger's password is being checked, and none may wait."""
    lane = StrangersLane(at_once=1, waiting=0, seconds=0.01)
    monkeypatch.setattr(sign_in, "strangers_lane", lane)
    with lane.enter():
        yield lane


@pytest.mark.parametrize("username", ["ana", "zoe"])
def test_stranger_at_a_full_lane_is_asked_to_try_again(
    client: Client, ana: User, full_lane: StrangersLane, username: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = enter(client, username, PASSWORD)
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    words = page.content.decode()
    assert "so your password was not checked" in words
    assert f'value="{username}"' in words
    assert PASSWORD not in words
    # Not checked, so not counted.
    assert not Delay.objects.exists()
    # It is not logged either: a flood would hide real errors.
    assert caplog.messages == []


def test_full_lane_does_not_hold_up_a_known_browser(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hers = Client()
    enter(hers)
    hers.post("/accounts/logout/")
    lane = StrangersLane(at_once=1, waiting=0, seconds=0.01)
    monkeypatch.setattr(sign_in, "strangers_lane", lane)
    with lane.enter():
        assert enter(hers, password=WRONG).status_code == 200
        assert enter(hers, password=PASSWORD)["Location"] == "/admin/"
        # The mark is for one account.
        hers.post("/accounts/logout/")
        assert enter(hers, "ben", PASSWORD).status_code == 503


def test_as_many_strangers_as_the_process_lets_in_leave_a_check_for_a_known_browser(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = Client()
    enter(hers)
    hers.post("/accounts/logout/")
    monkeypatch.setattr(password_checks.strangers_lane, "_seconds", 0)
    with ExitStack() as strangers:
        let_in = 0
        with suppress(SignInBusy):
            while let_in <= settings.PASSWORD_CHECKS:
                strangers.enter_context(password_checks.strangers_lane.enter())
                let_in += 1
        assert let_in == settings.PASSWORD_CHECKS - 1
        for _stranger in range(let_in):
            strangers.enter_context(password_checks._checks)
        assert enter(Client(), password=PASSWORD).status_code == 503
        assert enter(hers, password=PASSWORD)["Location"] == "/admin/"


def test_full_lane_does_not_hold_up_staff_who_are_signed_in(ana: User, full_lane: StrangersLane) -> None:
    client = client_of(ana)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def test_full_lane_does_not_hold_up_passkeys(client: Client, ana: User, full_lane: StrangersLane) -> None:
    assert client.get("/accounts/mfa/webauthn/login/").status_code == 200


def test_lane_lets_the_next_in_and_keeps_its_queue_short() -> None:
    lane = StrangersLane(at_once=1, waiting=1, seconds=20)
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with lane.enter():
            inside.set()
            assert leave.wait(20)

    def pass_through() -> str:
        with lane.enter():
            return "in"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(stay)
        assert inside.wait(20)
        second = pool.submit(pass_through)
        while lane._places._value:
            sleep(0.001)
        with pytest.raises(SignInBusy), lane.enter():
            pass
        leave.set()
        first.result(20)
        assert second.result(20) == "in"
    assert (lane._running._value, lane._places._value) == (1, 2)


def test_lane_gives_up_after_its_time() -> None:
    lane = StrangersLane(at_once=1, waiting=1, seconds=0.01)
    with lane.enter():
        with pytest.raises(SignInBusy), lane.enter():
            pass
        assert lane._places._value == 1


def test_process_checks_few_passwords_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    now = 0
    lock = threading.Lock()

    def slow(self: Argon2PasswordHasher, *args: Any) -> bool:
        nonlocal now
        with lock:
            now += 1
            running.append(now)
        sleep(0.005)
        with lock:
            now -= 1
        return True

    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    hasher = StaffPasswordHasher()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: hasher.verify("", "") if number % 2 else hasher.encode("", ""), range(24)))
    assert max(running) == settings.PASSWORD_CHECKS


def test_shipped_memory_and_threads_hold_all_checks_at_once() -> None:
    """Two workers, each with its own memory and all of its checks, in the group of the unit; and half of the threads
    are left when strangers have taken all that they can."""
    sandbox = (ROOT / "deploy/systemd/portals-.service.d/sandbox.conf").read_text()
    server = (ROOT / "deploy/gunicorn.py").read_text()
    most = re.search(r"(?m)^MemoryMax=(\d)G$", sandbox)
    tasks = re.search(r"(?m)^TasksMax=(\d+)$", sandbox)
    workers = re.search(r'"WEB_CONCURRENCY", "(\d)"', server)
    threads = re.search(r"(?m)^threads = (\d)$", server)
    assert most
    assert tasks
    assert workers
    assert threads
    checks = int(workers[1]) * settings.PASSWORD_CHECKS
    mebibytes = (1 + int(workers[1])) * PROCESS_MIB + checks * password_checks.MEMORY_KIB // 1024
    assert mebibytes <= 0.75 * int(most[1]) * 1024
    started = 1 + int(workers[1]) * (1 + int(threads[1])) + checks * password_checks.LANES
    assert started <= int(tasks[1])
    assert int(threads[1]) // 2 >= settings.PASSWORD_CHECKS - 1 + settings.PASSWORD_QUEUE
