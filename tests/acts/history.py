"""Actions on imports of history."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysts.codes import Role
from analysts.imports import actions
from analysts.imports.raw_rows import ReadOptions
from analysts.imports.working import work_on_next
from analysts.models import HistoryImport, ImportFormat, ImportState, User
from tests.acts.act import Act, Fields, Stage
from tests.rig.fixtures import create_person

FILE = f"reference,address,verdict,received\n1,https://old.example.org/1,bad,{timezone.now():%Y-%m-%d}\n".encode()
ONE = "admin/history/<int:history_id>/"


def history_of(by: User, state: ImportState = ImportState.MAPPING) -> HistoryImport:
    """An import in this state, that `by` requested and another person approved."""
    fields: dict[str, Any] = {"source": f"old-{by.pk}", "portal": None, "options": ReadOptions()}
    history = actions.prepare_import(by=None, format=ImportFormat.CSV, file=BytesIO(FILE), **fields)
    if state == ImportState.MAPPING:
        return history
    actions.map_codes(by=by, history=history, mapping={"verdict": {"bad": "illegal"}})
    while work_on_next():
        pass
    if state == ImportState.COUNTED:
        return history
    asked_at = timezone.now() - timedelta(minutes=1)
    actions.request_import(by=by, history=history, now=asked_at)
    if state == ImportState.REQUESTED:
        return history
    actions.approve_import(by=create_person(f"{by}-approves", Role.SENIOR), history=history)
    while work_on_next():
        pass
    return history


def _in_state(state: ImportState, *, of_colleague: bool = False) -> Any:
    def prepare(stage: Stage) -> dict[str, int]:
        by = create_person("senior-asks", Role.SENIOR) if of_colleague else stage.senior
        return {"history_id": history_of(by, state).pk}

    return prepare


def _file(_stage: Stage, _subject: None) -> Fields:
    return {
        "source": "old",
        "format": "csv",
        "dates": "iso",
        "time_zone": "UTC",
        "seen_by": "hotline",
        "file": SimpleUploadedFile("old.csv", FILE),
    }


def _by_senior(path: str, prepare: Any, fields: Any = None) -> Act:
    return Act(f"{ONE}{path}", "history.import", Role.SENIOR, prepare, fields or {})


ACTS = (
    Act("admin/history/", "history.import", Role.SENIOR, fields=_file),
    _by_senior("", _in_state(ImportState.MAPPING), {"verdict-0": "illegal"}),
    _by_senior("request/", _in_state(ImportState.COUNTED)),
    _by_senior("approve/", _in_state(ImportState.REQUESTED, of_colleague=True)),
    _by_senior("discard/", _in_state(ImportState.MAPPING)),
    _by_senior("open/", _in_state(ImportState.DONE), {"reference": "1"}),
    _by_senior("undo/", _in_state(ImportState.DONE)),
)
