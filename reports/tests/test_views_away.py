"""The database is away or refuses: 503, everything typed kept, and no receipt for a report that is not stored."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Barrier, BoundedSemaphore
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from countries.models import Portal
from reports import database_wait
from reports.models import KeyState, Receipt, SealingKey, Submission
from reports.tests.pages import errors_in, found, fresh_token, kept_text, opened, post, receipt_in, title_of, token_in
from reports.tokens import read_token

REPORT = "/bz/en/report/"
DETAILS = "/bz/en/details/"
STATUS = "/bz/en/status/"
ADDRESS = "http://site.example/</textarea>"
NOT_STORED = "This was not stored: something went wrong here. Please send it again in a minute."
OUT_OF_DATE = (
    "This was not stored: this web server needs an update. What you wrote is still on this page. Please send it again "
    "in a few hours, or report in another way: see the first page of this portal."
)
NOT_LOOKED_UP = "We cannot look up receipts right now. Nothing is lost. Please try again in a minute."

# Each yields the message that the reporter sees.
type Trouble = Callable[[], AbstractContextManager[str]]


@contextmanager
def database_away() -> Iterator[str]:
    """No server answers any more, and this thread's connection is closed."""
    connection.close()
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere.invalid"
    try:
        yield NOT_STORED
    finally:
        connection.close()
        connection.settings_dict["HOST"] = host


@contextmanager
def keys_closed() -> Iterator[str]:
    """An outdated keyring: the database refuses envelopes under its key."""
    SealingKey.objects.update(state=KeyState.CLOSED)
    yield OUT_OF_DATE
    SealingKey.objects.update(state=KeyState.OPEN)


@pytest.fixture
def keyring_empty(settings: Any, tmp_path: Path) -> Trouble:
    """There is no key to seal to."""

    @contextmanager
    def trouble() -> Iterator[str]:
        full, settings.KEYRING = settings.KEYRING, tmp_path
        yield NOT_STORED
        settings.KEYRING = full

    return trouble


@pytest.fixture(params=["away", "closed", "empty"])
def trouble(request: pytest.FixtureRequest, keyring_empty: Trouble) -> Trouble:
    return {"away": database_away, "closed": keys_closed, "empty": keyring_empty}[request.param]


@pytest.mark.django_db(transaction=True)
def test_report_that_cannot_be_stored_is_kept_and_can_be_sent_again(
    belize: Portal, client: Client, trouble: Trouble
) -> None:
    token = fresh_token(client)
    with trouble() as message:
        refused = post(client, REPORT, {"token": token, "addresses": ADDRESS})
    assert (refused.status_code, errors_in(refused)) == (503, [message])
    assert title_of(refused) == "Error: Make a report – Belize reporting portal"
    assert kept_text(refused, "addresses") == ADDRESS
    assert b'id="receipt"' not in refused.content
    assert (Receipt.objects.count(), Submission.objects.count()) == (0, 0)
    again = post(client, REPORT, {"token": token_in(refused), "addresses": kept_text(refused, "addresses")})
    assert again.status_code == 200
    assert opened(receipt_in(again)) == [("report", {"addresses": ADDRESS})]
    first, second = read_token(token), read_token(token_in(refused))
    assert first is not None
    assert second is not None
    assert first.nonce == second.nonce


@pytest.mark.django_db(transaction=True)
def test_details_that_cannot_be_stored_are_kept(belize: Portal, client: Client, trouble: Trouble) -> None:
    reported = post(client, REPORT, {"token": fresh_token(client), "addresses": ADDRESS})
    with trouble() as message:
        refused = post(client, DETAILS, {"token": token_in(reported), "description": "x\r\ny", "facts": "live_stream"})
    assert (refused.status_code, errors_in(refused)) == (503, [message])
    assert kept_text(refused, "description") == "x\r\ny"
    assert found(r'value="([a-z_]*)" [^>]*checked', refused) == "live_stream"
    assert opened(receipt_in(refused)) == [("report", {"addresses": ADDRESS})]


@pytest.mark.django_db(transaction=True)
def test_details_with_a_code_are_kept_while_it_cannot_be_looked_up(belize: Portal, client: Client) -> None:
    code = receipt_in(post(client, REPORT, {"token": fresh_token(client), "addresses": ADDRESS}))
    with database_away():
        refused = post(client, DETAILS, {"token": "", "description": "x", "code": code})
    assert (refused.status_code, errors_in(refused)) == (503, [NOT_LOOKED_UP])
    assert (kept_text(refused, "description"), found(r'name="code" value="([^"]*)"', refused)) == ("x", code)


