"""Every action that changes recipients, routing, notice texts or code mappings records the old and the new values.

Personal settings are left out: they are private, and the audit log records only that they changed
(docs/guides/welfare.md).
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from analysts.codes import Role
from analysts.models import (
    CodeCorrection,
    LegalText,
    NoticeTemplate,
    Recipient,
    RouteExample,
    RouteRule,
)
from analysts.takedown.legal import texts as legal_texts
from analysts.takedown.notices import texts
from analysts.takedown.recipients import actions
from analysts.takedown.recipients import catalogue as recipients
from analysts.takedown.routing import catalogue, table
from audit import changes
from audit.detail_labels import DETAILS
from audit.labels import ACTIONS
from audit.models import AuditEvent
from countries.models import Portal
from tests.acts.act import Stage, set_up
from tests.acts.table import ACTS
from tests.acts.takedown import RECIPIENT_DETAILS
from tests.rig.fixtures import create_person

pytestmark = pytest.mark.urls("portal_site.urls_staff")

# By the first part of an action, the rows that it changes.
MODELS: dict[str, type[Model]] = {
    "recipient": Recipient,
    "route_rule": RouteRule,
    "route_example": RouteExample,
    "notice_text": NoticeTemplate,
    "codes": CodeCorrection,
    "legal_text": LegalText,
}


def move_rule() -> None:
    """Done beside a change, by the same form."""
    catalogue.load_rules()
    table.move_rule(by=create_person("mover", Role.OPERATOR), rule=RouteRule.objects.all()[1], place=1)


# Done by commands, beside those of the routes.
LOADS: dict[str, Callable[[], object]] = {
    "recipient.load": recipients.load_recipients,
    "notice_text.load": texts.load_shipped_texts,
    "legal_text.load": legal_texts.load_shipped,
    "route_rule.move": move_rule,
}
# Who and when, which the event says itself, and the order of rows.
BOOKKEEPING = {
    *("id", "by_id", "at", "changed_by_id", "changed_at", "verified_by_id", "verified_digest", "position", "scheme"),
    "target",
}

type Rows = dict[object, dict[str, object]]


def noun_of(action: str) -> str:
    return action.split(".")[0]


DONE = [
    *((act.event, route, act) for route, act in ACTS.items() if noun_of(act.event) in MODELS),
    *((action, "", load) for action, load in LOADS.items()),
]


def rows_of(model: type[Model]) -> Rows:
    return {row[model._meta.pk.attname]: row for row in model._default_manager.values()}


def changed_values(before: Rows, after: Rows) -> list[tuple[str, object, object]]:
    """(field, old, new) of every value that changed, in all rows; without the empty fields of new and removed rows."""
    found = []
    for pk in before.keys() | after.keys():
        was, is_now = before.get(pk, {}), after.get(pk, {})
        for name in (was.keys() | is_now.keys()) - BOOKKEEPING:
            old, new = was.get(name), is_now.get(name)
            is_of_changed_row = bool(was and is_now)
            if old != new and (is_of_changed_row or not {repr(old), repr(new)} <= {"None", "''", "[]"}):
                found.append((name, old, new))
    return found


def is_recorded(details: dict[str, Any], name: str, old: object, new: object) -> bool:
    if details.get(name) == new:
        return True
    pair = details["changes"].get(name, {})
    return all(
        pair.get(side, "") in (changes.convert_value(value), value and changes.describe_text(str(value)))
        for side, value in (("before", old), ("after", new))
    )


@pytest.fixture
def stage(belize: Portal) -> Stage:
    return set_up(belize)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Rows]]:
    """The rows of all models before each request."""
    asked: list[dict[str, Rows]] = []
    request = Client.request

    def noted(client: Client, **given: Any) -> Any:
        asked.append({noun: rows_of(model) for noun, model in MODELS.items()})
        return request(client, **given)

    monkeypatch.setattr(Client, "request", noted)
    return asked


def test_every_action_on_these_rows_is_done_here() -> None:
    assert {action for action in ACTIONS if noun_of(action) in MODELS} == {action for action, *_ in DONE}


@pytest.mark.parametrize(("action", "route", "act"), DONE, ids=[f"{action} {route}" for action, route, _ in DONE])
def test_event_has_the_old_and_new_values(
    stage: Stage, asked: list[dict[str, Rows]], action: str, route: str, act: Callable[..., object]
) -> None:
    model = MODELS[noun_of(action)]
    before: Rows = {}
    if route:
        act(stage)
        before = asked[-1][noun_of(action)]
    else:
        act()
    changed = changed_values(before, rows_of(model))
    events = [event for event in AuditEvent.objects.order_by("-number")[:2] if event.action == action]
    details: dict[str, Any] = events[0].details

    if "changes" in details:
        assert changed
        recorded = {event.object_id: event.details for event in AuditEvent.objects.filter(action=action)}
        missing = [
            (name, old, new)
            for name, old, new in changed
            if not any(is_recorded(each, name, old, new) for each in recorded.values())
        ]
        assert missing == []
        assert all(pair["before"] != pair["after"] for pair in details["changes"].values())
        assert details["changes"].keys() - DETAILS.keys() == set(), "say in audit/detail_labels.py what these mean"
    else:
        assert details["before"] != details["after"]


@pytest.mark.parametrize("kind", ["owner", "host"])
def test_owners_name_and_contacts_are_recorded_by_digest(stage: Stage, kind: str) -> None:
    """They may be those of the reported site; those of a provider are recorded in full, never the source."""
    olga = stage.people[Role.OPERATOR]
    site = {"name": "placeholderhost", "email": "desk@placeholderhost.example.org", "source": "placeholderhost"}
    recipient = actions.add_recipient(by=olga, details=RECIPIENT_DETAILS | site | {"kind": kind})
    actions.change_recipient(by=olga, recipient=recipient, details={"email": "other@placeholderhost.example.org"})

    for event in AuditEvent.objects.filter(action__startswith="recipient."):
        shown = [name for name, pair in event.details["changes"].items() if "placeholderhost" in str(pair)]
        assert set(shown) <= (set() if kind == "owner" else {"name", "email"})
        assert bool(shown) == (kind == "host")
    mail = event.details["changes"]["email"]
    assert mail["before"] != mail["after"]


def test_value_that_no_event_can_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot hold object"):
        changes.describe_changes({}, {"a": object()})
