"""The door of partners' systems: what is accepted, what is refused, and that no answer says what staff know."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLResolver
from django.utils import timezone

from analysts.assessment.intake.run import take_in
from analysts.codes import Role
from analysts.models import Incident, Report, User
from analysts.sources import actions
from analysts.tests.factories import report_of
from countries.models import Portal, Source, SourceKey
from countries.staff.requests.approvals import approve_request
from portal_site import urls_public, urls_sources, urls_staff
from portal_site.access_table import SOURCE_TABLE
from reports.models import Receipt, SourceDay, SourceItem, SourceRequest, Submission
from reports.sources.items import DETAILS, MOST_ADDRESSES, MOST_ITEMS, RefusalReason
from tests.rig.fixtures import create_person

pytestmark = pytest.mark.urls("portal_site.urls_sources")
REPORTS = "/api/v1/reports"
LINES = "application/x-ndjson"


def key_of(source: Source, by: User, second: User, *, quota: int = 1000) -> str:
    expires_on = timezone.now().date() + timedelta(days=30)
    request = actions.request_key(by=by, source=source, quota=quota, expires_on=expires_on, reason="Agreed.")
    return approve_request(actions.SOURCE_KEY, by=second, request=request).secret


@pytest.fixture
def hotline(belize: Portal, olga: User) -> Source:
    return actions.add_source(by=olga, name="Example Hotline", kind="hotline", portal=belize)


@pytest.fixture
def otto() -> User:
    return create_person("otto", Role.OPERATOR)


@pytest.fixture
def secret(hotline: Source, olga: User, otto: User) -> str:
    return key_of(hotline, olga, otto)


def an_item(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"external_reference": f"ref-{number}", "addresses": [f"https://host-{number}.example.org/a"], **fields}


def send(
    secret: str, content: object, *, request: str = "request-1", lines: bool = False, headers: Mapping[str, str] = {}
) -> Any:
    body = "\n".join(map(json.dumps, content)) if lines and isinstance(content, list) else content
    return Client().post(
        REPORTS,
        body if isinstance(body, str | bytes) else json.dumps(body),
        content_type=LINES if lines else "application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": request, **headers},
    )


def state_of(secret: str, reference: str) -> Any:
    return Client().get(f"{REPORTS}/{reference}", headers={"Authorization": f"Bearer {secret}"})


def test_item_becomes_an_incident_like_a_reporters(secret: str, hotline: Source) -> None:
    fields: dict[str, Any] = {
        "found_on": "a forum",
        "seen_at": "2026-11-30T10:00Z",
        "words": "placeholder words",
        "their_classification": "their code 2",
        "danger": True,
        "hosting_address": "8.8.8.8",
    }
    answer = send(secret, an_item(**fields))
    assert (answer.status_code, answer.json()) == (
        200,
        {"accepted": 1, "refused": 0, "items": [{"item": 0, "outcome": "accepted"}]},
    )
    assert take_in() == 1
    report, incident = Report.objects.get(), Incident.objects.get()
    assert (report.source, report.facts, incident.child_in_danger) == (hotline, ["child_in_danger"], True)
    assert incident.priority == 10


def test_lines_are_answered_one_by_one(secret: str) -> None:
    items = [an_item(1), an_item(2, addresses=["no address"]), an_item(3)]
    answer = send(secret, items, lines=True).json()
    assert (answer["accepted"], answer["refused"]) == (2, 1)
    assert answer["items"][1] == {
        "item": 1,
        "outcome": "refused",
        "reason": "not_an_address",
        "pointer": "#/items/1/addresses/0",
        "detail": DETAILS[RefusalReason.NOT_AN_ADDRESS],
    }
    assert Submission.objects.count() == 2


LONG = "x" * 3000
HOST = "https://a.example.org/"
REFUSED: dict[str, tuple[object, str, str]] = {
    "no object": ([1], "not_an_object", "#"),
    "no JSON": ("{", "not_an_object", "#"),
    "not a number": ('{"external_reference": NaN}', "not_an_object", "#"),
    "deep": ("[" * 100_000, "not_an_object", "#"),
    "doubled key": ('{"external_reference": "a", "external_reference": "a"}', "doubled_key", "#"),
    "e-mail field": (an_item(reporter_email="secret-value@example.org"), "unknown_field", "#"),
    "telephone field": (an_item(telephone="+501 600 0000"), "unknown_field", "#"),
    "person field": (an_item(victim={"name": "secret-value"}), "unknown_field", "#"),
    "file field": (an_item(files=["c2VjcmV0LXZhbHVl"]), "unknown_field", "#"),
    "a value as a field's name": (an_item(**{"secret-value@example.org": 1}), "unknown_field", "#"),
    "nested": (an_item(words={"text": "secret-value"}), "wrong_value", "#/words"),
    "no reference": ({"addresses": ["https://host.example.org/"]}, "missing", "#/external_reference"),
    "reference with a sign": (
        an_item(external_reference="secret-value@example.org"), "wrong_value", "#/external_reference"
    ),
    "no address and no account": (an_item(addresses=[]), "missing", "#/addresses"),
    "address and account": (an_item(account="name_1", platform="Snapchat"), "missing", "#/addresses"),
    "account without platform": (an_item(addresses=[], account="name_1"), "missing", "#/platform"),
    "too many addresses": (an_item(addresses=[HOST] * (MOST_ADDRESSES + 1)), "too_long", "#/addresses"),
    "long address": (an_item(addresses=[f"https://a.example.org/{LONG}"]), "too_long", "#/addresses/0"),
    "two in one": (an_item(addresses=[f"{HOST}1 {HOST}2"]), "not_an_address", "#/addresses/0"),
    "mail address": (an_item(addresses=["mailto:secret-value@example.org"]), "not_an_address", "#/addresses/0"),
    "data URI": (an_item(addresses=["data:image/png;base64,c2VjcmV0LXZhbHVl"]), "file", "#/addresses/0"),
    **{
        f"file in {name}": ({**an_item(), name: "data:image/png;base64,c2VjcmV0LXZhbHVl"}, "file", f"#/{name}")
        for name in ("found_on", "words", "their_classification")
    },
    **{
        f"{what} in {name}": ({**an_item(), name: text}, "personal_data", f"#/{name}")
        for name in ("found_on", "words", "their_classification")
        for what, text in (("mail", "write to secret-value@example.org"), ("telephone", "ring +501 600 0000 now"))
    },
    "mail in platform": (
        an_item(addresses=[], platform="secret-value@example.org", account="name_1"), "personal_data", "#/platform"
    ),
    "no date": (an_item(seen_at="2026-13-01"), "wrong_value", "#/seen_at"),
    "a time without zone": (an_item(seen_at="2026-11-30T10:00"), "wrong_value", "#/seen_at"),
    "danger as a word": (an_item(danger="yes"), "wrong_value", "#/danger"),
    "language": (an_item(language="English!"), "wrong_value", "#/language"),
    "private host": (an_item(hosting_address="192.168.1.1"), "not_a_host", "#/hosting_address"),
    "no host": (an_item(hosting_address="secret-value"), "not_a_host", "#/hosting_address"),
    "long words": (an_item(words="x " * 3000), "too_long", "#/words"),
    "long in all": (an_item(addresses=[f"https://a.example.org/{n}{'é' * 900}" for n in range(50)]), "too_long", "#"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_item_is_refused_with_a_pointer_and_never_its_value(secret: str, name: str) -> None:
    content, reason, pointer = REFUSED[name]
    answer = send(secret, content)
    found = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert (found["status"], [(error["pointer"], error["reason"]) for error in found["errors"]]) == (
        422,
        [(pointer, reason)],
    )
    assert "secret-value" not in answer.content.decode()
    assert not Submission.objects.exists()


def test_every_reason_of_a_refusal_is_tried() -> None:
    tried = {reason for _content, reason, _pointer in REFUSED.values()}
    assert tried | {"reference_used", "quota"} == set(RefusalReason)


PROBLEMS: dict[str, tuple[dict[str, Any], int]] = {
    "no key": ({"secret": "srcs_wrong"}, 401),
    "other scheme": ({"headers": {"Authorization": "Basic c2VjcmV0"}}, 401),
    "no Idempotency-Key": ({"request": ""}, 400),
    "blank in it": ({"request": "a b"}, 400),
    "too many lines": ({"content": [an_item(n) for n in range(MOST_ITEMS + 1)], "lines": True}, 413),
    "a body over the limit": ({"content": " " * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + "{}"}, 413),
    "empty lines": ({"content": "\n\n", "lines": True}, 400),
    "no text": ({"content": b"\xff"}, 400),
    "other content type": ({"headers": {"Content-Type": "text/plain"}}, 415),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_request_is_refused_as_a_problem(secret: str, name: str) -> None:
    options, status = PROBLEMS[name]
    answer = send(**{"secret": secret, "content": an_item(), **options})
    assert (answer.status_code, answer["Content-Type"], answer.json()["status"]) == (
        status,
        "application/problem+json",
        status,
    )
    assert not SourceRequest.objects.exists()


def test_repeated_request_gets_its_answer_and_stores_nothing(secret: str) -> None:
    items = [an_item(1), an_item(2, addresses=["no address"])]
    first = send(secret, items, lines=True)
    again = send(secret, items, lines=True)
    assert (again.status_code, again.content) == (200, first.content)
    assert send(secret, [an_item(3)], lines=True).status_code == 422
    assert (Submission.objects.count(), Receipt.objects.count(), SourceDay.objects.get().addresses) == (1, 1, 1)


def test_reference_stands_for_one_report(secret: str, hotline: Source, olga: User, otto: User) -> None:
    send(secret, an_item(1))
    assert send(secret, an_item(1), request="request-2").json()["accepted"] == 1
    other = [an_item(1, words="other words")]
    assert send(secret, other, request="request-3", lines=True).json()["items"][0]["reason"] == "reference_used"
    # Another key cannot compare it.
    answer = send(key_of(hotline, olga, otto), [an_item(1)], request="request-4", lines=True)
    assert answer.json()["items"][0]["reason"] == "reference_used"
    assert SourceItem.objects.count() == Submission.objects.count() == 1


def test_quota_is_of_the_source_and_not_of_its_key(belize: Portal, olga: User, otto: User) -> None:
    source = actions.add_source(by=olga, name="Example Platform", kind="platform", portal=belize)
    key_of(source, olga, otto, quota=10)
    first, second = key_of(source, olga, otto, quota=3), key_of(source, olga, otto, quota=3)
    two = an_item(1, addresses=["https://a.example.org/", "https://b.example.org/"])
    assert send(first, two).json()["accepted"] == 1
    found = send(second, [an_item(2), an_item(3)], request="2", lines=True).json()
    assert [row.get("reason") for row in found["items"]] == [None, "quota"]
    # One report alone is refused as a problem, for any reason; and so it is again.
    refusals = [send(first, an_item(3), request="again") for _ in range(2)]
    assert {(refusal.status_code, refusal["Content-Type"]) for refusal in refusals} == {
        (422, "application/problem+json")
    }
    assert refusals[0].json()["errors"] == [{"pointer": "#", "reason": "quota", "detail": DETAILS[RefusalReason.QUOTA]}]
    assert refusals[0].content == refusals[1].content
    SourceDay.objects.update(day=timezone.now().date() - timedelta(days=1))
    assert send(second, an_item(3), request="3").json()["accepted"] == 1


def test_address_that_a_report_names_twice_is_counted_once(hotline: Source, olga: User, otto: User) -> None:
    secret = key_of(hotline, olga, otto, quota=2)
    twice = ["https://a.example.org/", "http://A.example.org", "hxxps://a.example[.]org/"]
    assert send(secret, an_item(1, addresses=twice)).json()["accepted"] == 1
    assert SourceDay.objects.get().addresses == 1
    assert send(secret, an_item(2), request="2").json()["accepted"] == 1
    assert send(secret, an_item(3), request="3").status_code == 422


def test_address_that_reports_of_a_request_name_is_counted_once(hotline: Source, olga: User, otto: User) -> None:
    secret = key_of(hotline, olga, otto, quota=2)
    a, also_a, b, c = ([f"{site}.example.org/"] for site in ("https://a", "http://A", "https://b", "https://c"))
    three = [an_item(1, addresses=a + b), an_item(2, addresses=also_a), an_item(3, addresses=b + c)]
    answer = send(secret, [*three, an_item(4, addresses=b)], lines=True).json()
    assert [row.get("reason") for row in answer["items"]] == [None, None, "quota", None]
    assert SourceDay.objects.get().addresses == 2


def test_address_of_a_refused_report_is_counted_in_the_next(hotline: Source, olga: User, otto: User) -> None:
    secret = key_of(hotline, olga, otto, quota=2)
    a, b, c = ([f"https://{site}.example.org/"] for site in "abc")
    answer = send(secret, [an_item(1, addresses=a + b + c), *(an_item(n, addresses=c) for n in (2, 3))], lines=True)
    assert [row.get("reason") for row in answer.json()["items"]] == ["quota", None, None]
    assert SourceDay.objects.get().addresses == 1


def test_account_that_reports_of_a_request_name_is_counted_once(hotline: Source, olga: User, otto: User) -> None:
    secret = key_of(hotline, olga, otto, quota=2)
    names = ("one", "one", "two", "three")
    reports = [an_item(n, addresses=[], platform="App", account=name) for n, name in enumerate(names)]
    answer = send(secret, reports, lines=True).json()
    assert [row.get("reason") for row in answer["items"]] == [None, None, None, "quota"]


@pytest.mark.parametrize("change", ["closed", "expired"])
def test_key_is_refused_at_once(secret: str, hotline: Source, sena: User, change: str) -> None:
    key = SourceKey.objects.get()
    if change == "closed":
        actions.close_key(by=sena, key=key)
    else:
        SourceKey.objects.update(expires_on=timezone.now().date() - timedelta(days=1))
    for answer in (send(secret, an_item()), state_of(secret, "ref-1")):
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_answer_does_not_depend_on_a_known_address(secret: str, belize: Portal) -> None:
    report_of(belize, "https://known.example.org/a")
    take_in()
    answers = []
    for number, host in enumerate(("known", "other")):
        item = an_item(number, addresses=[f"https://{host}.example.org/a"])
        with CaptureStatements() as statements:
            answer = send(secret, item, request=f"request-{number}")
        answers.append((answer.content, dict(answer.headers), len(statements.found)))
    assert answers[0] == answers[1]


class CaptureStatements:
    """The statements of a block."""

    def __enter__(self) -> "CaptureStatements":
        self.found: list[str] = []
        self.wrapper = connection.execute_wrapper(self.note)
        self.wrapper.__enter__()
        return self

    def note(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.found.append(sql)
        return execute(sql, params, many, context)

    def __exit__(self, *error: object) -> None:
        self.wrapper.__exit__(None, None, None)


def test_state_is_of_the_sources_own_references(secret: str, belize: Portal, olga: User, otto: User) -> None:
    other = actions.add_source(by=olga, name="Other", kind="police", portal=belize)
    send(secret, an_item(1))
    assert state_of(secret, "ref-1").json() == {"state": "received"}
    received = state_of(secret, "ref-1").content
    SourceItem.objects.update(is_closed=True)
    assert state_of(secret, "ref-1").json() == {"state": "closed"}
    assert len(state_of(secret, "ref-1").content) == len(received)
    for found in (state_of(secret, "ref-2"), state_of(key_of(other, olga, otto), "ref-1"), state_of(secret, "a b")):
        assert found.status_code == 404


def test_every_route_asks_for_a_key_and_takes_the_methods_of_its_row(secret: str) -> None:
    routes = {f"{prefix}{pattern.pattern}" for prefix, pattern in patterns_of(urls_sources.urlpatterns)}
    assert routes == {*SOURCE_TABLE, "health/live/", "health/ready/"}
    # None of them is on another surface.
    for urls in (urls_public.urlpatterns, urls_staff.urlpatterns):
        assert not [prefix for prefix, _pattern in patterns_of(urls) if prefix.startswith("api/v1/")]
    for route, methods in SOURCE_TABLE.items():
        path = "/" + route.replace("<reference>", "ref-1")
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for sent in ("", "srcs_wrong", secret):
                headers = {"Authorization": f"Bearer {sent}"} if sent else {}
                status = Client().generic(method, path, headers=headers).status_code
                # With a key: no such request or reference yet.
                expected = 405 if method not in methods else 401 if sent != secret else 404 if method == "GET" else 400
                assert status == expected, (method, path, sent)


def patterns_of(patterns: Any, prefix: str = "") -> Any:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns_of(pattern.url_patterns, f"{prefix}{pattern.pattern}")
        else:
            yield prefix, pattern
