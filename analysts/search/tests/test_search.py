"""The search: what it finds, for whom, what it records, and where it stops."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.accounts.alarms import send_due_alarms
from analysts.assessment import actions
from analysts.models import Alarm, AlarmKind, DropReason, Incident, Notice, NoticeItem, Recipient, SearchCount, User
from analysts.pages.search_page import find_pages
from analysts.pages.tasks import ALARMS
from analysts.search import limits, lookups
from analysts.search.actions import search_incidents
from analysts.search.limits import write_search_mail
from analysts.search.lookups import SearchMatch, find_by_number, find_results, searchable_since
from analysts.search.terms import read_terms
from analysts.tests.alike import add_alike
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from analysts.tests.notices import gathering_for, host
from audit.models import AuditEvent
from countries.models import Portal
from reports import keys
from reports.models import KeyClass, KeyState, SealingKey, the_hour
from tests.rig.fixtures import client_of

ADDRESS = "https://photos.example.org/placeholder/one?q=1"
NOW = datetime(2026, 11, 28, 14, 20, tzinfo=UTC)
RECIPIENT_ID = re.compile(r"(?<=recipients/)[0-9a-f-]{36}")


def found_ids(typed: str, user: User) -> dict[SearchMatch, list[object]]:
    found = find_results(read_terms(typed), user)
    return {match: [incident.pk for incident in incidents] for match, incidents in found.incidents.items()}


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return incident_of(belize, ADDRESS)


def test_search_finds_by_number_address_and_host(belize: Portal, ana: User, incident: Incident) -> None:
    other = incident_of(belize, "https://photos.example.org/placeholder/two")
    incident_of(belize, "https://elsewhere.example.org/placeholder")
    number, host = {SearchMatch.NUMBER: [incident.pk]}, {SearchMatch.HOST: [other.pk]}
    assert found_ids(str(incident), ana) == number
    assert found_ids(str(incident).upper(), ana) == number
    assert found_ids(str(incident.pk), ana) == number
    # The last character is easily lost when a number is copied; with fewer, too many others would be found.
    assert (found_ids(str(incident)[:7], ana), found_ids(str(incident)[:6], ana)) == (number, {})
    assert found_ids("hxxps://photos[.]example[.]org/placeholder/one?q=1", ana) == {
        SearchMatch.ADDRESS: [incident.pk],
        **host,
    }
    [shown] = found_ids("photos.example.org", ana).items()
    assert (shown[0], set(shown[1])) == (SearchMatch.HOST, {incident.pk, other.pk})


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        (lambda incident, notice: str(incident), "incident"),
        (lambda incident, notice: str(incident)[:7], "incident"),
        (lambda incident, notice: ADDRESS, "incident"),
        (lambda incident, notice: notice.reference, "notice"),
        # Not one thing alone: they are listed.
        (lambda incident, notice: "photos.example.org", ""),
        (lambda incident, notice: "example.org", ""),
        (lambda incident, notice: "Example Hosting", ""),
        # Pages by the names that the menu gives them.
        (lambda incident, notice: "to do", "/admin/to-do/"),
        (lambda incident, notice: "Notices", "/admin/notices/"),
        (lambda incident, notice: "not", ""),
    ],
)
def test_one_exact_hit_opens(
    belize: Portal, ana: User, incident: Incident, notice: Notice, typed: "TypedText", leads_to: str
) -> None:
    incident_of(belize, "https://photos.example.org/")
    page = client_of(ana).post("/admin/search/", {"q": typed(incident, notice)})
    pages = {"incident": f"/admin/incidents/{incident.pk}/", "notice": f"/admin/notices/{notice.pk}/"}
    assert page.headers.get("Location", "") == pages.get(leads_to, leads_to)


@pytest.mark.parametrize("typed", ["snapchat: name.one", "@name.one (Snapchat)", "name.one on Snapchat", "name.one"])
def test_account_is_found_with_and_without_its_app(belize: Portal, ana: User, ben: User, typed: str) -> None:
    account = incident_of(belize, "", app={"platform": "Snapchat", "account": "name.one"})
    incident_of(belize, "", app={"platform": "Snapchat", "account": "name.two"})
    assert found_ids(typed, ana) == {SearchMatch.ACCOUNT: [account.pk]}
    assert found_ids(typed, ben) == {}
    if typed != "name.one":
        assert client_of(ana).post("/admin/search/", {"q": typed})["Location"] == f"/admin/incidents/{account.pk}/"


def test_name_on_two_apps_is_two_accounts(belize: Portal, ana: User) -> None:
    apps = [{"platform": app, "account": "name_1"} for app in ("Snapchat", "Telegram")]
    accounts = {incident_of(belize, "", app=app).pk for app in apps}
    [(match, ids)] = found_ids("name_1", ana).items()
    assert (match, set(ids)) == (SearchMatch.ACCOUNT, accounts)


def test_number_of_a_foreign_incident_opens_nothing(ben: User, incident: Incident) -> None:
    page = client_of(ben).post("/admin/search/", {"q": str(incident)})
    assert (page.status_code, "Nothing was found in your portals." in page.content.decode()) == (200, True)


def test_pages_are_found_by_words_of_their_names_in_ones_own_menu(ana: User, sena: User) -> None:
    def labels(typed: str, user: User) -> list[str]:
        return [entry.label for entry in find_pages(typed, user)]

    assert labels("not", ana) == ["Notices", "Notice texts"]
    assert labels("texts notice", ana) == ["Notice texts"]
    assert (labels("figures", ana), labels("figures", sena)) == ([], ["Figures"])
    assert labels("notices9", ana) == []
    assert labels("to-do", ana) == labels("to do", ana) == ["To do"]
    assert client_of(ana).post("/admin/search/", {"q": "to-do"})["Location"] == "/admin/to-do/"
    page = client_of(ana).post("/admin/search/", {"q": "not"}).content.decode()
    assert re.findall(r'<a href="([^"]*)" data-row>Notice texts', page) == ["/admin/notice-texts/"]


def test_closed_incident_is_found_with_its_verdict(belize: Portal, ana: User, incident: Incident) -> None:
    assessed_not_found(incident, ana)
    assessed_illegal(incident_of(belize, "https://elsewhere.example.org/placeholder"), ana)
    [found] = find_by_number(str(incident), ana)
    assert (found.state, found.verdict) == ("closed", "not_assessed")  # type: ignore[attr-defined]


def test_notice_and_recipient_are_found_with_their_incidents(belize: Portal, ana: User, incident: Incident) -> None:
    item = gathering_for(incident, ana, name="Example Hosting")
    notice = Notice.objects.get(pk=item.notice_id)
    found = find_results(read_terms(notice.reference.lower()), ana)
    assert (found.notice, found.recipients) == (notice, [])
    assert list(found.incidents) == [SearchMatch.NOTICE]
    NoticeItem.objects.update(dropped=DropReason.GONE)
    assert find_results(read_terms(notice.reference), ana).incidents == {}
    NoticeItem.objects.update(dropped="")
    Recipient.objects.create(kind="host", name="Unlike Storage")
    for typed in ("host exam", "EXAMPLE HOSTING"):
        found = find_results(read_terms(typed), ana)
        assert [each.name for each in found.recipients] == ["Example Hosting"]
        assert [each.pk for each in found.incidents[SearchMatch.RECIPIENT]] == [incident.pk]


def test_merged_incident_leads_to_the_one_it_was_merged_into(belize: Portal, ana: User, incident: Incident) -> None:
    into = incident_of(belize, "https://elsewhere.example.org/placeholder")
    actions.merge(by=ana, incident=incident, into=into)
    assert found_ids(str(incident), ana) == {SearchMatch.NUMBER: [into.pk]}
    assert found_ids(ADDRESS, ana) == {SearchMatch.ADDRESS: [into.pk]}


type TypedText = Callable[[Incident, Notice], str]

# By kind of search: a text that finds the incident, and one like it that finds no incident.
TEXTS: dict[SearchMatch, tuple[TypedText, str]] = {
    SearchMatch.NUMBER: (lambda incident, _notice: str(incident), "0" * 8),
    SearchMatch.ADDRESS: (
        lambda _incident, _notice: ADDRESS,
        ADDRESS.replace("one", "six").replace("photos", "phases"),
    ),
    SearchMatch.ACCOUNT: (lambda _incident, _notice: "snapchat: name.one", "snapchat: name.two"),
    SearchMatch.NOTICE: (lambda _incident, notice: notice.reference, "RP-2222-2222"),
    SearchMatch.HOST: (lambda _incident, _notice: "photos.example.org", "phases.example.org"),
    SearchMatch.SITE: (lambda _incident, _notice: "example.org", "example.com"),
    SearchMatch.RECIPIENT: (lambda _incident, _notice: "Example Hosting", "Another Hosting"),
}
# An account has an incident of its own.
OF_ADDRESS = {kind: texts for kind, texts in TEXTS.items() if kind != SearchMatch.ACCOUNT}


def incident_of_kind(kind: SearchMatch, incident: Incident) -> Incident:
    """The incident that the text of this kind finds: this one with an address, or that of the account."""
    if kind != SearchMatch.ACCOUNT:
        return incident
    return incident_of(incident.sightings.get().portal, "", app={"platform": "Snapchat", "account": "name.one"})


@pytest.fixture
def notice(ana: User, ben: User, incident: Incident) -> Notice:
    """A letter about the incident. Another recipient with the same details has none."""
    letter = Notice.objects.get(pk=gathering_for(incident, ana).notice_id)
    host("Another Hosting", by=ana)
    return letter


@pytest.mark.usefixtures("sessions_noted_later")
@pytest.mark.parametrize("kind", SearchMatch)
def test_invisible_and_absent_look_and_cost_the_same(
    ben: User, incident: Incident, notice: Notice, kind: SearchMatch
) -> None:
    find, absent = TEXTS[kind]
    incident_of_kind(kind, incident)
    client, pages = client_of(ben), []
    client.post("/admin/search/", {"q": "first of the hour"})
    for typed in (find(incident, notice), absent):
        with CaptureQueriesContext(connection) as queries:
            page = client.post("/admin/search/", {"q": typed})
        text = RECIPIENT_ID.sub("", page.content.decode().replace(typed, ""))
        pages.append((page.status_code, _without_tokens(text), len(queries)))
    assert pages[0] == pages[1]
    # Recipients themselves are the same for all analysts.
    assert ("Nothing was found in your portals." in pages[0][1]) == (kind != SearchMatch.RECIPIENT)


@pytest.mark.parametrize("kind", SearchMatch)
def test_search_of_each_kind_finds_incidents_of_own_portals_only(
    ana: User, ben: User, sena: User, incident: Incident, notice: Notice, kind: SearchMatch
) -> None:
    # Neither does it find what has nothing in common with the text.
    incident_of(incident.sightings.get().portal, "https://elsewhere.example.com/placeholder")
    typed, wanted = TEXTS[kind][0](incident, notice), incident_of_kind(kind, incident)
    assert {user.username: found_ids(typed, user) for user in (ana, ben, sena)} == {
        "ana": {kind: [wanted.pk]},
        "ben": {},
        "sena": {kind: [wanted.pk]},
    }
    assert find_results(read_terms(typed), ben).notice is None


@pytest.mark.parametrize("kind", [SearchMatch.HOST, SearchMatch.SITE, SearchMatch.RECIPIENT])
def test_shared_host_and_recipient_lead_each_analyst_to_their_own(
    zambia: Portal, ana: User, ben: User, incident: Incident, notice: Notice, kind: SearchMatch
) -> None:
    other = incident_of(zambia, "https://photos.example.org/placeholder/two")
    gathering_for(other, ben)
    typed = TEXTS[kind][0](incident, notice)
    assert found_ids(typed, ana) == {kind: [incident.pk]}
    assert found_ids(typed, ben) == {kind: [other.pk]}


@pytest.mark.usefixtures("sessions_noted_later")
def test_newer_incidents_of_other_portals_change_no_byte_of_the_answer(
    belize: Portal, zambia: Portal, ana: User, incident: Incident, notice: Notice
) -> None:
    client, now = client_of(ana), the_hour(timezone.now())
    similar = add_alike(incident, belize, 3, received=now - timedelta(days=2))
    client.post("/admin/search/", {"q": "first of the hour"})
    pages: list[dict[SearchMatch, str]] = []
    # In the end more than any look-up reads.
    for number in (0, 30, 570):
        add_alike(incident, zambia, number, received=now - timedelta(hours=1))
        pages.append({})
        for kind, (find, _absent) in OF_ADDRESS.items():
            typed = find(incident, notice)
            expected = {incident.pk} if kind == SearchMatch.ADDRESS else {incident.pk, *(row.pk for row in similar)}
            assert set(found_ids(typed, ana)[kind]) == expected
            pages[-1][kind] = _without_tokens(client.post("/admin/search/", {"q": typed}).content.decode())
    assert {*pages[0], SearchMatch.ACCOUNT} == {*SearchMatch}
    assert pages[1:] == pages[:1] * 2


def test_search_of_each_kind_shows_the_latest_incidents_of_own_portals(
    belize: Portal, zambia: Portal, ana: User, sena: User, incident: Incident, notice: Notice
) -> None:
    now = the_hour(timezone.now())
    similar = [add_alike(incident, belize, 1, received=now - timedelta(days=day))[0].pk for day in range(1, 33)]
    [of_another] = add_alike(incident, zambia, 1, received=now - timedelta(days=7, hours=1))
    most = lookups.MOST_SHOWN
    latest = {"ana": similar[: most - 1], "sena": [*similar[:7], of_another.pk, *similar[7 : most - 2]]}
    for user in (ana, sena):
        for kind, (find, _absent) in OF_ADDRESS.items():
            expected = {kind: [incident.pk, *latest[user.username]]}
            if kind == SearchMatch.ADDRESS:
                expected = {kind: [incident.pk], SearchMatch.HOST: latest[user.username]}
            assert found_ids(find(incident, notice), user) == expected


@pytest.mark.parametrize("kind", [SearchMatch.NUMBER, SearchMatch.ADDRESS])
def test_incident_that_another_portals_incident_was_merged_into_is_hidden(
    belize: Portal, zambia: Portal, ana: User, ben: User, incident: Incident, kind: SearchMatch
) -> None:
    """Ben sees the incident that it belongs to now, but no report of his portals was merged into it."""
    into = incident_of(belize, "https://elsewhere.example.org/placeholder")
    incident_of(zambia, "https://elsewhere.example.org/placeholder")
    actions.merge(by=ana, incident=incident, into=into)
    typed = str(incident) if kind == SearchMatch.NUMBER else ADDRESS
    assert (found_ids(typed, ana), found_ids(typed, ben)) == ({kind: [into.pk]}, {})
    assert found_ids(TEXTS[kind][1], ana) == {}


def _without_tokens(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


def test_search_is_on_record_as_a_fingerprint_of_the_month(ana: User, incident: Incident, keyring: Any) -> None:
    for typed in (ADDRESS, ADDRESS.replace("https", "hxxps"), "photos.example.org"):
        search_incidents(by=ana, terms=read_terms(typed))
    one, same, host = (event.details for event in AuditEvent.objects.filter(action="search.make").order_by("number"))
    key = keys.public_key(timezone.now(), KeyClass.ADDRESSES).id
    assert one == same
    assert (one["kinds"], one["key"], one["count"], len(one["fingerprint"])) == (["address"], key, 1, 64)
    assert host["fingerprint"] != one["fingerprint"]
    assert "example" not in str([one, host])
    # It is none of the fingerprints that stay.
    assert one["fingerprint"] != bytes(incident.fingerprint).hex()


KINDS_ON_RECORD = {
    SearchMatch.NUMBER: ["number", "account", "recipient"],
    SearchMatch.ADDRESS: ["address"],
    SearchMatch.ACCOUNT: ["account", "recipient"],
    SearchMatch.NOTICE: ["reference"],
    # A name may look like a host.
    SearchMatch.HOST: ["address", "account", "recipient"],
    SearchMatch.SITE: ["address", "account", "recipient"],
    SearchMatch.RECIPIENT: ["recipient"],
}


@pytest.mark.parametrize("kind", SearchMatch)
def test_record_names_all_kinds_that_a_text_was_looked_up_as(
    ana: User, incident: Incident, notice: Notice, kind: SearchMatch
) -> None:
    search_incidents(by=ana, terms=read_terms(TEXTS[kind][0](incident, notice)))
    assert AuditEvent.objects.get(action="search.make").details["kinds"] == KINDS_ON_RECORD[kind]


def test_address_of_a_destroyed_key_is_not_found_but_its_number_is(ana: User, incident: Incident) -> None:
    month = timezone.localdate().replace(day=1)
    later = (month + timedelta(days=40)).replace(day=1)
    SealingKey.objects.create(id="addresses-later", key_class=KeyClass.ADDRESSES, month=later)
    first = searchable_since()
    assert incident.key is not None
    assert first is not None
    assert first <= incident.key.month
    past = SealingKey.objects.filter(key_class=KeyClass.ADDRESSES, month__lte=incident.key.month)
    past.update(state=KeyState.CLOSED)
    past.update(state=KeyState.DESTROYED, destroyed_on=timezone.localdate())
    assert found_ids(ADDRESS, ana) == {}
    assert found_ids("photos.example.org", ana) == {}
    assert found_ids(str(incident), ana) == {SearchMatch.NUMBER: [incident.pk]}
    assert searchable_since() == later
    page = client_of(ana).post("/admin/search/", {"q": ADDRESS}).content.decode()
    assert f"can be found from {later:%B %Y} on" in page


def test_limit_of_the_hour_refuses_and_notifies_senior_analysts(ana: User, sena: User, settings: Any) -> None:
    settings.SEARCHES_AN_HOUR = 2
    sena.email = "sena@example.org"
    sena.save(update_fields=["email"])
    # Another person, and the next hour, have their own.
    assert search_incidents(by=sena, terms=read_terms("words"), now=NOW) is not None
    answers = [search_incidents(by=ana, terms=read_terms("words"), now=NOW) is not None for _time in range(4)]
    assert answers == [True, True, False, False]
    assert SearchCount.objects.get(refused_hour=the_hour(NOW)).user == ana
    assert search_incidents(by=ana, terms=read_terms("words"), now=NOW + timedelta(minutes=40)) is not None
    assert AuditEvent.objects.filter(action="search.refuse", actor=ana.username).count() == 1
    assert Alarm.objects.get().kind == AlarmKind.SEARCH


def test_refused_search_says_until_when_and_keeps_the_text(ana: User, sena: User, settings: Any) -> None:
    settings.SEARCHES_AN_HOUR = 1
    sena.email = "sena@example.org"
    sena.save(update_fields=["email"])
    client = client_of(ana)
    client.post("/admin/search/", {"q": "first"})
    page = client.post("/admin/search/", {"q": 'second "words"'})
    text = page.content.decode()
    assert (page.status_code, 0 < int(page.headers["Retry-After"]) <= 3601) == (429, True)
    assert "You can search again from " in text
    assert 'value="second &quot;words&quot;"' in text
    assert SearchCount.objects.get().refused_hour is not None
    send_due_alarms(ALARMS)
    [sent] = mail.outbox
    assert (sent.to, sent.body.startswith("1 analyst has reached")) == (["sena@example.org"], True)
    assert "<strong>ana</strong> searched more than 1 times" in client_of(sena).get("/admin/").content.decode()
    assert "Search limit reached" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("hours", "is_mailed", "is_listed"), [(1, True, True), (2, False, True), (23, False, True), (24, False, False)]
)
def test_refused_search_is_mailed_within_its_hour_and_listed_for_a_day(
    ana: User, sena: User, hours: int, is_mailed: bool, is_listed: bool
) -> None:
    User.objects.filter(pk=sena.pk).update(email="sena@example.org")
    noon = datetime(2026, 3, 9, 12, tzinfo=UTC)
    SearchCount.objects.create(user=ana, hour=noon, searches=1, refused_hour=noon - timedelta(hours=hours))
    with time_machine.travel(noon, tick=False):
        assert (limits.write_search_mail() is not None) is is_mailed
    assert limits.count_refused(sena, noon)["searches_refused"].exists() is is_listed
    assert limits.count_refused(ana, noon) == {}
    assert limits.allowed_again_at(noon + timedelta(minutes=59)) == noon + timedelta(hours=1)


def test_alarm_of_a_search_needs_a_refusal_and_a_reader(ana: User, sena: User, settings: Any) -> None:
    User.objects.filter(pk=sena.pk).update(email="sena@example.org")
    assert write_search_mail() is None
    settings.SEARCHES_AN_HOUR = 0
    search_incidents(by=ana, terms=read_terms("words"))
    assert (alarm := write_search_mail())
    assert alarm.to == ["sena@example.org"]
    User.objects.filter(pk=sena.pk).update(email="")
    assert write_search_mail() is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter what to search for."),
        ("...", "no number, reference, address or name"),
        ("https://example.org/a https://example.org/b", "Search for one address at a time."),
        ("a" * 4001, "at most 4000 characters"),
    ],
)
def test_text_that_cannot_be_searched_gets_its_reason(ana: User, typed: str, said: str) -> None:
    page = client_of(ana).post("/admin/search/", {"q": typed})
    assert (page.status_code, said in page.content.decode()) == (422, True)
    assert not SearchCount.objects.exists()


def test_missing_key_refuses_the_search(ana: User, settings: Any, tmp_path: Any) -> None:
    settings.KEYRING = tmp_path
    page = client_of(ana).post("/admin/search/", {"q": "words"})
    assert (page.status_code, "The key of this month is missing" in page.content.decode()) == (403, True)


def test_box_is_on_the_pages_of_analysts_only(ana: User, olga: User) -> None:
    assert [b'id="search-box"' in client_of(user).get("/admin/").content for user in (ana, olga)] == [True, False]
    page = client_of(ana).get("/admin/search/").content.decode()
    assert "What you can search for" in page
    assert page.count('role="search"') == 1


def test_short_address_leads_to_the_incident(ana: User, ben: User, incident: Incident) -> None:
    for number in (str(incident), str(incident).upper()):
        page = client_of(ana).get(f"/admin/incidents/{number}/")
        assert (page.status_code, page.headers["Location"]) == (302, f"/admin/incidents/{incident.pk}/")
    hidden, absent = (client_of(ben).get(f"/admin/incidents/{number}/") for number in (incident, "0" * 8))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert _without_tokens(hidden.content.decode()) == _without_tokens(absent.content.decode())


def test_shared_number_offers_only_incidents_of_own_portals(
    belize: Portal, zambia: Portal, ana: User, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [incident_of(portal, f"https://example.org/{n}") for n, portal in enumerate((belize, belize, zambia))]
    numbers = [str(one) for one in made]
    monkeypatch.setattr(lookups, "id_range", lambda _number: (UUID(int=0), UUID(int=2**128 - 1)))
    text = client_of(ana).get(f"/admin/incidents/{numbers[0]}/?open=relations").content.decode()
    assert [str(one) in text for one in made] == [True, True, False]
    assert client_of(sena).get(f"/admin/incidents/{numbers[0]}/").content.decode().count("data-row") == 3
