"""What somebody has begun to enter, kept sealed so that a lost session, a lost claim or a power cut loses nothing.

A draft is nobody's decision: it is on no record, and only whoever wrote it sees it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from analysts.incidents import permissions
from analysts.incidents.contents import draft_info
from analysts.models import Draft, Incident, User
from reports import keys, sealing
from reports.models import KeyClass

type Fields = dict[str, str | list[str]]


def save_draft(
    *, by: User, incident: Incident, act: str, fields: Mapping[str, Any], now: datetime | None = None
) -> Draft:
    """Keep the fields of the form, in place of what was kept of it before. `incident` is one that `by` may see."""
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
    """Forget the draft, once what it holds was sent or is not wanted."""
    Draft.objects.filter(incident=incident, by=by, act=act).delete()


def load_drafts(*, by: User, incident: Incident) -> dict[str, tuple[Fields, datetime]]:
    """What `by` has begun about the incident, by form, and when it was kept; what cannot be opened is left out."""
    kept = {}
    for draft in Draft.objects.filter(incident=incident, by=by).exclude(sealed=b""):
        try:
            opened = sealing.unseal_json(bytes(draft.sealed), by=keys.private_key(draft.key_id), info=draft_info(draft))
        except (sealing.UnsealError, keys.KeyMissing):
            continue
        fields: Fields = {
            name: [str(each) for each in value] if isinstance(value, list) else str(value)
            for name, value in opened.items()
        }
        kept[draft.act] = (fields, draft.at)
    return kept
