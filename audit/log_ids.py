"""The ids that stand in the audit log for accounts: events hold no name and no account number.

The database gives an account its id with its first event (`audit_log_id`). Pages of colleagues find the account by it
and show its name on a desk; who it is by name, two people resolve together (`analysts.accounts.log_ids.requests`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import F, Q

from audit import labels
from audit.models import AuditEvent, LogId
from audit.stored_values import JSON

# Each account with its id, which it is given if it has none.
GIVE_IDS = "SELECT account, audit_log_id(account) FROM unnest(%s::bigint[]) AS asked (account)"

# Names by the id in the log, and by the account's number, which events from before have.
type DeskNames = Mapping[object, str]


class AccountId(int):
    """The primary key of an account in the details of an event; the log gets the account's id in its place."""


def replace_accounts(details: Mapping[str, JSON]) -> dict[str, JSON]:
    """The details with ids in place of accounts. One query, none without accounts."""
    numbers = sorted(set(_accounts_in(details)))
    if not numbers:
        return dict(details)
    with connection.cursor() as cursor:
        cursor.execute(GIVE_IDS, [numbers])
        ids = dict(cursor.fetchall())
    return {key: _replaced(value, ids) for key, value in details.items()}


def _accounts_in(value: JSON) -> Iterator[int]:
    match value:
        case AccountId():
            yield int(value)
        case Mapping():
            for item in value.values():
                yield from _accounts_in(item)
        case list() | tuple():
            for item in value:
                yield from _accounts_in(item)
        case _:
            pass


def _replaced(value: JSON, ids: Mapping[int, str]) -> JSON:
    match value:
        case AccountId():
            return ids[int(value)]
        case Mapping():
            return {key: _replaced(item, ids) for key, item in value.items()}
        case list() | tuple():
            return [_replaced(item, ids) for item in value]
        case _:
            return value


def events_by(account_id: int) -> Q:
    """The condition that the account acted, in events of both formats."""
    return Q(actor__in=LogId.objects.filter(account=account_id).values("value")) | Q(actor_id=account_id)


def read_desk_names(events: Iterable[AuditEvent]) -> DeskNames:
    """The present names on a desk of the accounts in these events. One query, none without accounts."""
    values: set[object] = set()
    for event in events:
        values |= {event.actor_id, event.actor} | _flat_values(event.details)
    numbers = [value for value in values if type(value) is int and 0 < value < 2**63]
    ids = [value for value in values if isinstance(value, str) and value]
    if not numbers and not ids:
        return {}
    users = get_user_model()._default_manager.filter(Q(pk__in=numbers) | Q(log_id__value__in=ids))
    names: dict[object, str] = {}
    for user in users.annotate(in_log=F("log_id__value")):
        names[user.pk] = names[user.in_log] = str(user)
    names.pop(None, None)
    return names


# The details of which pages of colleagues show a person; before there were ids, each with the number beside it.
SHOWN = ("to", "owner", "requested_by")


def _flat_values(details: Mapping[str, Any]) -> set[object]:
    values = [details.get(key) for name in SHOWN for key in (name, f"{name}_id")]
    return {value for value in values if isinstance(value, int | str)}


def name_in_details(details: Mapping[str, object], name: str, names: DeskNames) -> str:
    """The name on a desk of the account that the details name; "" if there is no such account any more."""
    number, value = details.get(f"{name}_id"), details.get(name)
    if isinstance(number, int):
        return names.get(number, "")
    return names.get(value, "") if isinstance(value, str) else ""


def name_of_actor(event: AuditEvent, names: DeskNames) -> str:
    """The name on a desk of who acted; the role if the log's id leads to no account any more; "" for the system."""
    if event.actor_id is not None:
        return names.get(event.actor_id) or str(labels.of_role(event.role))
    return names.get(event.actor) or str(labels.of_role(event.role)) if event.actor else ""
