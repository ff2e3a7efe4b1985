"""Verbs of batches for the isolated workstation: drawn, returned, revoked, late, and results that come twice."""

from base64 import b64encode

from django.db.models import QuerySet

from analysts.handoff import allowances, batch_ends, drawing, results
from analysts.models import AddressAllowance, AllowanceState, Batch, BatchItem, BatchKind, User, Workstation
from analysts.tests.batches import moment, workstation_keys
from reports import installation_keys
from tests.life.desk_rows import DECISIONS
from tests.life.rows import SENIORS, Arguments, Chance, VerbRow, of_row
from tests.life.takedown_rows import METHODS
from tests.life.world import COUNTRIES, PROVIDERS, SECRET, World
from workstation.sealed_file import OpenBatch, write_results

KINDS = (*[list(BatchKind)] * 3, [BatchKind.FIRST], [BatchKind.SECOND], [BatchKind.TRACES, BatchKind.CHECKS])


def _rooms(_by: User, _world: World) -> QuerySet[Workstation]:
    return Workstation.objects.filter(closed_on=None).exclude(sealing_key=b"")


def _a_draw(_world: World, _workstation: Workstation, chance: Chance) -> Arguments:
    return {"kinds": chance.choose(KINDS), "count": chance.choose([1, 1, 2, 50])}


def _results(world: World, by: User, chance: Chance) -> Arguments | None:
    """Signed results of a batch, mostly an open one of the person; also those of an older one, and the same again."""
    if world.last_results and chance.is_one_of(5):
        return {"content": world.last_results}
    batches = Batch.objects.all()
    if not chance.is_wild and not chance.is_one_of(6):
        batches = batches.open().filter(by=by)
    batch = chance.row(batches)
    if batch is None:
        return None
    chosen = list(batch.items.order_by("number")[: chance.choose([1, 3, 50])])
    lines = [_a_result(world, item, chance) for item in chosen]
    if lines and chance.is_one_of(4):
        lines.append(chance.choose(lines) | {"seconds": 7})
    head = {"batch": str(batch.pk), "results_key": b64encode(installation_keys.results_key().public().raw).decode()}
    file = write_results(OpenBatch(head, []), lines, workstation_keys(SECRET), made_at=moment(world.now))
    world.last_results = file.encode()
    return {"content": world.last_results}


def _a_result(world: World, item: BatchItem, chance: Chance) -> dict[str, object]:
    line: dict[str, object] = {"item": str(item.pk), "seconds": chance.choose([0, 40, 4000])}
    place = {"country": COUNTRIES[0], "provider": PROVIDERS[0], "at": moment(world.now)}
    if chance.is_one_of(6):
        return line | {"skipped": True}
    if BatchKind(item.kind).is_assessment:
        return line | {"decision": {name: str(value) for name, value in chance.choose(DECISIONS).items()}}
    if item.kind == BatchKind.TRACES:
        return line | {"traces": [{"method": str(method), **place} for method in METHODS]}
    return line | {"available": {"outcome": chance.choose(["gone", "gone", "online"]), "at": moment(world.now)}}


def _drawn(by: User, _world: World) -> QuerySet[Batch]:
    return Batch.objects.open().filter(by=by)


REQUESTED = of_row("allowance", lambda *_: AddressAllowance.objects.filter(state=AllowanceState.REQUESTED))

ROWS: tuple[VerbRow, ...] = (
    VerbRow(drawing.draw_batch, of_row("workstation", _rooms, _a_draw, any_when_wild=True), often=4),
    VerbRow(drawing.download_batch, of_row("batch", _drawn), often=2),
    VerbRow(results.import_results, _results, often=12),
    VerbRow(batch_ends.return_batch, of_row("batch", _drawn), often=1),
    VerbRow(batch_ends.revoke_batch, of_row("batch", lambda *_: Batch.objects.open()), often=1),
    VerbRow(allowances.ask_allowance, lambda _world, _by, chance: {"number": chance.choose([1, 50])}, often=1),
    VerbRow(allowances.grant_allowance, REQUESTED, SENIORS, often=1),
    VerbRow(allowances.decline_allowance, REQUESTED, often=1),
)
