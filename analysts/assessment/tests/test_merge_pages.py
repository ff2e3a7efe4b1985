"""Merging on the incident page: why two spellings are the same address, merging, splitting off."""

import re

import pytest
from django.test import Client

from analysts.assessment import actions
from analysts.assessment.intake import spellings
from analysts.incidents import actions as incident_actions
from analysts.incidents import contents
from analysts.models import Incident, Report, User
from analysts.pages.tests.test_incident_page import reveal, shown, url
from analysts.states import State
from analysts.tests.factories import claimed, incident_of, report_of
from countries.models import Portal
from tests.rig.fixtures import client_of

ONE, OTHER = "https://site.example.org/gallery/secret-name", "https://site.example.org/mirror/secret-name"

LAST_STEP = "“https” was replaced with “http”, for comparison only:"


def revealed(user: User, incident: Incident) -> Client:
    client = client_of(user)
    reveal(client, incident)
    return client


@pytest.fixture
def one(belize: Portal) -> Incident:
    return incident_of(belize, ONE)


@pytest.fixture
def other(belize: Portal) -> Incident:
    return incident_of(belize, OTHER)


def test_each_spelling_is_led_to_the_same_address(one: Incident, belize: Portal, ana: User) -> None:
    report_of(belize, "HXXPS://Site.Example[.]org:443/a/../gallery/secret-name?utm_source=chat#top")
    before = shown(client_of(ana).get(url(one)))
    assert "Why this counts as the same address" not in before
    page = revealed(ana, one).get(url(one))

    text = shown(page)
    assert "The reporter wrote: HXXPS://Site[.]Example[.]org:443/a/../gallery/secret-name?utm_source=chat#top" in text
    for step in (
        "The host name was put in lower case: hxxps://site[.]example[.]org:443/a/",
        "The default port was removed: hxxps://site[.]example[.]org/a/",
        "“.” and “..” in the path were resolved: hxxps://site[.]example[.]org/gallery/",
        "Tracking parameters were removed: utm_source – hxxps://",
        "The part after “#” that does not select the content was removed: hxxps://site[.]example[.]org/gallery/",
    ):
        assert step in text
    assert text.count(f"{LAST_STEP} hxxp://site[.]example[.]org/gallery/secret-name") == 2
    source = page.content.decode()
    assert "site.example.org" not in source.lower()
    assert re.findall(r"https?://(?!www\.w3\.org)", source) == []


def test_merging_is_offered_once_revealed_with_what_is_related(one: Incident, other: Incident, ana: User) -> None:
    assert "Merge into another incident" not in shown(client_of(ana).get(url(one)))
    client = revealed(ana, one)
    page = client.get(url(one), {"open": "relations"}).content.decode()
    # One click beside the related incident; and a form for any other one.
    assert re.findall(r'name="into"\s+value="([^"]*)"', page) == [str(other.pk)]
    answer = client.post(url(one, "merge"), {"into": str(other.pk), "number": ""})

    assert (answer.status_code, answer.headers["Location"]) == (302, url(other))
    assert Incident.objects.get(pk=one.pk).merged_into == other
    after = shown(client.get(url(other)))
    assert f"Merged into this incident {one} hxxps://si•••[.]org/•••" in after
    # The page of the merged incident redirects to the other one.
    assert client.get(url(one)).headers["Location"] == url(other)
    assert client.get(url(one, "claim")).status_code == 405
    assert client.post(url(one, "claim")).status_code == 404


def test_merging_takes_a_number_as_it_is_typed(one: Incident, belize: Portal, ana: User) -> None:
    far = incident_of(belize, "https://example.com/far")
    client = revealed(ana, one)
    client.post(url(one, "merge"), {"into": "", "number": f" {str(far).upper()} "})

    assert Incident.objects.get(pk=one.pk).merged_into == far


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("12", "An incident number has 8 characters"),
        ("not-hex!", "An incident number has 8 characters"),
        ("00000000", "There is no such incident in your portals."),
        ("", "Enter the number of the incident."),
    ],
)
def test_merging_says_what_is_wrong_and_keeps_what_was_typed(
    one: Incident, ana: User, number: str, message: str
) -> None:
    page = revealed(ana, one).post(url(one, "merge"), {"into": "", "number": number})

    assert page.status_code == 422
    assert message in shown(page)
    if number:
        assert f'value="{number}"' in page.content.decode()
    assert '<details class="merge" open>' in page.content.decode()
    assert Incident.objects.get(pk=one.pk).state == State.WAITING


def test_number_that_two_begin_with_is_not_guessed(one: Incident, belize: Portal, ana: User) -> None:
    twins = []
    for number in range(2):
        incident = incident_of(belize, f"https://example.com/{number}")
        report = incident.sightings.get().report
        incident.sightings.all().delete()
        incident.delete()
        incident.pk = f"aaaaaaaa-0000-4000-8000-00000000000{number}"
        incident.save(force_insert=True)
        incident.sightings.create(report=report, portal=belize)
        twins.append(incident)
    client = revealed(ana, one)
    page = client.post(url(one, "merge"), {"into": "", "number": "aaaaaaaa"})
    assert "Several numbers begin with this." in shown(page)
    client.post(url(one, "merge"), {"into": "", "number": str(twins[1].pk)})

    assert str(Incident.objects.get(pk=one.pk).merged_into_id) == twins[1].pk