@pytest.mark.django_db(transaction=True)
def test_receipt_that_cannot_be_looked_up_is_kept(belize: Portal, client: Client) -> None:
    code = receipt_in(post(client, REPORT, {"token": fresh_token(client), "addresses": ADDRESS}))
    with database_away():
        refused = post(client, STATUS, {"code": code, "message": "", "answer": "yes"})
    assert (refused.status_code, errors_in(refused)) == (503, [NOT_LOOKED_UP])
    assert (kept_text(refused, "answer"), found(r'name="code" value="([^"]*)"', refused)) == ("yes", code)


@pytest.mark.django_db(transaction=True)
def test_answer_that_cannot_be_stored_is_kept(belize: Portal, client: Client) -> None:
    code = receipt_in(post(client, REPORT, {"token": fresh_token(client), "addresses": ADDRESS}))
    with keys_closed() as message:
        refused = post(client, STATUS, {"code": code, "message": "", "answer": "yes"})
    assert (refused.status_code, errors_in(refused)) == (503, [message])
    assert kept_text(refused, "answer") == "yes"
    assert opened(code) == [("report", {"addresses": ADDRESS})]


@pytest.mark.django_db(transaction=True)
def test_pages_are_shown_while_the_database_is_away(belize: Portal, client: Client) -> None:
    client.get(REPORT)
    with database_away():
        assert [client.get(path).status_code for path in (REPORT, STATUS)] == [200, 200]


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_is_one_envelope(belize: Portal, visitor: Client) -> None:
    senders = 8
    fields = {"token": fresh_token(visitor), "addresses": ADDRESS}
    ready = Barrier(senders)

    def send(client: Client) -> tuple[int, str]:
        ready.wait(timeout=30)
        try:
            response = post(client, REPORT, fields)
            return response.status_code, receipt_in(response)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(senders) as pool:
        answers = set(pool.map(send, [type(visitor)() for _ in range(senders)]))
    assert len(answers) == 1
    assert [status for status, _ in answers] == [200]
    assert (Receipt.objects.count(), Submission.objects.count()) == (1, 1)
    assert [opened(code) for _, code in answers] == [[("report", {"addresses": ADDRESS})]]


@pytest.mark.django_db(transaction=True)
def test_report_waits_for_a_connection(belize: Portal, client: Client, settings: Any, monkeypatch: Any) -> None:
    settings.CONNECTION_WAIT_SECONDS = 5
    token = fresh_token(client)
    pauses: list[float] = []
    with ExitStack() as away:
        away.enter_context(database_away())

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                away.close()

        monkeypatch.setattr(database_wait, "sleep", pause)
        stored = post(client, REPORT, {"token": token, "addresses": ADDRESS})
    assert stored.status_code == 200
    assert opened(receipt_in(stored)) == [("report", {"addresses": ADDRESS})]
    assert pauses == pytest.approx([0.1, 0.2, 0.4])


@pytest.mark.django_db(transaction=True)
def test_wait_for_a_connection_ends(belize: Portal, client: Client, settings: Any, monkeypatch: Any) -> None:
    settings.CONNECTION_WAIT_SECONDS = 5
    token, clock = fresh_token(client), [0.0]
    monkeypatch.setattr(database_wait, "monotonic", lambda: clock[0])
    monkeypatch.setattr(database_wait, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    with database_away():
        refused = post(client, REPORT, {"token": token, "addresses": ADDRESS})
    assert (refused.status_code, errors_in(refused)) == (503, [NOT_STORED])
    assert kept_text(refused, "addresses") == ADDRESS
    assert clock == pytest.approx([5])


@pytest.mark.django_db(transaction=True)
def test_few_wait_for_a_connection(belize: Portal, client: Client, settings: Any, monkeypatch: Any) -> None:
    settings.CONNECTION_WAIT_SECONDS = 5
    token = fresh_token(client)
    pauses: list[float] = []
    monkeypatch.setattr(database_wait, "sleep", pauses.append)
    monkeypatch.setattr(database_wait, "_waiting", BoundedSemaphore(1))
    with database_away(), database_wait._waiting:
        assert post(client, REPORT, {"token": token, "addresses": ADDRESS}).status_code == 503
    assert pauses == []
