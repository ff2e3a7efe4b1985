"""Internal notes on incidents."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.incidents import permissions
from analysts.incidents.locking import lock_incident, record_act
from analysts.incidents.sealing_contexts import note_info
from analysts.models import Incident, Note, User
from reports import keys, sealing
from reports.models import KeyClass


@transaction.atomic
def add_note(*, by: User, incident: Incident, text: str, now: datetime | None = None) -> Note:
    """Save an internal note, sealed like an address because it may quote one. Reporters never see it."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_note(by, incident)
    note = write_note(incident, by=by, text=text, now=now)
    record_act("note", incident, by=by, now=now, details={"characters": len(text)})
    return note


def write_note(incident: Incident, *, by: User, text: str, claim: int | None = None, now: datetime) -> Note:
    """Write the row inside the caller's transaction. `claim`: number of the claim handed over with the note."""
    key = keys.public_key(now, KeyClass.ADDRESSES)
    note = Note(incident=incident, by=by, at=now, claim=claim, key_id=key.id)
    note.sealed = sealing.seal_json({"text": text}, to=key, info=note_info(note))
    note.save(force_insert=True)
    return note
