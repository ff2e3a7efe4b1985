"""Tests of the URL list pages: the incident page's section, entry reviews, and member keys."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Closing
from analysts.models import Chase, FeedScope, Incident, MemberKey, UrlListEntry, User
from analysts.takedown.url_list import members
from analysts.takedown.url_list.tests.test_url_list import ask_police, grant, illegal, listed
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

MEMBERS = "/admin/url-list/members/"


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def section(client: Any, incident: Incident) -> str:
    page = client.get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    found = re.search(r'<section class="card" id="url-list".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def day(days: int = 0) -> str:
    at = timezone.now() + timedelta(days=days)
    return f"{at.day} {at:%b %Y}"


# --- The incident's page ----------------------------------------------------------------------------------------------


def test_section_follows_the_address_on_the_list_and_off_it(belize: Portal, ana: User) -> None:
    incident, client = illegal(belize, ana), client_of(ana)
    path = f"/admin/incidents/{incident.pk}/url-list/"
    assert "Not on the URL list. Members do not block this address." in section(client, incident)

    page = client.post(f"{path}add/", follow=True)
    assert page.redirect_chain == [(f"/admin/incidents/{incident.pk}/#url-list", 302)]
    assert f"On the URL list since {day()}. Next entry review: {day(30)}." in section(client, incident)
    page = client.post(f"{path}take-off/", {"reason": ""})
    assert page.status_code == 422
    assert "On the URL list since" in shown(page)
    client.post(f"{path}take-off/", {"reason": "too_wide"})
    assert f"Was on the URL list from {day()} to {day()}." in section(client, incident)
    page = client.post(f"{path}take-off/", {"reason": "too_wide"})
    assert page.status_code == 409
    assert "It is no longer on the URL list." in shown(page)


def test_section_says_for_what_it_waits(belize: Portal, ana: User) -> None:
    incident, client = illegal(belize, ana), client_of(ana)
    hold = ask_police(incident, ana)
    client.post(f"/admin/incidents/{incident.pk}/url-list/add/")
    assert "Not on the list now: police clearance is missing." in section(client, incident)
    grant(hold, ana)
    # Recording the answer normally lists the address as well. Here that step is missing, and the page says so.
    assert "Not on the list now: nothing prevents it any more; try again." in section(client, incident)
    client.post(f"/admin/incidents/{incident.pk}/url-list/add/")
    assert "On the URL list since" in section(client, incident)


def test_section_is_not_there_where_it_has_nothing_to_say(belize: Portal, ana: User) -> None:
    incident, client = illegal(belize, ana), client_of(ana)
    actions.close(by=ana, incident=incident, closing=Closing.EXHAUSTED)
    assert section(client, incident) == ""


def test_due_entry_review_shows_the_last_availability_check(belize: Portal, ana: User) -> None:
    incident, client = illegal(belize, ana), client_of(ana)
    listed(incident, ana)
    UrlListEntry.objects.update(review_on=timezone.now().date())
    assert "No availability check since the verdict." in section(client, incident)
    Chase.objects.update(checked_at=timezone.now(), removed_in_a_row=1, removed_at=timezone.now())
    assert f"The last availability check, on {day()}, found it removed." in section(client, incident)
    client.post(f"/admin/incidents/{incident.pk}/url-list/keep/")
    assert "The entry review is due" not in section(client, incident)


# --- The list ---------------------------------------------------------------------------------------------------------


def test_list_shows_what_is_due_to_whom_it_is_open(
    belize: Portal, zambia: Portal, ana: User, ben: User, olga: User
) -> None:
    here, there = illegal(belize, ana), illegal(zambia, ben, "https://example.org/there")
    later = illegal(belize, ana, "https://example.org/later")
    for incident, by in ((here, ana), (there, ben), (later, ana)):
        listed(incident, by)
    due = timezone.now().date() - timedelta(days=1)
    UrlListEntry.objects.filter(incident__in=[here, there]).update(review_on=due)

    page = client_of(ana).get("/admin/url-list/").content.decode()
    assert "Entry reviews due: 1" in page
    assert f"/admin/incidents/{here.pk}/#url-list" in page
    assert str(there.pk) not in page
    assert str(later.pk) not in page
    assert "gallery" not in page
    assert "example.org" not in page
    page = shown(client_of(olga).get("/admin/url-list/"))
    assert "On the list 3 Entry reviews due 2 List version 3" in page
    assert "Entry reviews due:" not in page
    looks = AuditEvent.objects.filter(action="url_list.view").order_by("number")
    assert [(event.actor, event.details) for event in looks] == [("ana", {"count": 1}), ("olga", {"count": 0})]


def test_list_counts_no_further_than_other_lists(belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysts.incidents.table.MOST_COUNTED", 2)
    for number in range(3):
        listed(illegal(belize, ana, f"https://example.org/{number}"), ana)
    UrlListEntry.objects.update(review_on=timezone.now().date())
    assert "On the list 2+ Entry reviews due 2+" in shown(client_of(ana).get("/admin/url-list/"))


def test_dashboard_leads_to_what_is_to_be_reviewed(
    belize: Portal, zambia: Portal, ana: User, ben: User, olga: User
) -> None:
    listed(illegal(belize, ana), ana)
    listed(illegal(belize, ana, "https://example.org/later"), ana)
    listed(illegal(zambia, ben, "https://example.org/there"), ben)
    to_be_reviewed = re.compile(r'URL list entries to review</dt>\s*<dd>\s*<a href="/admin/url-list/">(\d+)</a>')
    assert to_be_reviewed.search(client_of(ana).get("/admin/").content.decode()) is None

    UrlListEntry.objects.exclude(version=2).update(review_on=timezone.now().date())
    found = [to_be_reviewed.search(client_of(by).get("/admin/").content.decode()) for by in (ana, ben, olga)]
    assert [match and match[1] for match in found] == ["1", "1", None]


def test_list_costs_the_same_for_one_review_and_for_ten(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    client = client_of(ana)
    for number in range(10):
        listed(illegal(belize, ana, f"https://example.org/{number}"), ana)
        UrlListEntry.objects.update(review_on=timezone.now().date())
        if number in (0, 9):
            client.get("/admin/url-list/")
            with django_assert_num_queries(14):
                client.get("/admin/url-list/")


# --- Members ----------------------------------------------------------------------------------------------------------


def test_key_is_shown_once_and_kept_as_a_hash(sena: User) -> None:
    client = client_of(sena)
    assert "No member keys yet." in shown(client.get(MEMBERS))
    sent = {"member": "Example Search", "scope": "addresses", "expires_on": f"{timezone.now() + timedelta(days=30):%F}"}
    page = client.post(MEMBERS, sent)
    secret = re.search(r'id="member-key"[^>]*>([^<]+)<', page.content.decode())
    assert secret is not None
    assert "no-store" in page.headers["Cache-Control"]

    key = MemberKey.objects.get()
    assert (key.member, key.scope, key.by, key.prefix) == ("Example Search", "addresses", sena, secret[1][:12])
    assert secret[1].encode() not in bytes(key.digest)
    assert len(secret[1]) == 48
    assert members.key_of(f"Bearer {secret[1]}", now=timezone.now()) == key
    looks = AuditEvent.objects.filter(action="member.view")
    before = looks.count()
    assert secret[1] not in client.get(MEMBERS).content.decode()
    assert (before, looks.count(), looks.latest("number").actor) == (1, 2, "sena")
    [event] = AuditEvent.objects.filter(action="member.make_key")
    assert secret[1][12:] not in str(event.details)
    assert (event.actor, event.details["scope"]) == ("sena", "addresses")


def test_form_of_a_key_makes_one_however_often_it_is_sent(olga: User) -> None:
    client, tomorrow = client_of(olga), timezone.now().date() + timedelta(days=1)
    form = re.search(r'name="key_id" value="([^"]+)"', client.get(MEMBERS).content.decode())
    assert form is not None
    sent = {"member": "Example Search", "scope": "hashes", "expires_on": f"{tomorrow}", "key_id": form[1]}
    client.post(MEMBERS, sent)
    key = MemberKey.objects.get()

    page = client.post(MEMBERS, sent)
    assert page.status_code == 422
    assert f"This form has already created its key, which begins with {key.prefix}." in shown(page)
    assert MemberKey.objects.get() == key
    assert AuditEvent.objects.filter(action="member.make_key").count() == 1
    fresh = re.search(r'name="key_id" value="([^"]+)"', page.content.decode())
    assert fresh is not None
    assert 'value="Example Search"' in page.content.decode()
    assert client.post(MEMBERS, sent | {"key_id": fresh[1]}).status_code == 200
    assert MemberKey.objects.count() == 2

    page = client.post(MEMBERS, sent | {"key_id": "no key"})
    assert page.status_code == 422


def test_key_ends_within_a_year(olga: User) -> None:
    client = client_of(olga)
    for days in (0, 400):
        sent = {"member": "Example", "scope": "hashes", "expires_on": f"{timezone.now() + timedelta(days=days):%F}"}
        page = client.post(MEMBERS, sent)
        assert page.status_code == 422
        assert "Choose a date after today and within a year." in shown(page)
        assert 'value="Example"' in page.content.decode()
    assert not MemberKey.objects.exists()


def test_key_is_closed_once_and_stays_on_the_list(olga: User) -> None:
    client = client_of(olga)
    key, secret = members.make_key(
        by=olga,
        member="Example Search",
        scope=FeedScope.HASHES,
        expires_on=timezone.now().date() + timedelta(days=30),
    )
    page = client.post(f"{MEMBERS}{key.pk}/close/", follow=True)
    assert f"Closed the key that begins with {key.prefix}." in shown(page)
    assert f"closed by olga on {day()}" in shown(page)
    assert members.key_of(f"Bearer {secret}", now=timezone.now()) is None
    page = client.post(f"{MEMBERS}{key.pk}/close/", follow=True)
    assert "This key is already closed." in shown(page)
    assert AuditEvent.objects.filter(action="member.close_key").count() == 1


def test_address_is_no_name_of_a_member(olga: User) -> None:
    sent = {"member": "https://example.org/x", "scope": "hashes", "expires_on": f"{timezone.now():%F}"}
    assert "Enter the name of the member." in shown(client_of(olga).post(MEMBERS, sent))


def test_operator_gives_hashes_and_no_addresses(olga: User) -> None:
    client, why_not = client_of(olga), "Only a senior analyst can create a key for addresses."
    page = client.get(MEMBERS)
    assert re.findall(r'<option value="(\w+)"', page.content.decode()) == ["hashes"]
    assert why_not in shown(page)
    tomorrow = timezone.now().date() + timedelta(days=1)
    page = client.post(MEMBERS, {"member": "Example Search", "scope": "addresses", "expires_on": f"{tomorrow}"})
    assert page.status_code == 422
    assert why_not in shown(page)
    with pytest.raises(Denied, match=why_not):
        members.make_key(by=olga, member="Example Search", scope=FeedScope.ADDRESSES, expires_on=tomorrow)
    assert not MemberKey.objects.exists()


def test_others_keep_no_members(ana: User, adam: User) -> None:
    for user in (ana, adam):
        page = client_of(user).get(MEMBERS)
        assert page.status_code == 403
        assert "Only operators and senior analysts can create and close member keys." in shown(page)
