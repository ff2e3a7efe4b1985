"""The audit log viewer: permissions, filters, read-only pages and constant cost."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analysts.models import User
from audit import chain
from audit.actions import JSON, record_event
from audit.admin import FormFilter, NewestPaginator
from audit.changes import describe_text
from audit.models import AuditEvent
from audit.permissions import Denied, check_can_read_events, is_allowed
from audit.tests.people import store_earlier_event

type ChainOf = Callable[[int], list[AuditEvent]]

LIST = "admin:audit_auditevent_changelist"
# Four thousand events over a hundred days, of which each filter matches ten.
MANY_EVENTS = """
    INSERT INTO audit_auditevent
        (number, at, actor_id, actor, role, action, object_type, object_id, portal, details, previous_hash, hash)
    SELECT n, now() - interval '100 days' + n * interval '36 minutes',
        CASE n % 400 WHEN 1 THEN 7 ELSE 8 END, CASE n % 400 WHEN 1 THEN 'ana' ELSE 'ben' END,
        CASE n % 400 WHEN 2 THEN 'analyst' ELSE 'operator' END,
        CASE n % 400 WHEN 3 THEN 'incident.claim' ELSE 'incident.view' END, 'incident',
        CASE n % 400 WHEN 4 THEN '7' ELSE n::text || '0' END, CASE n % 400 WHEN 5 THEN 'bz' ELSE 'zm' END, '{}',
        encode(sha256(n::text::bytea), 'hex'), encode(sha256((n + 1)::text::bytea), 'hex')
    FROM generate_series(1, 4000) AS n
