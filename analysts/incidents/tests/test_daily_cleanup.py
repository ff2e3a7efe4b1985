"""Deletion of old drafts and skips, and erasure of drafts together with their key."""

from datetime import timedelta
from typing import Any

import pytest

from analysts.incidents import daily_cleanup, sealing_contexts
from analysts.models import Draft, Incident, Skip, User
from analysts.pages import tasks
from analysts.retention import erasure
from analysts.retention.sealed import GOES, SEALED, Why
from analysts.retention.tests.test_retention import whys
from analysts.tests.factories import claimed, incident_of
from analysts.tests.march import DESTROYED, EMPTIED, MARCH, MARCH_CLOSES, key_of, nothing_found, open_keys
from countries.models import Portal
from reports import keys, sealing

__all__ = ["open_keys"]

[DRAFTS] = [kind for kind in SEALED if kind.name == "drafts"]


def begun(incident: Incident, by: User, *, act: str = "assess", **when: Any) -> Draft:
    now = when.get("now", MARCH)
    key = keys.public_key(now)
    draft = Draft(incident=incident, by=by, act=act, at=now, key_id=key.id)
    draft.sealed = sealing.seal_json({"reason": "other"}, to=key, info=sealing_contexts.draft_info(draft))
    draft.save()
    return draft


def opens(draft: Draft) -> bool:
    draft.refresh_from_db()
    try:
        sealing.unseal_json(
            bytes(draft.sealed), by=keys.private_key(draft.key_id), info=sealing_contexts.draft_info(draft)
        )
    except (sealing.UnsealError, keys.KeyMissing):
        return False
    return True


def test_drafts_and_skips_are_cleared_after_days(belize: Portal, ana: User) -> None:
    old, new = (incident_of(belize, f"https://site{number}.example/1") for number in range(2))
    now = MARCH + timedelta(days=30)
    begun(old, ana, now=now - timedelta(days=daily_cleanup.DRAFT_DAYS, seconds=1))
    kept = begun(new, ana, now=now - timedelta(days=daily_cleanup.DRAFT_DAYS))
    Skip.objects.create(incident=old, by=ana, at=now - timedelta(days=daily_cleanup.SKIP_DAYS, seconds=1))
    skip = Skip.objects.create(incident=new, by=ana, at=now - timedelta(days=daily_cleanup.SKIP_DAYS))
    daily_cleanup.delete_old_drafts_and_skips(now=now)

    assert (list(Draft.objects.all()), list(Skip.objects.all())) == ([kept], [skip])


def test_worker_clears_desks(belize: Portal, ana: User) -> None:
    begun(incident_of(belize), ana)
    tasks.clear_desks(timestamp=0)

    assert Draft.objects.count() == 0


def test_draft_stays_while_its_incident_is_open_to_be_assessed(belize: Portal, ana: User, open_keys: Any) -> None:
    waiting = incident_of(belize, "https://a.example/1", now=MARCH)
    held = claimed(incident_of(belize, "https://b.example/1", now=MARCH), ana, now=MARCH)
    closed = nothing_found(belize, ana, "https://c.example/1")
    for incident in (waiting, held, closed):
        begun(incident, ana)

    assert whys(DRAFTS, MARCH) == [GOES, Why.UNASSESSED, Why.UNASSESSED]


def test_drafts_are_resealed_or_erased_with_their_key(belize: Portal, ana: User, open_keys: Any) -> None:
    kept = begun(incident_of(belize, "https://a.example/1", now=MARCH), ana)
    left = begun(nothing_found(belize, ana, "https://b.example/1"), ana)
    backup, info = bytes(left.sealed), sealing_contexts.draft_info(left)
    for now in (MARCH_CLOSES, EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)

    assert (opens(kept), opens(left)) == (True, False)
    assert (kept.key, bytes(left.sealed)) == (key_of(4), b"")
    for key_id in keys.private_key_ids():
        with pytest.raises(sealing.UnsealError):
            sealing.unseal_json(backup, by=keys.private_key(key_id), info=info)


def test_draft_is_bound_to_its_writer_and_form(belize: Portal, ana: User, sena: User) -> None:
    draft = begun(incident_of(belize), ana)
    for moved in ({"by": sena}, {"act": "note"}):
        Draft.objects.update(**moved)
        assert not opens(draft)
        Draft.objects.update(by=ana, act="assess")
    assert opens(draft)
