"""The viewer: for those who may read the record, newest first, nothing to change, flat in cost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from audit.actions import record
from audit.admin import AuditEventAdmin, NewestPaginator
from audit.models import AuditEvent
from audit.permissions import Denied, allowed, check_can_read_events
from audit.tests.people import Person

type ChainOf = Callable[[int], list[AuditEvent]]

viewer = AuditEventAdmin(AuditEvent, admin.site)


def asked_by(user: Person, rf: RequestFactory, method: str = "GET", **query: str) -> HttpRequest:
    request = rf.generic(method, "/admin/audit/auditevent/", query_params=query)
    request.user = user  # type: ignore[assignment]
    return request


def listed(user: Person, rf: RequestFactory, **query: str) -> TemplateResponse:
    response = viewer.changelist_view(asked_by(user, rf, **query))
    assert isinstance(response, TemplateResponse)
    response.render()
    return response


def numbers(response: TemplateResponse) -> list[int]:
    assert response.context_data is not None
    return [event.number for event in response.context_data["cl"].result_list]


def filter_labels(response: TemplateResponse) -> list[list[str]]:
    assert response.context_data is not None
    changelist = response.context_data["cl"]
    return [
        [str(choice["display"]) for choice in spec.choices(changelist)] for spec in changelist.filter_specs
    ]


def test_list_shows_the_newest_first(chain_of: ChainOf, axel: Person, rf: RequestFactory) -> None:
    chain_of(3)

    assert numbers(listed(axel, rf)) == [3, 2, 1]


def test_list_filters_by_action_role_and_portal(
    chain_of: ChainOf, ana: Person, axel: Person, rf: RequestFactory
) -> None:
    record(by=ana, action="incident.claim", portal="bz")
    record(by=axel, action="export.read", portal="zm")
    record(by=None, action="intake.run")

    assert numbers(listed(axel, rf, action="export.read")) == [2]
    assert numbers(listed(axel, rf, role="analyst")) == [1]
    assert numbers(listed(axel, rf, role="")) == [3]
    assert numbers(listed(axel, rf, portal="bz", role="auditor")) == []
    assert filter_labels(listed(axel, rf, portal="bz")) == [
        ["All", "export.read", "incident.claim", "intake.run"],
        ["All", "(none)", "analyst", "auditor"],
        ["All", "(none)", "bz", "zm"],
    ]


def test_list_marks_the_chosen_filter(axel: Person, rf: RequestFactory, chain_of: ChainOf) -> None:
    chain_of(1)
    response = listed(axel, rf, role="analyst")
    assert response.context_data is not None
    changelist = response.context_data["cl"]

    assert [choice["selected"] for choice in changelist.filter_specs[1].choices(changelist)] == [False, True]


@pytest.mark.parametrize("value", ["incident.close", "incident", "\x00"])
def test_list_of_a_value_that_occurs_nowhere_is_empty(
    chain_of: ChainOf, axel: Person, rf: RequestFactory, value: str
) -> None:
    chain_of(2)

    assert numbers(listed(axel, rf, action=value)) == []


@pytest.mark.parametrize(
    "lookup", ["actor", "actor__regex", "details__step", "hash__contains", "number__lte"]
)
def test_list_refuses_to_search_what_no_index_serves(
    chain_of: ChainOf, axel: Person, rf: RequestFactory, lookup: str
) -> None:
    chain_of(1)

    with pytest.raises(DisallowedModelAdminLookup):
        listed(axel, rf, **{lookup: "1"})


def test_list_searches_by_actor_and_object(
    ana: Person, axel: Person, rf: RequestFactory, chain_of: ChainOf
) -> None:
    (first,) = chain_of(1)
    record(by=axel, action="event.read", on=first)

    assert numbers(listed(axel, rf, q="ana")) == [1]
    assert numbers(listed(axel, rf, q="axel")) == [2]
    assert numbers(listed(axel, rf, q="1")) == [2]
    assert numbers(listed(axel, rf, q="an")) == []


def test_list_starts_at_a_number(chain_of: ChainOf, axel: Person, rf: RequestFactory) -> None:
    chain_of(4)

    assert numbers(listed(axel, rf, q="#2")) == [2, 1]
    assert numbers(listed(axel, rf, q="#" + "9" * 19)) == [4, 3, 2, 1]
    assert numbers(listed(axel, rf, q="#" + "9" * 20)) == []


def test_list_reaches_the_newest_events_only(
    chain_of: ChainOf, axel: Person, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NewestPaginator, "REACH", 60)
    chain_of(70)

    first, second = listed(axel, rf), listed(axel, rf, p="2")
    assert numbers(first) == list(range(70, 20, -1))
    assert numbers(second) == list(range(20, 10, -1))
    assert numbers(listed(axel, rf, q="#10")) == list(range(10, 0, -1))


def test_list_costs_the_same_for_one_event_and_for_thirty(
    chain_of: ChainOf, axel: Person, rf: RequestFactory
) -> None:
    for length in (1, 29):
        chain_of(length)
        with CaptureQueriesContext(connection) as queries:
            listed(axel, rf)
        # The bounded count, the page and the values of three filters.
        assert len(queries) == 5


def test_list_never_counts_or_sorts_the_whole_table(
    chain_of: ChainOf, axel: Person, rf: RequestFactory
) -> None:
    chain_of(60)

    with CaptureQueriesContext(connection) as queries:
        listed(axel, rf, action="incident.claim", _facets="True", p="2")

    statements = [query["sql"] for query in queries.captured_queries]
    assert [statement for statement in statements if " LIMIT " not in statement] == []
    assert [statement for statement in statements if "DISTINCT" in statement] == []


def test_event_is_shown_and_cannot_be_changed(chain_of: ChainOf, axel: Person, rf: RequestFactory) -> None:
    (event,) = chain_of(1)

    response = viewer.change_view(asked_by(axel, rf), str(event.pk))

    assert isinstance(response, TemplateResponse)
    page = response.render().content.decode()
    assert event.hash in page
    assert 'type="submit" value="Save"' not in page
    assert 'name="action"' not in page


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_event_cannot_be_added_changed_or_deleted_by_the_auditor(
    chain_of: ChainOf, axel: Person, rf: RequestFactory, method: str
) -> None:
    (event,) = chain_of(1)
    request = asked_by(axel, rf, method)
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]

    with pytest.raises(PermissionDenied):
        viewer.add_view(request)
    with pytest.raises(PermissionDenied):
        viewer.delete_view(request, str(event.pk))
    if method == "POST":
        with pytest.raises(PermissionDenied):
            viewer.change_view(request, str(event.pk))
    assert viewer.get_actions(request) == {}
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    "person",
    [
        Person("ana", "analyst"),
        Person("petra", "partner", {"countries.view_portal"}),
        Person("olga", "operator", {"audit.change_auditevent", "audit.delete_auditevent"}),
    ],
    ids=lambda person: person.username,
)
def test_record_is_closed_to_whoever_may_not_read_it(
    chain_of: ChainOf, rf: RequestFactory, person: Person
) -> None:
    (event,) = chain_of(1)
    request = asked_by(person, rf)

    with pytest.raises(PermissionDenied):
        viewer.changelist_view(request)
    with pytest.raises(PermissionDenied):
        viewer.change_view(request, str(event.pk))
    with pytest.raises(PermissionDenied):
        viewer.history_view(request, str(event.pk))
    assert viewer.has_module_permission(request) is False


def test_check_can_read_events_gives_its_reason(ana: Person, axel: Person) -> None:
    with pytest.raises(Denied) as refused:
        check_can_read_events(ana)

    assert refused.value.reason == "Only auditors and administrators may read the audit record."
    assert allowed(check_can_read_events, ana) is False
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
