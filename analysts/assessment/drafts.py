"""Sealed drafts of form input, so that a lost session, a lost claim or a power cut loses nothing.

A draft is not a decision: it is not in the audit log, and only its author sees it.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from analysts.incidents import permissions
from analysts.incidents.contents import draft_info
from analysts.models import Draft, Incident, User
from reports import keys, sealing
from reports.models import KeyClass
from reports.sealing import JSON

type Fields = dict[str, str | list[str]]


def save_draft(
    *, by: User, incident: Incident, act: str, fields: Mapping[str, JSON], now: datetime | None = None
) -> Draft:
    """Save the fields of the form in place of an earlier draft. `by` must be allowed to see `incident`."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    key = keys.public_key(now, KeyClass.WORDS)
    info = draft_info(Draft(incident=incident, by=by, act=act))
    sealed = sealing.seal_json(dict(fields), to=key, info=info)
    draft, _created = Draft.objects.update_or_create(
        incident=incident, by=by, act=act, defaults={"at": now, "key_id": key.id, "sealed": sealed}
    )
    return draft


def delete_draft(*, by: User, incident: Incident, act: str) -> None:
    """Delete the draft, after its content was sent or discarded."""
    Draft.objects.filter(incident=incident, by=by, act=act).delete()


def load_drafts(*, by: User, incident: Incident) -> dict[str, tuple[Fields, datetime]]:
    """The drafts of `by` for the incident: (fields, time saved) by action. Leaves out drafts that cannot be opened."""
    drafts = {}
    for draft in Draft.objects.filter(incident=incident, by=by).exclude(sealed=b""):
        try:
            opened = sealing.unseal_json(bytes(draft.sealed), by=keys.private_key(draft.key_id), info=draft_info(draft))
        except (sealing.UnsealError, keys.KeyMissing):
            continue
        fields: Fields = {
            name: [str(item) for item in value] if isinstance(value, list) else str(value)
            for name, value in opened.items()
        }
        drafts[draft.act] = (fields, draft.at)
    return drafts
