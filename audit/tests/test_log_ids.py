"""Events hold an id of the account, without a name or number beside it; earlier events keep what they have."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from audit import chain
from audit.actions import JSON, record_event
from audit.changes import describe_text
from audit.log_ids import AccountId, events_by, name_in_details, name_of_actor, read_desk_names
from audit.models import AuditEvent, LogId
from audit.tests.people import create_actor, store_earlier_event

pytestmark = pytest.mark.django_db

LOG_ID = re.compile(r"id:[0-9a-f]{12}")


@pytest.fixture
def bela() -> Any:
    """An analyst whose id is the database's."""
    return get_user_model().objects.create(username="bela", name="Bela Example", desk_name="Bee", role="analyst")


def test_events_of_an_account_hold_one_random_id_and_no_name(bela: Any) -> None:
    first = record_event(by=bela, action="incident.claim")
    second = record_event(by=None, action="user.enter", on=bela)
    assert LOG_ID.fullmatch(first.actor)
    assert (first.actor_id, second.object_id) == (None, first.actor)
    other = get_user_model().objects.create(username="other", role="analyst")
    assert record_event(by=other, action="incident.claim").actor != first.actor


def test_details_hold_ids_in_place_of_accounts(ana: Any, bela: Any) -> None:
    accounts: dict[str, JSON] = {
        "to": AccountId(ana.pk),
        "members": [AccountId(bela.pk)],
        "below": {"account": AccountId(ana.pk)},
    }
    event = record_event(by=None, action="group.add", details={**accounts, "count": ana.pk})
    [of_bela] = event.details["members"]
    assert LOG_ID.fullmatch(of_bela)
    assert event.details == {"to": "ana", "members": [of_bela], "below": {"account": "ana"}, "count": ana.pk}


@pytest.mark.parametrize("name", ["account", "actor", "holder", "owner", "requested_by", "username"])
def test_text_under_the_name_of_a_person_is_no_part_of_an_event(name: str) -> None:
    event = record_event(by=None, action="group.add", details={name: "bela"})
    assert event.details == {name: describe_text("bela")}


def test_chain_is_verified_over_both_formats(ana: Any, bela: Any) -> None:
    for _time in range(2):
        store_earlier_event(ana)
        record_event(by=bela, action="incident.claim")
    assert chain.verify_chain().faults == []
    assert list(AuditEvent.objects.order_by("number").values_list("actor_id", "actor"))[::2] == [(ana.pk, "ana")] * 2


def test_desk_names_come_from_accounts_in_both_formats(ana: Any, bela: Any) -> None:
    earlier = store_earlier_event(bela, to="ana", to_id=ana.pk)
    later = record_event(by=bela, action="incident.hand_over", details={"to": AccountId(ana.pk)})
    for event in (earlier, AuditEvent.objects.get(pk=later.pk)):
        names = read_desk_names([event])
        assert (name_of_actor(event, names), name_in_details(event.details, "to", names)) == ("Bee", str(ana))
    assert AuditEvent.objects.filter(events_by(bela.pk)).count() == 2


def test_id_stays_with_its_account_until_the_person_left(bela: Any) -> None:
    event = record_event(by=bela, action="incident.claim")
    log_id, other = LogId.objects.get(account=bela), create_actor("other")
    for changed in ({"account": other.pk}, {"account": None}, {"value": "id:000000000000"}):
        with pytest.raises(IntegrityError, match="stays that of its account"), transaction.atomic():
            LogId.objects.filter(pk=log_id.pk).update(**changed)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_logid WHERE value = %s", [log_id.pk])
    type(bela).objects.filter(pk=bela.pk).update(is_active=False)
    LogId.objects.filter(pk=log_id.pk).update(account=None)
    assert name_of_actor(event, read_desk_names([event])) == "analyst"
    assert record_event(by=bela, action="incident.claim").actor != log_id.pk
