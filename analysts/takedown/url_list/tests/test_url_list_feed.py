"""Tests of the members' feed: content, paging, limits, access and audit events."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from analysts.incidents.contents import opening
from analysts.models import FeedScope, Incident, MemberKey, UrlListEntry, User
from analysts.takedown.url_list import entries, feed, members
from analysts.takedown.url_list.tests.test_url_list import illegal, listed
from analysts.tests.chases import found_gone
from audit.models import AuditEvent
from countries.models import Portal
from portal_site import access_middleware, access_table
from tests.rig.fixtures import client_of
from tests.rig.routes import walk_routes

pytestmark = pytest.mark.urls("portal_site.urls_staff")

FULL, CHANGES = "/api/url-list/", "/api/url-list/changes"


@pytest.fixture
def secret(sena: User) -> str:
    return key(sena, FeedScope.ADDRESSES)


@pytest.fixture
def hashes_secret(olga: User) -> str:
    return key(olga, FeedScope.HASHES)


def key(by: User, scope: FeedScope, *, days: int = 30) -> str:
    today = timezone.now().date()
    _key, secret = members.make_key(
        by=by, member="Example Search", scope=scope, expires_on=today + timedelta(days=days)
    )
    return secret


def get(path: str, secret: str = "", *, tag: str = "", **query: Any) -> Any:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return Client().get(path, query, headers={**headers, **({"If-None-Match": tag} if tag else {})})


def read_json_answer(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(b"".join(answer.streaming_content))
    return found


def table(answer: Any) -> list[list[str]]:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def on_list(portal: Portal, by: User, number: int) -> list[Incident]:
    incidents = [illegal(portal, by, f"https://example.org/{each}") for each in range(number)]
    for incident in incidents:
        listed(incident, by)
    return incidents


def downloads() -> list[dict[str, Any]]:
    found = AuditEvent.objects.filter(action="member.download").order_by("number")
    return [event.details for event in found]


# --- Content ----------------------------------------------------------------------------------------------------------


def test_full_list_contains_the_current_entries(belize: Portal, ana: User, secret: str) -> None:
    first, second = on_list(belize, ana, 2)
    found_gone(first, ana)
    entry = second.url_list_entries.get()

    answer = get(FULL, secret)
    assert read_json_answer(answer) == {
        "version": 3,
        "variant": "addresses",
        "count": 1,
        "entries": [
            {
                "id": str(entry.pk),
                "version": 2,
                "change": "add",
                "on": entry.added_on.isoformat(),
                "address": "https://example.org/1",
            }
        ],
    }
    assert answer.headers["ETag"] == '"3-addresses-json"'
    assert answer.headers["List-Version"] == "3"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_changes_tell_what_came_and_what_went(belize: Portal, ana: User, secret: str) -> None:
    first, _second = on_list(belize, ana, 2)
    found_gone(first, ana)
    gone = first.url_list_entries.get()

    found = read_json_answer(get(CHANGES, secret, since=1))
    assert {name: found[name] for name in ("since", "version", "current", "more", "next", "count")} == {
        "since": 1,
        "version": 3,
        "current": 3,
        "more": False,
        "next": None,
        "count": 2,
    }
    assert [(each["version"], each["change"], each["address"]) for each in found["entries"]] == [
        (2, "add", "https://example.org/1"),
        (3, "remove", None),
    ]
    assert found["entries"][1] == {
        "id": str(gone.pk),
        "version": 3,
        "change": "remove",
        "on": timezone.now().date().isoformat(),
        "address": None,
    }
    assert read_json_answer(get(CHANGES, secret, since=3))["entries"] == []


def test_entry_is_removed_by_its_id_alone(belize: Portal, ana: User, secret: str, hashes_secret: str) -> None:
    [incident] = on_list(belize, ana, 1)
    found_gone(incident, ana)
    entry = incident.url_list_entries.get()
    assert opening.unseal_copy(entry) == "https://example.org/0"
    for key, name in ((secret, "address"), (hashes_secret, "sha256")):
        assert read_json_answer(get(CHANGES, key, since=0))["entries"][0][name] is None
        [_head, row] = table(get(CHANGES, key, since=0, format="csv"))
        assert row == [str(entry.pk), "2", "remove", timezone.now().date().isoformat(), ""]


def test_entry_that_was_erased_while_it_is_listed_says_so(belize: Portal, ana: User, secret: str) -> None:
    on_list(belize, ana, 1)
    UrlListEntry.objects.update(sealed=b"")
    [entry] = read_json_answer(get(CHANGES, secret, since=0))["entries"]
    assert (entry["change"], entry["address"]) == ("add", None)


def test_hashes_are_of_the_address_as_listed(belize: Portal, ana: User, hashes_secret: str) -> None:
    on_list(belize, ana, 1)
    found = read_json_answer(get(FULL, hashes_secret))
    assert found["variant"] == "hashes"
    [entry] = found["entries"]
    assert entry["sha256"] == hashlib.sha256(b"https://example.org/0").hexdigest()
    assert "address" not in entry
    # Hashes are computed on request; no row stores them.
    assert entry["sha256"].encode() not in b"".join(bytes(row.sealed) for row in UrlListEntry.objects.all())


def test_csv_contains_the_same_entries_and_escapes_formulas(
    belize: Portal, ana: User, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [incident] = on_list(belize, ana, 1)
    answer = get(FULL, secret, format="csv")
    entry = incident.url_list_entries.get()
    day = entry.added_on.isoformat()
    assert table(answer) == [
        ["id", "version", "change", "on", "address"],
        [str(entry.pk), "1", "add", day, "https://example.org/0"],
    ]
    assert (answer.headers["ETag"], answer.headers["List-Version"]) == ('"1-addresses-csv"', "1")
    monkeypatch.setattr("analysts.incidents.contents.list_copy", lambda _entry: "=cmd|' /C calc'!A0")
    assert table(get(CHANGES, secret, since=0, format="csv"))[1][4] == "'=cmd|' /C calc'!A0"


def test_list_without_entries_is_one(secret: str) -> None:
    assert read_json_answer(get(FULL, secret)) == {"version": 0, "variant": "addresses", "count": 0, "entries": []}
    assert read_json_answer(get(CHANGES, secret, since=0))["version"] == 0


# --- Paging -----------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_to_the_end(belize: Portal, ana: User, secret: str) -> None:
    on_list(belize, ana, 5)
    page, seen = get(CHANGES, secret, since=0, limit=2), []
    while True:
        link = page.headers.get("Link")
        found = read_json_answer(page)
        seen.append([each["version"] for each in found["entries"]])
        assert found["more"] == (found["next"] is not None)
        if not found["more"]:
            break
        assert link == f'<{found["next"]}>; rel="next"'
        page = get(found["next"], secret)
    assert seen == [[1, 2], [3, 4], [5]]


def test_batches_join_without_a_gap(belize: Portal, ana: User, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BATCH", 2)
    on_list(belize, ana, 5)
    assert [each["version"] for each in read_json_answer(get(FULL, secret))["entries"]] == [1, 2, 3, 4, 5]
    monkeypatch.setattr(feed, "BATCH", 5)
    assert [each["version"] for each in read_json_answer(get(FULL, secret))["entries"]] == [1, 2, 3, 4, 5]


def test_reader_that_pages_while_the_list_changes_ends_with_the_list(
    belize: Portal, ana: User, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list changes after every batch and page; in the end the member's copy equals the list."""
    monkeypatch.setattr(feed, "BATCH", 2)
    incidents = on_list(belize, ana, 8)
    more = [illegal(belize, ana, f"https://example.org/more/{number}") for number in range(2)]
    happens: list[Callable[[], Any]] = [
        # Removes an entry that was read and one that was not, adds a new one, and lists a removed one again.
        lambda: found_gone(incidents[0], ana),
        lambda: found_gone(incidents[7], ana),
        lambda: listed(more[0], ana),
        lambda: entries.remove_entry(incidents[3], now=timezone.now()),
        lambda: listed(incidents[3], ana),
        lambda: listed(more[1], ana),
        lambda: found_gone(more[0], ana),
    ]
    answer = get(FULL, secret)
    body = b""
    for piece in answer.streaming_content:
        body += piece
        if happens:
            happens.pop(0)()
    whole = json.loads(body)
    mine = {each["id"]: each["address"] for each in whole["entries"]}
    version = whole["version"]
    while True:
        page = read_json_answer(get(CHANGES, secret, since=version, limit=1))
        for each in page["entries"]:
            if each["change"] == "add":
                mine[each["id"]] = each["address"]
            else:
                mine.pop(each["id"], None)
        version = page["version"]
        if happens:
            happens.pop(0)()
        elif not page["more"]:
            break
    live = UrlListEntry.objects.filter(removed_on=None)
    assert set(mine) == {str(entry.pk) for entry in live}
    assert sorted(mine.values()) == sorted(
        [*(f"https://example.org/{number}" for number in range(1, 7)), "https://example.org/more/1"]
    )


