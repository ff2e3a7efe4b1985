"""After a change of the rules for addresses: imported cases are found by their address as it is read today."""

from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from analysts.assessment.intake.incident_matching import address_index
from analysts.incidents import contents
from analysts.models import HistoryRow, Incident
from reports import keys, sealing
from reports.addresses import find_addresses

BATCH = 500


def recheck_history(*, dry_run: bool) -> int:
    """Correct the fingerprints of cases, after those of incidents; returns how many. Safe to run repeatedly.

    Those of cases whose address is erased stay, as those of such incidents do.
    """
    moved = HistoryRow.objects.exclude(incident=None).exclude(fingerprint=F("incident__fingerprint"))
    corrected = moved.count()
    if not dry_run:
        own = Incident.objects.filter(pk=OuterRef("incident")).values("fingerprint")
        moved.update(fingerprint=Subquery(own))
    sealed, after = HistoryRow.objects.exclude(sealed=b"").order_by("pk"), UUID(int=0)
    while rows := list(sealed.filter(pk__gt=after)[:BATCH]):
        after = rows[-1].pk
        corrected += _correct_rows(rows, dry_run=dry_run)
    return corrected


@transaction.atomic
def _correct_rows(rows: list[HistoryRow], *, dry_run: bool) -> int:
    changed = []
    for row in rows:
        try:
            [address] = find_addresses(contents.import_address(row))
        except (ValueError, sealing.UnsealError, keys.KeyMissing):
            continue
        if bytes(row.fingerprint) != (index := address_index(address)):
            row.fingerprint = index
            changed.append(row)
    if not dry_run:
        HistoryRow.objects.bulk_update(changed, ["fingerprint"])
    return len(changed)
