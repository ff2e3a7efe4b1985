"""The viewer: for those who may read the record, newest first, nothing to change, flat in cost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysts.models import User
from audit.actions import record
from audit.admin import NewestPaginator
from audit.models import AuditEvent
from audit.permissions import Denied, allowed, check_can_read_events
from audit.tests.people import ANA

type ChainOf = Callable[[int], list[AuditEvent]]

LIST = "admin:audit_auditevent_changelist"
EVENT_PAGES = ("admin:audit_auditevent_change", "admin:audit_auditevent_delete", "admin:audit_auditevent_history")


@pytest.fixture
def auditor(client: Client, axel: User) -> Client:
    """Axel's browser."""
    client.force_login(axel)
    return client


def listed(client: Client, **query: str) -> ChangeList:
    response = client.get(reverse(LIST), query_params=query)
    assert response.status_code == 200
    changelist: ChangeList = response.context["cl"]
    return changelist


def numbers(changelist: ChangeList) -> list[int]:
    return [event.number for event in changelist.result_list]


def choices(changelist: ChangeList, key: str) -> list[list[Any]]:
    return [[choice[key] for choice in spec.choices(changelist)] for spec in changelist.filter_specs]


def test_list_shows_the_newest_first(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(3)

    assert numbers(listed(auditor)) == [3, 2, 1]


def test_list_filters_by_action_role_and_portal(auditor: Client) -> None:
    record(by=ANA, action="incident.claim", portal="bz")
    record(by=ANA, action="export.read", portal="zm")
    record(by=None, action="intake.run")

    assert numbers(listed(auditor, action="export.read")) == [2]
    assert numbers(listed(auditor, role="analyst")) == [2, 1]
    assert numbers(listed(auditor, role="")) == [3]
    assert numbers(listed(auditor, portal="bz", action="export.read")) == []
    assert choices(listed(auditor, portal="bz"), "display") == [
        ["All", "export.read", "incident.claim", "intake.run"],
        ["All", "(none)", "analyst"],
        ["All", "(none)", "bz", "zm"],
    ]


def test_list_marks_the_chosen_filters(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(1)

    assert choices(listed(auditor, role="analyst"), "selected") == [[True, False], [False, True], [True, False]]


@pytest.mark.parametrize("value", ["incident.close", "incident"])
def test_list_of_a_value_that_occurs_nowhere_is_empty(chain_of: ChainOf, auditor: Client, value: str) -> None:
    chain_of(2)

    assert numbers(listed(auditor, action=value)) == []


@pytest.mark.parametrize("lookup", ["actor", "actor__regex", "details__step", "hash__contains", "number__lte"])
def test_list_refuses_to_search_what_no_index_serves(chain_of: ChainOf, auditor: Client, lookup: str) -> None:
    chain_of(1)

    assert auditor.get(reverse(LIST), query_params={lookup: "1"}).status_code == 400


def test_list_searches_by_actor_and_object(chain_of: ChainOf, auditor: Client) -> None:
    (first,) = chain_of(1)
    record(by=None, action="event.read", on=first)

    assert numbers(listed(auditor, q="ana")) == [1]
    assert numbers(listed(auditor, q="1")) == [2]
    assert numbers(listed(auditor, q="an")) == []
    assert numbers(listed(auditor, q="2")) == []


def test_list_starts_at_a_number(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(4)

    assert numbers(listed(auditor, q="#2")) == [2, 1]
    assert numbers(listed(auditor, q="#" + "9" * 19)) == [4, 3, 2, 1]
    assert numbers(listed(auditor, q="#" + "9" * 20)) == []


def test_list_reaches_the_newest_events_only(
    chain_of: ChainOf, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NewestPaginator, "REACH", 60)
    chain_of(70)

    assert numbers(listed(auditor)) == list(range(70, 20, -1))
    assert numbers(listed(auditor, p="2")) == list(range(20, 10, -1))
    assert numbers(listed(auditor, q="#10")) == list(range(10, 0, -1))


def test_list_costs_the_same_for_one_event_and_for_thirty(
    chain_of: ChainOf, auditor: Client, django_assert_num_queries: Any
) -> None:
    # A session's first request notes when it began.
    listed(auditor)
    for length in (1, 29):
        chain_of(length)
        # The session, the user, the bounded count, the page and the values of three filters.
        with django_assert_num_queries(7):
            listed(auditor)


def test_list_never_counts_or_sorts_the_whole_table(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(60)

    with CaptureQueriesContext(connection) as queries:
        listed(auditor, action="incident.claim", _facets="True", p="2")

    asked = [query["sql"] for query in queries.captured_queries if "audit_auditevent" in query["sql"]]
    assert len(asked) == 5
    assert [statement for statement in asked if " LIMIT " not in statement or "DISTINCT" in statement] == []


def test_event_is_shown_without_anything_to_fill_in(chain_of: ChainOf, auditor: Client) -> None:
    (event,) = chain_of(1)

    response = auditor.get(reverse("admin:audit_auditevent_change", args=[event.pk]))

    assert response.status_code == 200
    assert event.hash in response.text
    assert list(response.context["adminform"].form.fields) == []
    assert response.context["has_change_permission"] is False
    assert response.context["has_delete_permission"] is False


def test_event_cannot_be_added_changed_or_deleted_by_the_auditor(chain_of: ChainOf, auditor: Client) -> None:
    (event,) = chain_of(1)
    change, delete, _history = (reverse(page, args=[event.pk]) for page in EVENT_PAGES)
    add = reverse("admin:audit_auditevent_add")

    assert [auditor.get(page).status_code for page in (add, delete)] == [403, 403]
    forged = {"post": "yes", "action": "forged"}
    assert [auditor.post(page, forged).status_code for page in (add, change, delete)] == [403, 405, 403]
    # The list's own bulk deletion: refused or unknown, the event stays.
    auditor.post(reverse(LIST), {"action": "delete_selected", "_selected_action": event.pk, "post": "yes"})
    assert list(AuditEvent.objects.values_list("number", "action")) == [(1, "incident.claim")]


@pytest.mark.parametrize("name", ["ana", "ben", "sena", "olga", "petra", "willa"])
def test_record_is_closed_to_whoever_may_not_read_it(
    chain_of: ChainOf, client: Client, request: pytest.FixtureRequest, name: str
) -> None:
    (event,) = chain_of(1)
    client.force_login(request.getfixturevalue(name))

    pages = [reverse(LIST), *(reverse(page, args=[event.pk]) for page in EVENT_PAGES)]

    assert [client.get(page).status_code for page in pages] == [403, 403, 403, 403]
    assert event.hash not in client.get(reverse("admin:index")).text


def test_record_asks_a_stranger_to_sign_in(chain_of: ChainOf, client: Client) -> None:
    (event,) = chain_of(1)

    for page in [reverse(LIST), *(reverse(page, args=[event.pk]) for page in EVENT_PAGES)]:
        response = client.get(page)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))


def test_check_can_read_events_gives_its_reason(axel: User, olga: User) -> None:
    with pytest.raises(Denied) as refused:
        check_can_read_events(olga)

    assert refused.value.reason == "Only auditors may read the audit record."
    assert allowed(check_can_read_events, olga) is False
    assert allowed(check_can_read_events, axel) is True


def test_allowed_lets_other_errors_through() -> None:
    def check_broken(thing: Any) -> None:
        raise KeyError(thing)

    with pytest.raises(KeyError):
        allowed(check_broken, "queue")


@pytest.mark.django_db
def test_only_the_permission_to_view_exists() -> None:
    permissions = Permission.objects.filter(content_type__app_label="audit")

    assert [permission.codename for permission in permissions] == ["view_auditevent"]
