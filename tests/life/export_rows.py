"""Verbs of exports: ordered, cancelled, fetched."""

from analysts.codes import Role
from analysts.exports import actions
from analysts.exports.incident_table import COLUMNS
from analysts.handoff.allowances import addresses_left
from analysts.incidents.facet_search import FacetSearch, find_by_received
from analysts.incidents.list_section import ANY_STATE
from analysts.models import Export, ExportFormat, ExportState, ExportSubject, User
from tests.life.rows import Arguments, Chance, VerbRow
from tests.life.world import World


def _an_order(world: World, by: User, chance: Chance) -> Arguments:
    """Mostly without addresses; with them, of as many incidents as the list finds."""
    order: dict[str, object] = {
        "subject": ExportSubject.INCIDENTS,
        "format": chance.choose([ExportFormat.CSV, ExportFormat.XLSX]),
        "columns": list(COLUMNS),
    }
    if chance.is_wild and chance.is_one_of(3):
        return order | {"subject": ExportSubject.EVENTS}
    if by.role == Role.SENIOR and chance.is_one_of(2):
        search = FacetSearch(tuple(by.portal_ids), (ANY_STATE,))
        found = find_by_received(search, most=addresses_left(by, now=world.now) + 1)
        return order | {"matches": len(found), "purpose": chance.choose(["quality", ""])}
    return order


def _an_export(_world: World, by: User, chance: Chance) -> Arguments | None:
    exports = Export.objects.order_by("at")
    if not chance.is_wild:
        exports = exports.filter(by=by).exclude(state=ExportState.STOPPED)
    export = chance.row(exports)
    return None if export is None else {"export": export}


ROWS: tuple[VerbRow, ...] = (
    VerbRow(actions.order_export, _an_order, often=2),
    VerbRow(actions.cancel_export, _an_export, often=1),
    VerbRow(actions.fetch_export, _an_export, often=1),
)
