"""The pages for workstation files and workstations: content, downloads, uploads and access."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from analysts.handoff import signing, views
from analysts.handoff.tests.test_handoff import also
from analysts.models import Handoff, HandoffItem, Incident, User, Workstation
from analysts.takedown.tracing.tests.test_tracing import illegal, now
from analysts.tests.handing_off import SECRET, answer, asked_of, head, questions, registered, signed
from audit.models import AuditEvent
from countries.models import Portal
from reports import keys
from tests.rig.fixtures import client_of

__all__ = ["illegal", "now"]

PAGE = "/admin/handoff/"
KEY = signing.as_text(signing.public_half(SECRET))


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def bring(client: Client, content: bytes, name: str = "answers.jsonl") -> Any:
    return client.post(f"{PAGE}import/", {"file": SimpleUploadedFile(name, content)})


def test_page_says_what_is_due_and_with_which_key_it_is_signed(
    belize: Portal, ana: User, adam: User, now: datetime
) -> None:
    client = client_of(ana)
    empty = shown(client.get(PAGE))
    assert "No incident needs the isolated workstation now." in empty
    assert "No workstation is registered, so no results can be accepted." in empty
    assert "Create workstation file" not in empty

    registered()
    [first, second] = also(belize, ana, now, 2)
    asked_of(first, ana, now=now)
    Handoff.objects.all()[0].items.filter(incident=second).delete()
    page = client.get(PAGE)
    assert "2 incidents. 1 is not in a workstation file yet." in shown(page)
    assert "All incidents are already in a workstation file" not in shown(page)
    assert f"{first} Hosting waiting for results" in shown(page)
    assert signing.as_text(signing.public_half(keys.handoff_key())) in shown(page)
    assert "Results are accepted from: Room 2." in shown(page)
    assert "0 of 1 question answered ana" in shown(page)
    assert "example" not in page.content.decode()
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.details) == ("handoff.view", "ana", {"count": 2})


def test_button_gives_the_file_and_leaves_it_nowhere(illegal: Incident, ana: User, tmp_path: Path) -> None:
    answer = client_of(ana).post(f"{PAGE}export/", {"isolated": "on"})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="handoff-{Handoff.objects.get()}.jsonl"'
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("application/jsonl", "no-store")
    assert [line["kind"] for line in questions(answer.content)] == ["export", "question"]


def test_export_requires_isolation_confirmation_and_recent_authentication(illegal: Incident, ana: User) -> None:
    client = client_of(ana)
    refused = client.post(f"{PAGE}export/", {})
    assert refused.status_code == 422
    assert "Confirm where you will open it." in shown(refused)
    client.post(f"{PAGE}export/", {"isolated": "on"})
    nothing = client.post(f"{PAGE}export/", {"isolated": "on"})
    assert nothing.status_code == 422
    assert "No incident needs the isolated workstation now." in shown(nothing)
    assert client.post(f"{PAGE}export/", {"isolated": "on", "again": "on"}).status_code == 200
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    again = client.post(f"{PAGE}export/", {"isolated": "on", "again": "on"})
    assert again.headers["Location"].startswith("/accounts/reauthenticate/")


def test_import_page_reports_accepted_and_refused_lines_of_returned_file(
    belize: Portal, ana: User, now: datetime
) -> None:
    registered()
    [first, second] = also(belize, ana, now, 2)
    item = asked_of(first, ana, now=now)
    other = HandoffItem.objects.get(incident=second)
    content = signed(head(3, now=now), answer(item, now=now), answer(other, now=now) | {"traces": []})
    page = bring(client_of(ana), content, "<script>.jsonl")
    assert page.status_code == 200
    said = shown(page)
    assert "Imported: 1 Already imported: 0 Refused: 1" in said
    assert "The file is cut short: it should hold 3 answers, but holds 2." in said
    neither = "Invalid format: the line: Value error, holds neither traces nor an availability check"
    assert f"2 {first} Imported 3 – Refused : {neither}" in said
    assert "Imported: 0 Already imported: 1 Refused: 1" in shown(bring(client_of(ana), content))
    headless = shown(bring(client_of(ana), signed(answer(other, now=now))))
    assert "so answers may be missing too." in headless


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (b"x" * (512 * 1024 + 1), "The file is larger than 512 kB."),
        (None, "This field is required."),
    ],
)
def test_upload_that_holds_nothing_or_too_much_is_refused(ana: User, content: bytes | None, says: str) -> None:
    registered()
    client = client_of(ana)
    page = client.post(f"{PAGE}import/", {}) if content is None else bring(client, content)
    assert page.status_code == 422
    assert says in shown(page)


@pytest.mark.parametrize("content", [b"\0" * 99, bytes(range(256)) * 9, b"\xef\xbb\xbfhello", b"a.b.c\n" * 700])
def test_malformed_upload_imports_no_answers(ana: User, content: bytes) -> None:
    registered()
    page = bring(client_of(ana), content)
    assert page.status_code == 200
    assert "Imported: 0" in shown(page)


def test_without_a_key_of_ours_the_page_says_who_makes_it(
    illegal: Incident, ana: User, settings: Any, tmp_path: Path
) -> None:
    settings.KEYRING = tmp_path
    page = client_of(ana).get(PAGE)
    assert "There is no signing key." in shown(page)
    assert 'action="/admin/handoff/export/"' not in page.content.decode()


def test_page_costs_the_same_for_one_and_for_many(
    belize: Portal, ana: User, now: datetime, django_assert_num_queries: Any
) -> None:
    client = client_of(ana)
    registered()
    also(belize, ana, now)
    asked_of(Incident.objects.get(), ana, now=now)
    client.get(PAGE)
    with django_assert_num_queries(10):
        client.get(PAGE)
    [last, *_] = also(belize, ana, now, 12)
    asked_of(last, ana, again=True, now=now + timedelta(minutes=1))
    with django_assert_num_queries(10):
        client.get(PAGE)


def test_page_lists_latest_files_and_counts_only_own_portals(
    belize: Portal, zambia: Portal, ana: User, ben: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered()
    [hers] = also(belize, ana, now, 1)
    [his] = also(zambia, ben, now, 1)
    asked_of(his, ben, now=now)
    for minute in range(1, 12):
        asked_of(hers, ana, again=True, now=now + timedelta(minutes=minute))
    # The latest file covers both portals: each analyst counts only their own incident.
    latest = Handoff.objects.get(at=now + timedelta(minutes=11))
    HandoffItem.objects.create(handoff=latest, incident=his, round=1, asked=["trace"])

    def summarise_recent_files(user: User) -> list[tuple[datetime, int, int]]:
        return [(file.at, file.number, file.answered) for file in views.recent_files(user)]  # type: ignore[attr-defined] # annotated

    assert summarise_recent_files(ana) == [(now + timedelta(minutes=minute), 1, 0) for minute in range(11, 1, -1)]
    assert summarise_recent_files(ben) == [(latest.at, 1, 0), (now, 1, 0)]
    assert "0 of 1 question answered ben" not in shown(client_of(ana).get(PAGE))
    # Only the newest files are searched.
    monkeypatch.setattr(views, "MOST_SEARCHED", 5)
    assert summarise_recent_files(ben) == [(latest.at, 1, 0)]


# --- Workstations ----------------------------------------------------------------------------------------------------


def test_administrator_registers_and_closes(adam: User) -> None:
    client = client_of(adam)
    assert "No workstation is registered yet." in shown(client.get("/admin/workstations/"))
    answer = client.post("/admin/workstations/", {"name": " Room 2 ", "public_key": f" {KEY} "}, follow=True)
    room = Workstation.objects.get()
    assert f"Room 2 {signing.public_key_id(bytes(room.public_key))} adam" in shown(answer)
    assert "Registered: Room 2. Its results are accepted from now on." in shown(answer)
    answer = client.post(f"/admin/workstations/{room.pk}/close/", follow=True)
    assert "closed since" in shown(answer)
    assert "Close Room 2 permanently" not in shown(answer)
    assert client.post(f"/admin/workstations/{room.pk}/close/").status_code == 403


@pytest.mark.parametrize(
    ("sent", "says", "status"),
    [
        ({"name": "", "public_key": KEY}, "This field is required.", 422),
        ({"name": "Room 3", "public_key": "no key"}, "This is not the public key of a workstation.", 422),
        ({"name": "Room 3", "public_key": KEY}, "Another workstation (open or closed) has this name or key.", 422),
    ],
)
def test_what_is_no_workstation_is_refused_as_typed(adam: User, sent: dict[str, str], says: str, status: int) -> None:
    registered()
    page = client_of(adam).post("/admin/workstations/", sent)
    assert page.status_code == status
    assert says in shown(page)
    assert f'value="{sent["public_key"]}"' in page.content.decode()
