"""The addresses of one export: opened within the person's limit of a day, each recorded as revealed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from analysts.exports.actions import lock_export
from analysts.exports.permissions import check_can_export_addresses
from analysts.exports.tables import ExportStopped
from analysts.handoff.allowances import addresses_left, serialise_files
from analysts.incidents import contents
from analysts.incidents.facet_search import FacetSearch, find_by_received
from analysts.incidents.locking import first_portals
from analysts.incidents.table import mask_address
from analysts.models import Export, ExportProblem, ExportState, Incident
from analysts.welfare.exposure import count_file_reveals, work_day
from audit.actions import record_event
from reports.addresses import defang_address


@transaction.atomic
def open_addresses(export: Export, search: FacetSearch, *, now: datetime) -> Mapping[UUID, str]:
    """Defanged addresses by incident, or words why there is none.

    Checked as when the export was ordered, without counting its own addresses. Raises Denied, ExportStopped.
    """
    serialise_files()
    locked, by = lock_export(export), export.by
    check_can_export_addresses(by, now=now)
    locked_today = locked.addresses if work_day(locked.at) == work_day(now) else 0
    remaining = addresses_left(by, now=now) + locked_today
    places = find_by_received(search, most=remaining + 1)
    if len(places) > remaining or locked.state != ExportState.RUNNING:
        raise ExportStopped(ExportProblem.LIMIT)
    incidents = list(Incident.objects.filter(pk__in=[place.incident for place in places]).select_related("key"))
    opened = {incident.pk: contents.unseal_address(incident) for incident in incidents}
    revealed = [incident for incident in incidents if opened[incident.pk]]
    locked.addresses = len(revealed)
    locked.save(update_fields=["addresses"])
    count_file_reveals(by, len(revealed), now=now)
    portals = first_portals(revealed, by)
    for incident in revealed:
        portal, details = portals.get(incident.pk, ""), {"export": str(export.pk)}
        record_event(by=by, action="incident.reveal", on=incident, portal=portal, details=details, at=now)
    return {
        incident.pk: defang_address(address.normalised) if address else mask_address(incident)
        for incident in incidents
        for address in [opened[incident.pk]]
    }
