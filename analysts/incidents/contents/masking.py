"""Seals the masks of addresses from before masks were stored, in short transactions in the background."""

from contextlib import suppress

from django.db import transaction

from analysts.incidents.contents import opening, storing
from analysts.models import Incident
from reports import keys, sealing
from reports.addresses import mask_all_but_suffix

SLICE = 200


@transaction.atomic
def seal_missing_masks() -> bool:
    """Seal the masks of the next incidents that lack one; whether any was sealed.

    Incidents under a key that this keyring lacks, or whose key of masks was not created yet, are left for later.
    """
    key_ids = keys.mask_key_owners() & keys.private_key_ids()
    unmasked = Incident.objects.filter(key__in=key_ids, sealed_mask=b"").exclude(sealed_address=b"")
    incidents = list(unmasked.select_for_update(skip_locked=True, of=("self",), no_key=True)[:SLICE])
    for incident in incidents:
        with suppress(keys.KeyMissing):
            incident.sealed_mask = storing.seal_mask(_make_mask(incident), incident.pk, str(incident.key_id))
    Incident.objects.bulk_update(incidents, ["sealed_mask"])
    return any(incident.sealed_mask for incident in incidents)


def _make_mask(incident: Incident) -> str:
    """The mask; "" if the address is damaged, so that it is not tried again."""
    try:
        return mask_all_but_suffix(opening.open_address(incident).normalised)
    except sealing.UnsealError:
        return ""
