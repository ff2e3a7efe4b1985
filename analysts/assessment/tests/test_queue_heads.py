"""The heads of the queue: the search begins behind what was claimed, and passes nothing over."""

from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.queue import dispatch
from analysts.codes import ReviewStage, Role
from analysts.models import Incident, QueueHead, QueueReturn, User
from analysts.models.incident_queries import LOWEST
from analysts.models.queue_head import advance_queue_heads
from analysts.tests.factories import claimed, incident_of
from countries.models import Portal
from reports.models import the_hour

DAY = timedelta(days=1)


def waiting(portal: Portal, name: str, *, since: datetime, priority: int = 4) -> Incident:
    incident = incident_of(portal, f"https://{name}.example/1")
    Incident.objects.filter(pk=incident.pk).update(waiting_since=the_hour(since), priority=priority)
    incident.refresh_from_db()
    return incident


def head(priority: int) -> datetime:
    return QueueHead.objects.get(priority=priority).since


def test_heads_move_to_the_first_that_waits_and_never_into_the_last_hours(belize: Portal, ana: User) -> None:
    now = timezone.now()
    first, second = (waiting(belize, name, since=now - days * DAY) for name, days in (("a", 5), ("b", 2)))
    advance_queue_heads()
    assert (head(4), head(7)) == (first.waiting_since, the_hour(now) - timedelta(hours=3))
    assert not QueueReturn.objects.exists()
    claimed(first, ana)
    advance_queue_heads()
    assert head(4) == second.waiting_since
    claimed(second, ana)
    advance_queue_heads()
    assert head(4) == the_hour(now) - timedelta(hours=3)


@pytest.mark.parametrize("comes_back", ["released", "moved", "reported"])
def test_what_comes_to_wait_before_a_head_is_offered(belize: Portal, ana: User, sena: User, comes_back: str) -> None:
    now = timezone.now()
    old, other = waiting(belize, "old", since=now - 9 * DAY), waiting(belize, "other", since=now - DAY, priority=1)
    taken = claimed(old, ana)
    advance_queue_heads()
    assert head(4) > old.waiting_since
    match comes_back:
        case "released":
            expected = actions.release(by=ana, incident=taken, fence=taken.fence)
        case "moved":
            Incident.objects.filter(pk=other.pk).update(priority=4, waiting_since=old.waiting_since)
            expected = other
        case _:
            # A report that was taken in late.
            expected = incident_of(belize, "https://late.example/1", now=now - 7 * DAY)
            assert expected.priority == other.priority
    assert actions.claim_next(by=sena) == expected


def test_head_moves_back_to_the_earliest_of_those_that_came_to_wait(belize: Portal, ana: User) -> None:
    now = the_hour(timezone.now())
    advance_queue_heads()
    for name, days in (("a", 2), ("b", 9), ("c", 5)):
        waiting(belize, name, since=now - days * DAY)
    advance_queue_heads()
    assert (head(4), QueueHead.objects.count()) == (now - 9 * DAY, 11)


def test_search_finds_the_first_candidate(belize: Portal, zambia: Portal, ana: User) -> None:
    """With heads anywhere: the same as the list of candidates in order."""
    now = timezone.now()
    for number, (portal, days, priority) in enumerate(
        [(zambia, 9, 9), (belize, 8, 3), (belize, 3, 6), (belize, 4, 6), (belize, 6, 1), (zambia, 1, 2)]
    ):
        waiting(portal, f"n{'abcdef'[number]}", since=now - days * DAY, priority=priority)
    found = []
    while best := dispatch.next_candidates(ana, now=now).first():
        found.append(best)
        assert actions.claim_next(by=ana) == best
        advance_queue_heads()
    assert len(found) == 4
    assert actions.claim_next(by=ana) is None


def test_heads_pass_over_what_only_seniors_may_take_and_seniors_find_it(belize: Portal, ana: User, sena: User) -> None:
    now = timezone.now()
    disputed, later = (waiting(belize, name, since=now - days * DAY) for name, days in (("disputed", 9), ("later", 2)))
    flooded = waiting(belize, "flooded", since=now - 9 * DAY)
    Incident.objects.filter(pk=disputed.pk).update(stage=ReviewStage.SENIOR)
    Incident.objects.filter(pk=flooded.pk).update(stage=ReviewStage.SENIOR, priority=LOWEST, flood=F("shape"))
    advance_queue_heads()
    # A flood has no lane to find it by.
    assert (head(4), head(0)) == (later.waiting_since, flooded.waiting_since)
    assert dispatch.next_candidates(sena, now=now).first() == disputed
    assert actions.claim_next(by=sena) == disputed
    assert actions.claim_next(by=ana) == later


def test_incident_that_seniors_leave_to_others_is_found_behind_the_head(belize: Portal, ana: User) -> None:
    now = timezone.now()
    disputed = waiting(belize, "disputed", since=now - 9 * DAY)
    later = waiting(belize, "later", since=now - 2 * DAY)
    Incident.objects.filter(pk=disputed.pk).update(stage=ReviewStage.SENIOR)
    advance_queue_heads()
    assert head(4) == later.waiting_since
    Incident.objects.filter(pk=disputed.pk).update(stage=ReviewStage.SECOND)
    advance_queue_heads()
    assert actions.claim_next(by=ana) == disputed


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SENIOR])
def test_search_begins_at_the_head_for_each_role(belize: Portal, ana: User, role: Role) -> None:
    """Nothing before a head is offered that was not noted: only a trigger may put it there."""
    now = timezone.now()
    waiting(belize, "before", since=now - 9 * DAY)
    later = waiting(belize, "later", since=now - DAY)
    advance_queue_heads()
    QueueHead.objects.filter(priority=4).update(since=later.waiting_since)
    ana.role = role
    ana.save(update_fields=["role"])
    assert actions.claim_next(by=ana) == later


@pytest.mark.django_db(transaction=True)
def test_return_that_is_not_committed_is_not_lost(belize: Portal, ana: User, sena: User) -> None:
    """Heads are moved while a colleague's transaction has returned an older incident and has not ended."""
    now = timezone.now()
    old = claimed(waiting(belize, "old", since=now - 9 * DAY), ana)
    waiting(belize, "later", since=now - DAY)
    given = connection.get_connection_params()
    names = ("host", "port", "user", "dbname", "password")
    with psycopg.connect(**{name: given[name] for name in names if name in given}) as other:
        other.execute(
            "UPDATE analysts_incident SET state = 'waiting', claimed_by_id = NULL, claimed_until = NULL WHERE id = %s",
            [old.pk],
        )
        advance_queue_heads()
        assert head(4) > old.waiting_since
        other.commit()
    assert actions.claim_next(by=sena) == old
