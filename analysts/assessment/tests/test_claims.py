"""Each way in which a claim begins, moves or ends: what it stores, what it returns, and what it records."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from analysts.assessment.actions import claims
from analysts.handoff.drawing import draw_batch
from analysts.models import BatchKind, Exposure, Incident, Note, Skip, User
from analysts.models.queue_head import advance_queue_heads
from analysts.states import State
from analysts.tests.batches import workstation_for_batches
from analysts.tests.factories import claimed, incident_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal

LEASE = timedelta(minutes=30)
HOLDER, RECEIVER = {"holder": "ana"}, {"to": "sena"}
type Act = Callable[[Incident, User, User, datetime], Any]
# The act, whether Ana holds the claim before, who holds it afterwards, and the event with its details.
ACTS: dict[str, tuple[Act, bool, str, str, dict[str, Any]]] = {
    "claim": (lambda row, ana, _sena, now: claims.claim(by=ana, incident=row, now=now), False, "ana", "claim", {}),
    "claim_next": (
        lambda _row, ana, _sena, now: claims.claim_next(by=ana, now=now),
        False, "ana", "claim", {"next": True},
    ),
    "renew": (
        lambda row, ana, _sena, now: claims.renew(by=ana, incident=row, fence=row.fence, now=now),
        True, "ana", "renew", {},
    ),
    "skip": (
        lambda row, ana, _sena, now: claims.skip(by=ana, incident=row, fence=row.fence, now=now),
        True, "", "release", {},
    ),
    "release": (
        lambda row, ana, _sena, now: claims.release(by=ana, incident=row, fence=row.fence, now=now),
        True, "", "release", {},
    ),
    "hand_over": (
        lambda row, ana, sena, now: claims.hand_over(
            by=ana, incident=row, to=sena, fence=row.fence, note="Words", now=now
        ),
        True, "sena", "hand_over", RECEIVER | {"characters": 5},
    ),
    "pass_on": (
        lambda row, ana, sena, now: claims.pass_on_claim(row, ana, to=sena, by=sena, now=now),
        True, "sena", "hand_over", HOLDER | RECEIVER,
    ),
    "give_back": (
        lambda row, ana, _sena, now: claims.pass_on_claim(row, ana, to=None, by=None, now=now),
        True, "", "release", HOLDER,
    ),
    "expire": (
        lambda _row, _ana, _sena, now: claims.expire_claims(now=now + timedelta(days=1)),
        True, "", "expire", HOLDER,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_claim_is_stored_as_returned_and_on_record(belize: Portal, ana: User, sena: User, name: str) -> None:
    act, is_held, holder, event_name, details = ACTS[name]
    now, people = timezone.now(), {"ana": ana, "sena": sena}
    incident = incident_of(belize)
    if is_held:
        incident = claimed(incident, ana, now=now - timedelta(minutes=5))
    Incident.objects.filter(pk=incident.pk).update(unpublished=False)
    fence = incident.fence

    result = act(incident, ana, sena, now)
    stored = Incident.objects.get(pk=incident.pk)
    if isinstance(result, Incident):
        fields = [field.attname for field in Incident._meta.concrete_fields]
        assert {field: getattr(result, field) for field in fields} == {
            field: getattr(stored, field) for field in fields
        }
    else:
        assert result == 1
    begins = name != "renew" and holder != ""
    assert (stored.state, stored.claimed_by, stored.fence) == (
        State.CLAIMED if holder else State.WAITING, people.get(holder), fence + begins,
    )  # fmt: skip
    assert (stored.claimed_until, stored.unpublished) == (now + LEASE if holder else None, name != "renew")
    event = AuditEvent.objects.latest("number")
    expected = {key: people[value].pk if key.endswith("_id") else value for key, value in details.items()}
    assert (event.action, event.portal, event.details) == (f"incident.{event_name}", "bz", expected)
    assert (event.object_id, event.at) == (str(incident.pk), now + timedelta(days=name == "expire"))
    assert (Skip.objects.count(), Note.objects.count()) == (name == "skip", name == "hand_over")
    assert sum(Exposure.objects.values_list("skips", flat=True)) == (name == "skip")


def test_claim_ends_at_its_last_moment_and_is_passed_on_only_from_its_holder(
    belize: Portal, ana: User, sena: User
) -> None:
    now = timezone.now()
    incident = claimed(incident_of(belize), ana, now=now)
    assert not claims.pass_on_claim(incident, sena, to=ana, by=None, now=now)
    expired = [claims.expire_claims(now=now + LEASE + timedelta(microseconds=late)) for late in (-1, 0, 1)]
    assert expired == [0, 1, 0]
    claimed(incident_of(belize, "https://example.org/another"), ana, now=now)
    assert not claims.pass_on_claim(incident, ana, to=sena, by=None, now=now)
    batch = draw_batch(by=sena, workstation=workstation_for_batches(), kinds=[BatchKind.FIRST], now=now)
    assert not claims.pass_on_claim(batch.items.get().incident, sena, to=ana, by=None, now=now)


def test_claim_is_handed_over_to_a_colleague_who_sees_it(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    incident_of(zambia, "https://example.net/seen-by-ben")
    incident = claimed(incident_of(belize), ana)
    with pytest.raises(Denied, match="does not work for any portal"):
        claims.hand_over(by=ana, incident=incident, to=ben, fence=incident.fence)


def test_claim_that_is_renewed_while_claims_expire_goes_on(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, begin = timezone.now(), transaction.atomic
    claimed(incident_of(belize), ana, now=now - LEASE)

    def renew_first() -> Any:
        Incident.objects.update(claimed_until=now + LEASE)
        return begin()

    monkeypatch.setattr(transaction, "atomic", renew_first)
    assert claims.expire_claims(now=now) == 0


@pytest.mark.parametrize(("every", "is_moved"), [(1, True), (2**128, False)])
def test_heads_of_the_queue_move_after_some_claims(
    every: int,
    is_moved: bool,
    belize: Portal,
    ana: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(claims, "CLAIMS_PER_ADVANCE", every)
    incident_of(belize)
    with django_capture_on_commit_callbacks() as callbacks:
        assert claims.claim_next(by=ana)
    assert (advance_queue_heads in callbacks) is is_moved
