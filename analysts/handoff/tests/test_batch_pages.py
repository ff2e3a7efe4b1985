"""The page of batches: draw, download, import, return, and what others see of them."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.handoff.batch_ends import return_batch
from analysts.handoff.signing import as_text, public_half, public_key_id
from analysts.models import AddressAllowance, Batch, BatchKind, User, Workstation
from analysts.tests.batches import (
    NOT_FOUND,
    SECRET,
    drawn_by,
    illegal_incidents,
    opened,
    result,
    results_of,
    sealing_public,
    traces_of_three_methods,
    workstation_for_batches,
    workstation_keys,
)
from analysts.tests.factories import incident_of
from countries.models import Portal
from reports import installation_keys
from tests.rig.fixtures import client_of
from tests.rig.page_forms import forms_on
from workstation.sealed_file import OpenBatch, open_batch

PAGE = "/admin/batches/"


def page_text(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_a_day_at_the_desk_is_drawing_and_returning(belize: Portal, ana: User, sena: User, ben: User) -> None:
    client, incident = client_of(ana), incident_of(belize)
    assert "No registered workstation takes batches" in page_text(client.get(PAGE))
    room = workstation_for_batches()
    refused = client.post(f"{PAGE}draw/", {"workstation": str(room.pk), "count": "51"})
    assert (refused.status_code, "This field is required." in page_text(refused)) == (422, True)
    # Two clicks: the form as it is, with all kinds of work ticked, and the file.
    shown = client.get(PAGE).content.decode()
    ticks = re.findall(r'<input[^>]*name="kinds"[^>]*>', shown)
    assert (len(ticks), all(" checked" in tick for tick in ticks)) == (len(BatchKind), True)
    [form] = [form for form in forms_on(shown) if form.action == f"{PAGE}draw/"]
    assert client.post(form.action, form.as_it_is() | {"kinds": list(BatchKind)}).status_code == 302
    [batch] = Batch.objects.all()
    page = client.get(PAGE)
    assert "0 of 1 incident has a result. Back in the queue at" in page_text(page)
    assert (str(incident) in page_text(page), "example.org" in page.content.decode()) == (True, False)

    chosen = {"batch": str(batch.pk)}
    assert f"{batch} on the workstation" in page_text(client_of(sena).get(PAGE))
    for act in ("file", "return", "revoke"):
        assert client_of(ben).post(f"{PAGE}{act}/", chosen).status_code == 422
    assert str(batch) not in page_text(client_of(ben).get(PAGE))
    assert client_of(sena).post(f"{PAGE}file/", chosen).status_code == 422

    file = client.post(f"{PAGE}file/", chosen)
    assert (file.headers["Cache-Control"], b"example" in file.content) == ("no-store", False)
    of_workstation = open_batch(file.content.decode(), workstation_keys())
    content = results_of(of_workstation, [result(of_workstation.incidents[0], decision=NOT_FOUND)], now=timezone.now())
    for outcome in ("Imported: 1", "Already imported: 1"):
        brought = {"file": SimpleUploadedFile("batch.results", content)}
        assert outcome in page_text(client.post(f"{PAGE}results/", brought))
    page = client.get(PAGE)
    assert "1 of 1 incident has a result. Ended at" in page_text(page)
    assert "example.org" not in page.content.decode()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def bring(client: Client, content: bytes, name: str = "batch.results") -> Any:
    return client.post(f"{PAGE}results/", {"file": SimpleUploadedFile(name, content)})


def drawn_to_trace(by: User, now: datetime) -> OpenBatch:
    return opened(drawn_by(by, workstation_for_batches(), now=now, kind=BatchKind.TRACES), now=now)


def test_page_says_with_which_key_batches_are_signed(ana: User, settings: Any, tmp_path: Path) -> None:
    client = client_of(ana)
    workstation_for_batches()
    page = client.get(PAGE)
    public = public_half(installation_keys.handoff_key())
    assert f"{as_text(public)} ( {public_key_id(public)} )" in page_text(page)
    assert 'action="/admin/batches/draw/"' in page.content.decode()
    settings.KEYRING = tmp_path
    page = client.get(PAGE)
    assert "There is no signing key." in page_text(page)
    assert 'action="/admin/batches/draw/"' not in page.content.decode()


def test_file_needs_a_recent_sign_in(belize: Portal, ana: User, now: datetime) -> None:
    client = client_of(ana)
    illegal_incidents(belize, ana, now=now)
    batch = drawn_by(ana, workstation_for_batches(), now=now, kind=BatchKind.TRACES)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    for act in ("draw", "file"):
        answer = client.post(f"{PAGE}{act}/", {"batch": str(batch.pk)})
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


def test_import_page_reports_each_line_of_a_file(belize: Portal, ana: User, now: datetime) -> None:
    illegal_incidents(belize, ana, now=now, number=2)
    batch = drawn_to_trace(ana, now)
    first, second = batch.incidents
    good = result(first, traces=traces_of_three_methods(now))
    content = b"".join(
        results_of(batch, [good, result(second), result(second, skipped=True)], now=now).splitlines(True)[:3]
    )
    page = bring(client_of(ana), content, "<script>.results")
    assert page.status_code == 200
    assert "Imported: 1 Already imported: 0 Refused: 1" in page_text(page)
    assert "The file is cut short: it should hold 3 results, but holds 2." in page_text(page)
    neither = "Invalid format: the line: Value error, either skipped or with a result"
    assert f"2 {first['incident']} Imported 3 – Refused : {neither}" in page_text(page)
    assert "Imported: 0 Already imported: 1 Refused: 1" in page_text(bring(client_of(ana), content))
    headless = page_text(bring(client_of(ana), content.splitlines()[1]))
    assert "so results may be missing too." in headless


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (b"x" * (512 * 1024 + 1), "The file is larger than 512 kB."),
        (None, "This field is required."),
    ],
)
def test_upload_that_holds_nothing_or_too_much_is_refused(ana: User, content: bytes | None, message: str) -> None:
    client = client_of(ana)
    page = client.post(f"{PAGE}results/", {}) if content is None else bring(client, content)
    assert page.status_code == 422
    assert message in page_text(page)


@pytest.mark.parametrize("content", [b"\0" * 99, bytes(range(256)) * 9, b"\xef\xbb\xbfhello", b"a.b.c\n" * 700])
def test_malformed_upload_imports_no_results(ana: User, content: bytes) -> None:
    page = bring(client_of(ana), content)
    assert page.status_code == 200
    assert "Imported: 0" in page_text(page)


def test_page_costs_the_same_for_one_and_for_many(
    belize: Portal, ana: User, now: datetime, django_assert_num_queries: Any
) -> None:
    client, room = client_of(ana), workstation_for_batches()

    def draw(number: int, at: datetime) -> None:
        illegal_incidents(belize, ana, now=at, number=number)
        batch = drawn_by(ana, room, now=at, kind=BatchKind.TRACES)
        if number > 1:
            return_batch(by=ana, batch=batch, now=at)
            drawn_by(ana, room, now=at, kind=BatchKind.TRACES)

    draw(1, now)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)
    Batch.objects.update(state="returned", ended_at=now, ended_by=ana)
    draw(12, now)
    with django_assert_num_queries(len(queries)):
        client.get(PAGE)


def test_more_addresses_are_asked_for_and_approved_by_another(ana: User, sena: User) -> None:
    client, senior = client_of(ana), client_of(sena)
    assert client.post(f"{PAGE}ask/", {"number": "0"}).status_code == 422
    assert client.post(f"{PAGE}ask/", {"number": "20"}).status_code == 302
    asked = {"allowance": str(AddressAllowance.objects.get().pk)}
    assert "ana 20 more addresses Withdraw" in page_text(client.get(PAGE))
    assert client.post(f"{PAGE}grant/", asked).status_code == 422
    assert "ana 20 more addresses Approve Decline" in page_text(senior.get(PAGE))
    assert senior.post(f"{PAGE}grant/", asked).status_code == 302
    assert "0 of 120 addresses in files today." in page_text(client.get(PAGE))


def test_workstation_is_registered_with_its_sealing_key(adam: User) -> None:
    client, key = client_of(adam), as_text(public_half(SECRET))
    for wrong in ("AAAA", as_text(bytes(1216)), "no base64!"):
        sent = {"name": "Room 3", "public_key": key, "sealing_key": wrong}
        refused = client.post("/admin/workstations/", sent)
        assert (refused.status_code, Workstation.objects.count()) == (422, 0), wrong
    sent = {"name": "Room 3", "public_key": key, "sealing_key": as_text(sealing_public(SECRET))}
    assert client.post("/admin/workstations/", sent).status_code == 302
    assert bytes(Workstation.objects.get().sealing_key) == sealing_public(SECRET)