# --- Conditional requests and limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "query"), [(FULL, {}), (CHANGES, {"since": 0})])
def test_who_has_the_version_gets_nothing_and_leaves_no_event(
    belize: Portal, ana: User, secret: str, path: str, query: dict[str, Any]
) -> None:
    [incident] = on_list(belize, ana, 1)
    tag = get(path, secret, **query).headers["ETag"]
    answer = get(path, secret, tag=tag, **query)
    assert (answer.status_code, answer.content) == (304, b"")
    # Compression turns the ETag into a weak one.
    assert get(path, secret, tag=f"W/{tag}", **query).status_code == 304
    assert len(downloads()) == 1
    assert get(path, secret, tag=tag, **query, format="csv").status_code == 200
    assert get(path, secret, tag=tag, **query, variant="hashes").status_code == 200
    found_gone(incident, ana)
    assert get(path, secret, tag=tag, **query).status_code == 200


def test_client_that_stopped_between_two_pages_receives_the_remaining_changes(
    belize: Portal, ana: User, secret: str
) -> None:
    on_list(belize, ana, 3)
    tags, versions = [""], [0]
    for _page in range(2):
        answer = get(CHANGES, secret, since=versions[-1], limit=2, tag=tags[-1])
        tags.append(answer.headers["ETag"])
        versions.append(read_json_answer(answer)["version"])
    assert (tags, versions) == (["", '"2-addresses-json"', '"3-addresses-json"'], [0, 2, 3])
    assert get(CHANGES, secret, since=3, limit=2, tag=tags[-1]).status_code == 304