def test_merging_ends_where_the_portals_end(one: Incident, zambia: Portal, ana: User, ben: User) -> None:
    foreign = incident_of(zambia, "https://site.example.org/zambia")
    client = revealed(ana, one)
    for data in ({"into": str(foreign.pk)}, {"into": "", "number": str(foreign)}):
        assert client.post(url(one, "merge"), data).status_code == 422
    assert client_of(ben).post(url(one, "merge"), {"into": str(foreign.pk)}).status_code == 404
    assert Incident.objects.filter(state=State.WAITING).count() == 2


def test_merged_address_of_another_portal_stays_hidden(
    one: Incident, belize: Portal, zambia: Portal, ben: User, sena: User
) -> None:
    both = incident_of(belize, "https://example.com/both")
    report_of(zambia, "https://example.com/both")
    actions.merge(by=sena, incident=one, into=both)
    assert str(one) in shown(client_of(sena).get(url(both)))

    assert str(one) not in shown(client_of(ben).get(url(both)))
    assert client_of(ben).get(url(one)).status_code == 404


def test_notes_are_read_where_the_reports_are(
    one: Incident, belize: Portal, zambia: Portal, ana: User, ben: User, sena: User
) -> None:
    both = incident_of(belize, "https://example.com/both")
    report_of(zambia, "https://example.com/both")
    incident_actions.add_note(by=ana, incident=one, text="Looks like the other one.")
    actions.merge(by=sena, incident=one, into=both)

    assert "Looks like the other one." in shown(revealed(ana, both).get(url(both)))
    assert "Looks like the other one." not in shown(revealed(ben, both).get(url(both)))


def test_merging_is_refused_with_the_reason(one: Incident, other: Incident, ana: User, sena: User) -> None:
    client = revealed(ana, one)
    claimed(one, sena)
    page = client.post(url(one, "merge"), {"into": str(other.pk), "number": ""})

    assert page.status_code == 403
    assert "A colleague is working on this incident." in shown(page)
    assert "disabled" in page.content.decode()


def test_report_is_split_off(one: Incident, belize: Portal, ana: User) -> None:
    client = revealed(ana, one)
    assert "Not the same: split this report off" not in shown(client.get(url(one)))
    report = report_of(belize, ONE)
    assert "Not the same: split this report off" in shown(client.get(url(one)))
    answer = client.post(url(one, f"split/{report.pk}"))
    new = Report.objects.get(pk=report.pk).sightings.get().incident

    assert (answer.status_code, answer.headers["Location"]) == (302, url(new))
    assert new != one
    again = client.post(url(one, f"split/{one.sightings.get().report_id}"))
    assert again.status_code == 403
    assert "This incident has only one report." in shown(again)


def test_report_of_another_portal_is_not_split_off(one: Incident, zambia: Portal, ana: User, ben: User) -> None:
    his = report_of(zambia, ONE)

    assert client_of(ana).post(url(one, f"split/{his.pk}")).status_code == 404
    assert (
        client_of(ben).post(url(one, f"split/{one.sightings.exclude(report=his).get().report_id}")).status_code == 404
    )


def test_spelling_of_a_merged_address_leads_to_its_own(one: Incident, other: Incident, ana: User) -> None:
    actions.merge(by=ana, incident=one, into=other)
    text = shown(revealed(ana, other).get(url(other)))

    assert text.count("Why this counts as the same address") == 2
    assert f"{LAST_STEP} hxxp://site[.]example[.]org/gallery/secret-name" in text
    assert f"{LAST_STEP} hxxp://site[.]example[.]org/mirror/secret-name" in text


def test_page_says_in_how_many_spellings_it_was_reported(
    one: Incident, belize: Portal, zambia: Portal, ana: User
) -> None:
    assert "spelling" not in shown(client_of(ana).get(url(one))).lower()
    report_of(belize, ONE)
    report_of(belize, f"{ONE}#top")
    report_of(belize, ONE.upper().replace("/GALLERY/SECRET-NAME", "/gallery/secret-name"))
    # Not of Ana's portals.
    report_of(zambia, f"{ONE}?fbclid=elsewhere")
    page = shown(client_of(ana).get(url(one)))
    assert page.count("Reported in 3 spellings") == 2
    assert "Spellings of this address" in page
    assert "secret-name" not in page

    text = shown(revealed(ana, one).get(url(one)))
    assert "hxxps://site[.]example[.]org/gallery/secret-name 2 reports" in text
    assert "hxxps://site[.]example[.]org/gallery/secret-name#top 1 report" in text
    assert "elsewhere" not in text


def test_number_of_spellings_is_that_of_the_reports_that_are_read(
    one: Incident, belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spellings, "MOST_REPORTS", 2)
    for number in range(2):
        report_of(belize, f"{ONE}?utm_source={number}")

    assert "Reported in at least 2 spellings" in shown(client_of(ana).get(url(one)))


def test_spelling_outlives_the_words_of_its_report(one: Incident, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "compare_envelopes", lambda _report: [])
    page = shown(revealed(ana, one).get(url(one)))

    assert "The reporter wrote: hxxps://site[.]example[.]org/gallery/secret-name" in page


def test_words_have_no_spelling(belize: Portal, ana: User) -> None:
    words = incident_of(belize, "I saw it in a group")

    assert "Why this counts as the same address" not in shown(revealed(ana, words).get(url(words)))
