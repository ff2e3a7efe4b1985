"""Verbs of history imports: prepared, mapped, requested, approved, discarded, undone; a case of one, opened."""

from io import BytesIO

from django.db.models import QuerySet

from analysts.imports import actions
from analysts.imports.raw_rows import ReadOptions
from analysts.models import HistoryImport, ImportFormat, User
from tests.life.rows import SENIORS, Arguments, Chance, VerbRow, of_row
from tests.life.world import World

CODES = {"verdict": {"bad": "illegal", "fine": "not_illegal"}, "state": {"busy": "open", "done": "closed"}}


def _a_file(world: World, by: User, chance: Chance) -> Arguments:
    """Two open cases, of which one may have been reported, and two of history."""
    day = f"{world.now:%Y-%m-%d}"
    name = chance.choose(["a", "b"])
    rows = (
        f"1,https://a.example/one,bad,busy,{day}",
        f"2,https://{name}.example/imported,bad,busy,{day}",
        f"3,https://{name}.example/kept,fine,done,{day}",
        f"4,https://{name}.example/old,bad,done,2001-01-31",
    )
    content = "\n".join(("reference,address,verdict,state,received", *rows)).encode()
    return {
        "source": f"old-{name}",
        "format": ImportFormat.CSV,
        "portal": None,
        "file": BytesIO(content),
        "options": ReadOptions(),
    }


def _live_imports(_by: User, _world: World) -> QuerySet[HistoryImport]:
    return HistoryImport.objects.all()


HISTORY = of_row("history", _live_imports, any_when_wild=True)
ROWS: tuple[VerbRow, ...] = (
    VerbRow(actions.prepare_import, _a_file, SENIORS, often=1),
    VerbRow(actions.map_codes, of_row("history", _live_imports, mapping=CODES), SENIORS, often=1),
    VerbRow(actions.request_import, HISTORY, SENIORS, often=1),
    VerbRow(actions.approve_import, HISTORY, SENIORS, often=1),
    VerbRow(actions.discard_import, HISTORY, SENIORS, often=1),
    VerbRow(actions.open_case, of_row("history", _live_imports, reference="3"), SENIORS, often=1),
    VerbRow(actions.undo_import, HISTORY, SENIORS, often=1),
)