def test_key_gets_so_many_full_lists_an_hour(secret: str, hashes_secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_FULL_LISTS", 2)
    assert [get(FULL, secret).status_code for _ in range(3)] == [200, 200, 429]
    answer = get(FULL, secret)
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert answer.json() == {"detail": "Too many downloads in this hour. Ask for changes, with If-None-Match."}
    # Other keys, and requests for changes, are not affected.
    assert get(FULL, hashes_secret).status_code == 200
    assert get(CHANGES, secret, since=0).status_code == 200
    assert len(downloads()) == 4
    MemberKey.objects.update(hour=timezone.now() - timedelta(hours=2))
    assert get(FULL, secret).status_code == 200


def test_request_with_an_unknown_version_is_refused_with_the_current_version(secret: str) -> None:
    answer = get(CHANGES, secret, since=7)
    assert answer.status_code == 409
    assert answer.json() == {
        "detail": "The list has not reached this version. Fetch the whole list again.",
        "current": 0,
    }


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({}, ["since"]),
        ({"since": "-1"}, ["since"]),
        ({"since": "x", "limit": "0"}, ["limit", "since"]),
        ({"since": str(2**63)}, ["since"]),
        ({"since": "0", "limit": "10001"}, ["limit"]),
        ({"since": "0", "format": "xml"}, ["format"]),
        ({"since": "0", "variant": "all"}, ["variant"]),
    ],
)
def test_what_is_not_as_described_is_named_and_not_repeated(
    secret: str, query: dict[str, str], fields: list[str]
) -> None:
    answer = get(CHANGES, secret, **query)
    assert answer.status_code == 422
    assert answer.json() == {"detail": "Missing or invalid parameters.", "fields": fields}


# --- Access -----------------------------------------------------------------------------------------------------------


def test_key_of_hashes_gets_no_addresses(hashes_secret: str) -> None:
    for path in (FULL, f"{CHANGES}?since=0&limit=1"):
        answer = get(f"{path}{'&' if '?' in path else '?'}variant=addresses", hashes_secret)
        assert (answer.status_code, answer.json()) == (403, {"detail": "This key is for hashes only."})
    assert downloads() == []


