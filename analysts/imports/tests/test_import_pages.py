"""The pages of history imports: dry run before anything is imported, and nothing chosen in advance."""

import re
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from analysts.codes import Role
from analysts.imports import actions as imports
from analysts.imports import raw_rows
from analysts.imports.working import work_on_next
from analysts.models import HistoryImport, HistoryPart, HistoryRow, ImportState, Incident, User
from analysts.models.origins import PREPARED_FOR
from audit.models import AuditEvent
from countries.models import Portal
from tests.acts.history import FILE, history_of
from tests.rig.fixtures import client_of, create_person

PAGE = "/admin/history/"
OLD_ROWS = "2,https://old.example.org/2,bad,2001-01-31\n3,nothing here,bad,2001-01-31\n"


def form_of(content: bytes = FILE, **more: str) -> dict[str, Any]:
    usual = {"source": "old", "format": "csv", "dates": "iso", "time_zone": "UTC", "seen_by": "hotline"}
    return {**usual, **more, "file": SimpleUploadedFile("old.csv", content)}


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_import_is_walked_through_on_its_pages(belize: Portal, sena: User) -> None:
    client, colleague = client_of(sena), client_of(create_person("sami", Role.SENIOR))
    sent = client.post(PAGE, form_of(FILE + OLD_ROWS.encode()))
    history = HistoryImport.objects.get()
    one = f"{PAGE}{history.pk}/"
    assert sent["Location"] == one
    page = text_of(client.get(one))
    assert "1 row that cannot be taken" in page
    assert "No web address: 1" in page
    assert "selected" not in page.split("Codes of the former system")[1].replace('<option value="" selected>', "")
    assert client.post(one, {}).status_code == 422
    assert client.post(one, {"verdict-0": "illegal"}).status_code == 302
    while work_on_next():
        pass
    page = text_of(client.get(one))
    assert "1 of 2 addresses are older than your retention period" in page
    assert HistoryRow.objects.count() == 0
    assert client.post(f"{one}request/").status_code == 302
    assert client.post(f"{one}approve/").status_code == 422
    assert colleague.post(f"{one}approve/").status_code == 302
    while work_on_next():
        pass
    history.refresh_from_db()
    assert (history.state, HistoryRow.objects.count()) == (ImportState.DONE, 2)
    assert "old: 2 cases" in text_of(client.get("/admin/figures/"))
    assert client.post(f"{one}undo/").status_code == 302
    while work_on_next():
        pass
    assert "None of its cases is left." in text_of(client.get(one))


def test_closed_case_is_opened_by_its_number_and_revealed_like_any_other(belize: Portal, sena: User) -> None:
    colleague = create_person("sami", Role.SENIOR)
    history = history_of(sena, ImportState.REQUESTED)
    imports.approve_import(by=colleague, history=history)
    while work_on_next():
        pass
    client, one = client_of(sena), f"{PAGE}{history.pk}/"
    assert client.post(f"{one}open/", {"reference": "7"}).status_code == 422
    assert HistoryRow.objects.exclude(sealed=b"").count() == 1
    sent = client.post(f"{one}open/", {"reference": " 1 "})
    incident = Incident.objects.get()
    assert sent["Location"] == f"/admin/incidents/{incident.pk}/"
    row = HistoryRow.objects.get()
    assert (row.incident, bytes(row.sealed), incident.state) == (incident, b"", "waiting")
    # Once more is the same; and the ordinary way shows the address, with its event.
    assert client.post(f"{one}open/", {"reference": "1"})["Location"] == sent["Location"]
    address = "hxxps://old[.]example[.]org/1"
    assert address not in text_of(client.get(sent["Location"]))
    client.post(f"{sent['Location']}claim/")
    client.post(f"{sent['Location']}reveal/")
    assert address in text_of(client.get(sent["Location"]))
    events = list(AuditEvent.objects.values_list("action", flat=True))
    assert (events.count("incident.reveal"), events.count("incident.enter")) == (1, 0)
    # Undoing deletes untouched cases, and names this one.
    client.post(f"{one}undo/")
    while work_on_next():
        pass
    history.refresh_from_db()
    assert (history.kept, Incident.objects.count()) == (["1"], 1)


def test_page_says_how_far_the_worker_is_and_no_count_before_it_has_all(
    sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysts.imports.reading.ROWS_OF_A_PART", 1)
    client = client_of(sena)
    one = client.post(PAGE, form_of(FILE + OLD_ROWS.encode()))["Location"]
    client.post(one, {"verdict-0": "illegal"})
    assert "0 of 2 rows" in text_of(client.get(one))
    work_on_next()
    page = text_of(client.get(one))
    assert "1 of 2 rows" in page
    assert "What the import would do" not in page
    while work_on_next():
        pass
    page = text_of(client.get(one))
    assert "of 2 rows" not in page
    # Each row of the file is in the table.
    assert re.findall(r'<td class="number">([\d,]+)</td>', page) == ["1", "1", "1", "3"]


def test_request_says_who_is_next_and_until_when(sena: User) -> None:
    history = history_of(sena, ImportState.REQUESTED)
    erased = history.prepared_at + PREPARED_FOR
    page = text_of(client_of(sena).get(f"{PAGE}{history.pk}/"))
    assert "Another senior analyst must approve the import that you requested." in page
    assert f"The file is erased on {erased.day} {erased:%b %Y, %H:%M} if it was not imported by then." in page


@pytest.mark.parametrize(
    "form",
    [
        {"content": b"x"},
        {"content": b""},
        {"content": b"x" * (128 * 1024 + 1)},
        {"source": "not a name"},
        {"time_zone": "Europe/Nowhere"},
        {"format": ""},
        {"format": "xlsx"},
        {"format": "scart"},
    ],
)
def test_refused_file_leaves_nothing(sena: User, form: dict[str, Any]) -> None:
    assert client_of(sena).post(PAGE, form_of(**form)).status_code == 422
    assert not HistoryImport.objects.exists()
    assert not HistoryPart.objects.exists()


def test_file_of_too_many_rows_is_refused(sena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysts.imports.reading.MOST_ROWS", 1)
    assert raw_rows.MOST_ROWS == 200_000
    assert client_of(sena).post(PAGE, form_of(FILE + OLD_ROWS.encode())).status_code == 422


def test_command_reads_standard_input_and_prepares(sena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(FILE + OLD_ROWS.encode())))
    out = StringIO()
    call_command("import_history", "--source", "old", "--format", "csv", stdout=out)
    assert "Cannot be taken, no web address: rows 4\n" in out.getvalue()
    assert HistoryImport.objects.get().state == ImportState.MAPPING


@pytest.mark.parametrize("more", [["--time-zone", "Nowhere"], ["--portal", "nowhere"], ["--format", "xlsx"]])
def test_command_refuses_with_a_sentence(sena: User, monkeypatch: pytest.MonkeyPatch, more: list[str]) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(FILE)))
    with pytest.raises(CommandError):
        call_command("import_history", "--source", "old", "--format", "csv", *more)
    assert not HistoryImport.objects.exists()
