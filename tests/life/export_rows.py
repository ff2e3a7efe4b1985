"""Verbs of exports: ordered, cancelled, fetched."""

from django.db.models import QuerySet

from analysts.codes import Role
from analysts.exports import actions
from analysts.exports.incident_table import COLUMNS
from analysts.incidents.facet_parts import FacetSearch
from analysts.incidents.facet_search import find_by_received
from analysts.incidents.list_section import ANY_STATE
from analysts.models import Export, ExportFormat, ExportState, ExportSubject, User
from analysts.welfare.meter import addresses_left
from tests.life.rows import Arguments, Chance, VerbRow, of_row
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
        matches = find_by_received(search, most=addresses_left(by, now=world.now) + 1)
        return order | {"matches": len(matches), "purpose": chance.choose(["quality", ""])}
    return order


def _live_exports(by: User, _world: World) -> QuerySet[Export]:
    return Export.objects.filter(by=by).exclude(state=ExportState.STOPPED)


EXPORT = of_row("export", _live_exports, any_when_wild=True)
ROWS: tuple[VerbRow, ...] = (
    VerbRow(actions.order_export, _an_order, often=2),
    VerbRow(actions.cancel_export, EXPORT, often=1),
    VerbRow(actions.fetch_export, EXPORT, often=1),
)