"""
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
    """The listed events, without those of viewing the list."""
    return [event.number for event in changelist.result_list if event.action != "audit.view"]


def offered(changelist: ChangeList, name: str) -> list[str]:
    [spec] = changelist.filter_specs
    assert isinstance(spec, FormFilter)
    field: Any = spec.form.fields[name]
    return [str(label) for _value, label in field.choices]


def test_list_shows_the_newest_first(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(3)

    assert numbers(listed(auditor)) == [3, 2, 1]


def test_list_filters_by_each_field(auditor: Client, ana: User) -> None:
    first = record_event(by=ana, action="incident.claim", portal="bz")
    record_event(by=ana, action="portal.export", portal="zm", on=first)
    record_event(by=None, action="incident.expire")

    assert numbers(listed(auditor, action="portal.export")) == [2]
    assert numbers(listed(auditor, role="analyst")) == [2, 1]
    assert numbers(listed(auditor, role="-")) == [3]
    assert numbers(listed(auditor, actor="ana")) == [2, 1]
    assert numbers(listed(auditor, actor="an")) == []
    assert numbers(listed(auditor, account=str(ana.pk))) == []
    assert numbers(listed(auditor, portal="bz", action="portal.export")) == []
    assert numbers(listed(auditor, portal="-")) == [3]
    assert numbers(listed(auditor, object="1")) == [2]
    assert numbers(listed(auditor, number="2")) == [2, 1]


def test_list_offers_the_values_in_use_in_words(auditor: Client, ana: User) -> None:
    record_event(by=ana, action="incident.reveal", portal="bz")
    record_event(by=None, action="incident.unheard_of")
    found = listed(auditor)

    assert offered(found, "action") == ["all", "Incident revealed", "incident.unheard_of"]
    assert offered(found, "role") == ["all", "System", "analyst"]
    assert offered(found, "portal") == ["all", "(none)", "bz"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"period": "1"}, [0]),
        ({"period": "7"}, [0, 6]),
        ({"period": "30"}, [0, 6, 7, 29]),
        ({"since": "2026-11-18"}, [0, 6]),
        ({"until": "2026-11-18"}, [6, 7, 29, 30, 400]),
        ({"since": "2026-11-17", "until": "2026-11-18"}, [6, 7]),
        ({"since": "2026-11-24", "until": "2026-11-24"}, [0]),
        ({"since": "2026-11-24", "until": "9999-12-31"}, [0]),
        ({"period": "7", "since": "2026-11-20"}, [0]),
        ({"period": "30", "action": "incident.close"}, []),
    ],
)
def test_list_filters_by_time(auditor: Client, query: dict[str, str], days: list[int], ana: User) -> None:
    """Events at the start of a day: a range of days includes whole days."""
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    everything = [400, 30, 29, 7, 6, 0]
    for ago in everything:
        record_event(by=ana, action="incident.claim", at=midnight - timedelta(days=ago))

    with time_machine.travel(midnight + timedelta(hours=23, minutes=59), tick=False):
        auditor.force_login(User.objects.get(username="axel"))
        found = numbers(listed(auditor, **query))

    assert [everything[number - 1] for number in found] == days


def test_audit_log_filtered_by_time_lists_newest_events_first(auditor: Client, ana: User) -> None:
    now = timezone.now()
    record_event(by=ana, action="incident.claim", at=now)
    record_event(by=ana, action="incident.claim", at=now - timedelta(seconds=1))

    assert numbers(listed(auditor, since="2020-01-01")) == [1, 2]
    assert numbers(listed(auditor)) == [2, 1]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "yesterday"}, "Enter a valid date."),
        ({"since": "2026-11-24", "until": "2026-11-23"}, "This day is before the first day."),
        ({"action": "incident.close"}, "Select a valid choice."),
        ({"number": "0"}, "greater than or equal to 1"),
        ({"period": "8"}, "Select a valid choice."),
    ],
)
def test_list_says_what_it_cannot_understand_and_lists_nothing(
    chain_of: ChainOf, auditor: Client, query: dict[str, str], said: str
) -> None:
    chain_of(2)

    response = auditor.get(reverse(LIST), query_params=query)

    assert numbers(response.context["cl"]) == []
    assert said in response.text


@pytest.mark.parametrize("lookup", ["actor__regex", "details__step", "hash__contains", "number__lte", "at__gte"])
def test_list_refuses_to_search_what_no_index_serves(chain_of: ChainOf, auditor: Client, lookup: str) -> None:
    chain_of(1)

    assert auditor.get(reverse(LIST), query_params={lookup: "1"}).status_code == 400


def test_list_reaches_the_newest_events_only(
    chain_of: ChainOf, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NewestPaginator, "REACH", 60)
    chain_of(70)

    assert numbers(listed(auditor, actor="ana")) == list(range(70, 20, -1))
    assert numbers(listed(auditor, actor="ana", p="2")) == list(range(20, 10, -1))
    assert numbers(listed(auditor, number="10")) == list(range(10, 0, -1))


@pytest.mark.parametrize("chosen", [{"actor": "ana"}, {"role": "analyst", "action": "incident.claim"}, {}])
def test_list_says_which_pages_follow_and_not_how_many_events_match(
    chain_of: ChainOf, auditor: Client, chosen: dict[str, str]
) -> None:
    chain_of(103)
    links = {"1": ["Earlier events"], "2": ["Newer events", "Earlier events"], "3": ["Newer events"]}
    for page, labels in links.items():
        content = auditor.get(reverse(LIST), query_params={**chosen, "p": page}).content.decode()
        [paginator] = re.findall(r'<p class="paginator">(.*?)</p>', content, re.DOTALL)
        neighbours = re.findall(r'<a href="([^"]+)">([^<]+)</a>', paginator)
        assert [label for _query, label in neighbours] == labels
        assert all(f"{name}={value}" in query for query, _label in neighbours for name, value in chosen.items())
        assert not re.search(r"\b10\d (?:audit )?(?:events|results)", content)
    assert 'class="paginator"' not in auditor.get(reverse(LIST), query_params={"number": "3"}).content.decode()


def test_list_costs_the_same_for_one_event_and_for_thirty(
    chain_of: ChainOf, auditor: Client, django_assert_num_queries: Any
) -> None:
    # A session's first request stores when it began.
    listed(auditor)
    for length in (1, 29):
        chain_of(length)
        # Session and user; the head and the last check (two queries); the values of three filters; the bounded count
        # and the page, with its people's names today; and recording the view: two for the savepoint, and the event.
        with django_assert_num_queries(13):
            listed(auditor)


def test_list_never_counts_or_sorts_the_whole_table(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(60)

    with CaptureQueriesContext(connection) as queries:
        listed(auditor, action="incident.claim", _facets="True", p="2")

    asked = [query["sql"] for query in queries.captured_queries if "audit_auditevent" in query["sql"]]
    read = [statement for statement in asked if "audit_append" not in statement]
    assert len(read) == 8
    assert [statement for statement in read if " LIMIT " not in statement or "DISTINCT" in statement] == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"action": "incident.claim"}, "audit_event_by_action"),
        ({"role": "analyst"}, "audit_event_by_role"),
        ({"portal": "bz"}, "audit_event_by_portal"),
        ({"actor": "ana"}, "audit_event_by_actor"),
        ({"account": "7"}, "audit_event_by_actor_id"),
        ({"object": "7"}, "audit_event_by_object"),
        ({"period": "7"}, "audit_event_by_time"),
        ({"since": "2026-01-01", "until": "2026-01-31"}, "audit_event_by_time"),
        ({"number": "5"}, "audit_auditevent_pkey"),
        ({}, "audit_auditevent_pkey"),
    ],
)
def test_each_filter_is_answered_by_an_index(auditor: Client, query: dict[str, str], index: str, ana: User) -> None:
    with connection.cursor() as cursor:
        # With few events PostgreSQL could choose any index, so there are many, of which a filter matches few.
        cursor.execute(MANY_EVENTS)
        cursor.execute("ANALYZE audit_auditevent")
        # PostgreSQL would scan this table, so the plans that a large table would not use are disabled.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")

    plan = listed(auditor, **query).queryset[:50].explain()

    assert index in plan
    assert "Sort" not in plan


def test_audit_log_list_shows_newest_anchor_and_last_check_result(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(2)
    assert f"2:{chain.newest_anchor().hash}" in auditor.get(reverse(LIST)).text
    assert "No automatic check yet" in auditor.get(reverse(LIST)).text

    details: dict[str, JSON] = {"number": 2, "hash": "c" * 64, "anchors": 1}
    record_event(by=None, action="audit.anchor", details=details, at=datetime(2026, 11, 24, 2, 7, tzinfo=UTC))
    assert f"2:{'c' * 64}" in auditor.get(reverse(LIST)).text
    assert "24 Nov 2026, 02:07: no fault" in auditor.get(reverse(LIST)).text

    record_event(by=None, action="audit.fault", details={"faults": 1}, at=datetime(2026, 11, 25, 2, 7, tzinfo=UTC))
    assert "25 Nov 2026, 02:07: fault found" in auditor.get(reverse(LIST)).text


def test_every_look_is_on_record(chain_of: ChainOf, auditor: Client) -> None:
    (event,) = chain_of(1)
    listed(auditor, actor="ana", period="")
    listed(auditor, since="yesterday")
    auditor.get(reverse("admin:audit_auditevent_change", args=[event.pk]))

    looks = AuditEvent.objects.filter(action="audit.view").order_by("number")
    assert [(look.actor, look.role, look.object_type, look.object_id, look.details) for look in looks] == [
        ("axel", "auditor", "", "", {"filters": {"actor": describe_text("ana")}, "page": 1}),
        ("axel", "auditor", "", "", {"filters": {}, "page": 1}),
        ("axel", "auditor", "audit.auditevent", "1", {}),
    ]


def test_event_says_in_words_what_is_kept_in_codes(auditor: Client, ana: User) -> None:
    first = record_event(by=None, action="incident.expire")
    details: dict[str, JSON] = {
        "revealed": True,
        "changes": [{"how": "changed", "fields": ["phone", "name"]}],
        "reason": "<b>because</b>",
        "kind": "",
        "unheard_of": None,
    }
    event = record_event(by=ana, action="incident.reveal", on=first, portal="bz", details=details)

    page = auditor.get(reverse("admin:audit_auditevent_change", args=[event.pk])).text
    words = " ".join(re.sub(r"<[^>]+>", " ", page[page.index('class="event"') :]).split())

    assert "Who ana analyst Object audit event 1 Portal bz" in words
    assert "What Incident revealed incident.reveal" in words
    assert (
        "Details changes fields phone name how changed kind – reason &lt;b&gt;because&lt;/b&gt; "
        "revealed yes unheard_of –" in words
    )
    assert "{&#x27;" not in page
    for link in ("?actor=ana", "?object=1", "?portal=bz"):
        assert f'href="{reverse(LIST)}{link}"' in page


def test_event_leads_to_its_neighbours(chain_of: ChainOf, auditor: Client) -> None:
    chain_of(2)

    def leads_to(number: int) -> list[str]:
        page = auditor.get(reverse("admin:audit_auditevent_change", args=[number])).text
        return re.findall(r"auditevent/([0-9]+)/change/", page)

    assert leads_to(1) == ["2"]
    assert leads_to(2) == ["1", "3"]


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
    # Bulk deletion through the list is refused or unknown; the event remains.
    auditor.post(reverse(LIST), {"action": "delete_selected", "_selected_action": event.pk, "post": "yes"})
    kept = AuditEvent.objects.exclude(action="audit.view").values_list("number", "action")
    assert list(kept) == [(1, "incident.claim")]


@pytest.mark.parametrize("name", ["ana", "ben", "sena", "olga", "petra", "willa"])
def test_audit_log_is_forbidden_to_roles_other_than_auditor(
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

    assert refused.value.reason == "Only auditors may read the audit log."
    assert is_allowed(check_can_read_events, olga) is False
    assert is_allowed(check_can_read_events, axel) is True


def test_allowed_lets_other_errors_through() -> None:
    def check_broken(thing: Any) -> None:
        raise KeyError(thing)

    with pytest.raises(KeyError):
        is_allowed(check_broken, "queue")


@pytest.mark.django_db
def test_only_the_permission_to_view_exists() -> None:
    permissions = Permission.objects.filter(content_type__app_label="audit")

    assert [permission.codename for permission in permissions] == ["view_auditevent"]


def test_viewer_shows_ids_and_of_earlier_events_the_name(auditor: Client, ana: User) -> None:
    """Nothing on the page leads from the id to a name."""
    store_earlier_event(ana)
    bela = User.objects.create(username="bela", name="Bela Example", role="analyst")
    event = record_event(by=bela, action="incident.claim")
    for page in (
        auditor.get(reverse(LIST)),
        auditor.get(reverse("admin:audit_auditevent_change", args=[event.number])),
    ):
        text = page.content.decode()
        assert event.actor in text
        assert "bela" not in text
        assert "Bela" not in text
    assert numbers(listed(auditor, actor=event.actor)) == [2]
    assert numbers(listed(auditor, account=str(ana.pk))) == numbers(listed(auditor, actor="ana")) == [1]
