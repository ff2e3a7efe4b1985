"""A file of a former system: nothing of it is on a disk in clear, nor in any row but what the guide lists."""

import builtins
import io
import os
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysts.imports.tests.test_import_pages import PAGE, form_of
from analysts.imports.tests.test_imports import sami
from analysts.imports.tests.test_readers import xlsx_of
from analysts.imports.working import work_on_next
from analysts.models import HistoryImport, HistoryRow, User
from reports.sources.tests.test_sources_privacy import rows_by_table, spellings
from tests.rig.fixtures import client_of

__all__ = ["sami"]

NAME = "marked-name-8041"
# A closed case, an open one, and one that cannot be taken; the last column is not listed.
ROWS = [
    ["reference", "address", "verdict", "state", "received", "reporter"],
    ["1", "https://marked-8042.example.org/marked-8043", "bad", "done", f"{timezone.now():%Y-%m-%d}", "marked 8044"],
    ["2", "https://marked-8045.example.org/marked-8046", "bad", "busy", f"{timezone.now():%Y-%m-%d}", "marked 8047"],
    ["marked 8048", "marked 8049", "bad", "done", f"{timezone.now():%Y-%m-%d}", "marked 8050"],
]
MARKERS = [NAME, "marked 8048"] + [cell for row in ROWS for cell in row if "marked" in cell]
FILES: dict[str, Callable[[], bytes]] = {
    "csv": lambda: "\n".join(",".join(row) for row in ROWS).encode(),
    "xlsx": lambda: xlsx_of(ROWS),
}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are opened to be written."""
    paths: list[str] = []
    open_file, open_descriptor = builtins.open, os.open

    def note_file(file: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        if set(mode) & set("wax+"):
            paths.append(str(file))
        return open_file(file, mode, *args, **more)

    def note_descriptor(path: Any, flags: int, *args: Any, **more: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            paths.append(str(path))
        return open_descriptor(path, flags, *args, **more)

    for module in (builtins, io):
        monkeypatch.setattr(module, "open", note_file)
    monkeypatch.setattr(os, "open", note_descriptor)
    return paths


def find_markers() -> list[str]:
    everything = "\n".join(rows_by_table().values())
    return [marker for marker in MARKERS if any(spelling in everything for spelling in spellings(marker))]


@pytest.mark.parametrize("format", FILES)
def test_nothing_of_a_file_is_written_in_clear(sena: User, sami: User, written: list[str], format: str) -> None:
    client, colleague = client_of(sena), client_of(sami)
    file = SimpleUploadedFile(f"{NAME}.{format}", FILES[format]())
    # The library writes a spreadsheet through temporary files.
    written.clear()
    one = client.post(PAGE, {**form_of(format=format), "file": file})["Location"]
    assert find_markers() == []
    client.post(one, {"verdict-0": "illegal", "state-0": "open", "state-1": "closed"})
    while work_on_next():
        pass
    client.post(f"{one}request/")
    colleague.post(f"{one}approve/")
    while work_on_next():
        pass
    history = HistoryImport.objects.get()
    assert (history.state, history.counts, history.refused) == ("done", {"kept": 1, "queued": 1}, 1)
    assert HistoryRow.objects.count() == 2
    assert find_markers() == []
    assert written == []
    # They would be found.
    HistoryRow.objects.filter(reference="1").update(host=MARKERS[-1])
    assert find_markers() == [MARKERS[-1]]
    with tempfile.TemporaryFile():
        assert written != []