@pytest.mark.parametrize("path", [FULL, f"{CHANGES}?since=0", CHANGES])
def test_wrong_closed_and_expired_keys_look_the_same(sena: User, secret: str, path: str) -> None:
    closed, old = key(sena, FeedScope.ADDRESSES), key(sena, FeedScope.ADDRESSES)
    members.close_key(by=sena, key=MemberKey.objects.get(prefix=closed[:12]))
    yesterday = timezone.now().date() - timedelta(days=1)
    MemberKey.objects.filter(prefix=old[:12]).update(expires_on=yesterday)
    headers = [
        {},
        {"Authorization": ""},
        {"Authorization": secret},
        {"Authorization": f"Basic {secret}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer \0"},
        {"Authorization": f"Bearer {secret[:12]}"},
        {"Authorization": f"Bearer {secret[:-1]}"},
        {"Authorization": f"Bearer {secret}x"},
        {"Authorization": f"Bearer {closed}"},
        {"Authorization": f"Bearer {old}"},
    ]
    answers = {
        (answer.status_code, answer.content, answer.headers["WWW-Authenticate"], answer.headers["Content-Type"])
        for answer in (Client().get(path, headers=each) for each in headers)
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 401
    assert downloads() == []


def test_session_of_staff_opens_nothing(ana: User, sena: User, adam: User, axel: User) -> None:
    for user in (ana, sena, adam, axel):
        assert client_of(user).get(FULL).status_code == 401


def test_key_opens_no_page_of_staff(secret: str) -> None:
    for path in ("/admin/", "/admin/queue/"):
        assert get(path, secret).status_code == 302


def test_every_download_is_on_record_without_the_visitor(
    belize: Portal, ana: User, secret: str, hashes_secret: str
) -> None:
    on_list(belize, ana, 2)
    get(FULL, secret)
    get(CHANGES, hashes_secret, since=1, limit=1)
    assert downloads() == [
        {"member": "Example Search", "variant": "addresses", "from": None, "to": 2, "count": 2},
        {"member": "Example Search", "variant": "hashes", "from": 1, "to": 2, "count": 1},
    ]
    event = AuditEvent.objects.filter(action="member.download").earliest("number")
    used = MemberKey.objects.get(prefix=secret[:12])
    assert (event.actor, event.object_type, event.object_id) == ("", "analysts.memberkey", str(used.pk))
    assert used.used_on == timezone.now().date()


def test_nothing_below_api_that_is_not_there_is_a_page(secret: str) -> None:
    answer = get("/api/nothing/", secret)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Page not found"})
    answer = get(f"{FULL}?variant=%00", secret)
    assert answer.status_code == 400
    assert set(answer.json()) == {"detail"}
    assert Client().post(FULL, headers={"Authorization": f"Bearer {secret}"}).status_code == 405


# --- Cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 10])
def test_changes_cost_the_same_queries_however_many(
    belize: Portal, ana: User, secret: str, number: int, django_assert_num_queries: Any
) -> None:
    on_list(belize, ana, number)
    get(CHANGES, secret, since=0)
    # Key; lockdown; version; end of page and count; hourly counter and audit event in a transaction (4); entries.
    with django_assert_num_queries(10):
        read_json_answer(get(CHANGES, secret, since=0))


# --- Routes -----------------------------------------------------------------------------------------------------------


def test_every_route_below_api_asks_for_a_key_and_opens_with_one(secret: str) -> None:
    found = {route: pattern for route, pattern in walk_routes() if route.startswith("api/")}
    assert sorted(found) == ["api/url-list/", "api/url-list/changes"]
    for route in found:
        assert access_table.TABLE[route].members
        assert Client().get(f"/{route}").status_code == 401
        assert get(f"/{route}", secret, since=0).status_code == 200


def test_route_without_a_row_opens_to_no_key(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(access_table.TABLE, "api/url-list/")
    assert get(FULL, secret).status_code == 401


def test_view_refuses_access_when_the_access_check_was_skipped(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_middleware.AskTheTable, "process_view", lambda *_args: None)
    assert get(FULL, secret).status_code == 401


def test_cookie_does_not_reach_a_member_s_route(sena: User, secret: str) -> None:
    client = client_of(sena)
    answer = client.get(FULL, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert not answer.wsgi_request.user.is_authenticated
