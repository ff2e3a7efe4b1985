"""Masking: who can reveal an incident and why, the content warning, and when it is hidden again."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import ContentWarning, Reason, RevealReason, SiteType, UndoReason, Verdict
from analysts.incidents.priority import URGENT
from analysts.models import Exposure, Incident, MaskedTerm, User
from analysts.pages.tests.test_incident_page import shown, url
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from analysts.welfare import exposure, masking, viewing
from analysts.welfare.masked_words import Blanks
from analysts.welfare.page_section import MOST_OF_SITE, notices_of_site
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEFANGED = "hxxps://bad[.]example[.]org/gallery/secret-name"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return incident_of(belize, "https://bad.example.org/gallery/secret-name")


@pytest.fixture
def holder(ana: User, incident: Incident) -> Client:
    """Ana's browser, with the incident claimed and revealed."""
    claimed(incident, ana)
    client = client_of(ana)
    assert DEFANGED in shown(client.post(url(incident, "reveal"), follow=True))
    return client


def is_revealed(client: Client, incident: Incident) -> bool:
    return DEFANGED in shown(client.get(url(incident)))


# --- Who, and why -----------------------------------------------------------------------------------------------------


def test_holder_gives_no_reason_and_others_a_code(incident: Incident, ana: User, sena: User) -> None:
    claimed(incident, ana)
    ana_sees = client_of(ana).get(url(incident)).content.decode()
    client = client_of(sena)
    sena_sees = client.get(url(incident)).content.decode()
    [form] = re.findall(r'<form id="reveal".*?</form>', ana_sees, re.DOTALL)
    assert 'name="reason"' not in form
    for reason in RevealReason:
        assert f'<option value="{reason}">' in sena_sees

    for sent in ({}, {"reason": ""}, {"reason": "curious"}):
        refused = client.post(url(incident, "reveal"), sent)
        assert refused.status_code == 422
        assert "You have not claimed this incident. If you claim it, no reason is needed." in shown(refused)
        assert DEFANGED not in shown(refused)
    assert client.post(url(incident, "reveal"), {"reason": "quality"}).status_code == 302
    assert is_revealed(client, incident)
    client_of(ana).post(url(incident, "reveal"), {"reason": "quality"})

    reveals = AuditEvent.objects.filter(action="incident.reveal").order_by("number")
    assert [(event.actor, event.details) for event in reveals] == [("sena", {"reason": "quality"}), ("ana", {})]
    assert Exposure.objects.get(user=sena).reveals == 1


def test_nobody_is_told_to_claim_what_is_decided(incident: Incident, ana: User, sena: User) -> None:
    assert "If you claim it, no reason is needed." in shown(client_of(sena).get(url(incident)))
    assessed_illegal(incident, ana)
    page = shown(client_of(sena).get(url(incident)))
    assert "Reason for viewing" in page
    assert "If you claim it" not in page


def test_senior_proves_who_they_are_before_they_look_in(incident: Incident, ana: User, sena: User) -> None:
    incident = claimed(incident, ana)
    client = client_of(sena)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": timezone.now().timestamp() - 6 * 60}]
    session.save()
    asked = client.post(url(incident, "reveal"), {"reason": "quality"})

    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not AuditEvent.objects.filter(action="incident.reveal").exists()
    # For incidents that the user has claimed, sign-in may be less recent.
    actions.hand_over(by=ana, incident=incident, to=sena, fence=incident.fence)
    assert client.post(url(incident, "reveal")).headers["Location"] == url(incident)


def test_verb_refuses_what_is_no_reason(incident: Incident, sena: User) -> None:
    for reason in ("", "curious"):
        with pytest.raises(Denied, match="have not claimed"):
            viewing.record_reveal(by=sena, incident=incident, reason=reason)
    assert not AuditEvent.objects.filter(action="incident.reveal").exists()
    assert not Exposure.objects.exists()


# --- What is said before ----------------------------------------------------------------------------------------------


def flagged(incident: Incident, *notices: ContentWarning) -> Incident:
    Incident.objects.filter(pk=incident.pk).update(notices=list(notices))
    return incident


def test_notice_says_what_was_flagged_before_the_button(belize: Portal, zambia: Portal, ana: User) -> None:
    here = flagged(incident_of(belize, "https://bad.example.org/1"), ContentWarning.YOUNG)
    flagged(incident_of(zambia, "https://www.bad.example.org/2"), ContentWarning.VIOLENCE, ContentWarning.SEVERE)
    elsewhere = incident_of(belize, "https://good.example.net/3")
    client = client_of(ana)

    page = client.get(url(here))
    earlier, others = "Earlier assessments of this incident", "Other incidents on this site"
    assert f"{earlier} very young children {others} category A, violence" in shown(page)
    assert page.content.decode().index('id="content-notice"') < page.content.decode().index('id="reveal"')
    # The other incident belongs to Zambia: warnings do not name incidents or portals.
    assert "Zambia" not in shown(page)
    nothing = "No content warning has been recorded for this incident or its site so far."
    assert nothing in shown(client.get(url(elsewhere)))
    assert "content-notice" not in client.post(url(here, "reveal"), {"reason": "advice"}, follow=True).content.decode()


def test_notice_asks_the_newest_of_a_large_site_in_one_query(belize: Portal, django_assert_num_queries: Any) -> None:
    hours = iter(range(MOST_OF_SITE + 2, 0, -1))
    incidents = [
        flagged(incident_of(belize, f"https://bad.example.org/{n}", now=NOW - timedelta(hours=next(hours))), notice)
        for n, notice in enumerate([ContentWarning.VIOLENCE, *[ContentWarning.SEVERE] * (MOST_OF_SITE + 1)])
    ]
    with django_assert_num_queries(1):
        assert notices_of_site(incidents[-1]) == {"severe"}
    words = incident_of(belize, "no address")
    with django_assert_num_queries(0):
        assert notices_of_site(words) == set()


@pytest.mark.parametrize("site_type", SiteType)
def test_warning_of_a_free_host_holds_for_its_host_alone(site_type: SiteType, belize: Portal, ana: User) -> None:
    first = claimed(incident_of(belize, "https://one.bad.example.org/1"), ana)
    assessment = actions.assess(
        by=ana,
        incident=first,
        fence=first.fence,
        verdict=Verdict.NOT_ILLEGAL,
        reason=Reason.OTHER,
        notices=[ContentWarning.YOUNG],
        site_type=site_type,
    )
    same_host = incident_of(belize, "https://one.bad.example.org/2")
    other_host = incident_of(belize, "https://two.bad.example.org/3")
    assert notices_of_site(same_host) == {"young"}
    assert notices_of_site(other_host) == (set() if site_type.is_free_host else {"young"})
    # The queue asks the same.
    waiting = Incident.objects.waiting().not_expecting(["young"])
    assert set(waiting) == ({other_host} if site_type.is_free_host else set())
    assert set(Incident.objects.waiting().not_expecting(["severe"])) == {same_host, other_host}
    # The words of the assessment end with it.
    actions.undo(by=ana, incident=first, assessment=assessment, reason=UndoReason.SLIP)
    assert not Incident.objects.get(pk=first.pk).is_on_free_host


def test_assessment_that_says_otherwise_ends_the_free_host(belize: Portal, ana: User, sena: User) -> None:
    first = incident_of(belize, "https://one.bad.example.org/1")
    Incident.objects.filter(pk=first.pk).update(is_on_free_host=True, notices=["young"])
    assessed_not_found(first, ana)
    assert not Incident.objects.get(pk=first.pk).is_on_free_host


# --- When it falls again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/", "/admin/queue/", "/admin/pause/", "/accounts/mfa/", "/admin/keys/"])
def test_turning_to_another_page_hides(holder: Client, incident: Incident, path: str) -> None:
    assert is_revealed(holder, incident)
    holder.get(path)

    assert not is_revealed(holder, incident)
    assert Exposure.objects.get().open_since is None


def test_only_one_incident_is_revealed(holder: Client, incident: Incident, belize: Portal) -> None:
    other = incident_of(belize, "https://other.example/1")
    holder.get(url(other))
    assert not is_revealed(holder, incident)

    holder.post(url(incident, "reveal"))
    holder.post(url(other, "reveal"), {"reason": "advice"})
    assert not is_revealed(holder, incident)


def test_button_hides(holder: Client, incident: Incident) -> None:
    page = holder.post(url(incident, "hide"), follow=True)

    assert page.redirect_chain == [(url(incident), 302)]
    assert DEFANGED not in shown(page)
    assert not is_revealed(holder, incident)


def test_it_is_hidden_from_other_requests_before_the_count_stops(
    holder: Client, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_counting, kept = exposure.end_reveal, []

    def end_reveal(by: User, *, now: datetime) -> None:
        kept.append(masking.REVEALED in holder.session)
        stop_counting(by, now=now)

    monkeypatch.setattr(exposure, "end_reveal", end_reveal)
    holder.post(url(incident, "hide"))
    assert kept == [False]


def test_page_that_was_left_hides_unless_another_of_it_followed(
    holder: Client, incident: Incident, belize: Portal
) -> None:
    # `holder` saw page 1 and reloads it; only then does the browser report that page 1 was left.
    assert is_revealed(holder, incident)
    assert holder.post(url(incident, "hide"), {"page": "1"}).status_code == 204
    assert is_revealed(holder, incident)
    # Closing a window with another incident has no effect on this one.
    other = incident_of(belize, "https://other.example/1")
    assert holder.post(url(other, "hide"), {"page": "3"}).status_code == 204
    assert is_revealed(holder, incident)

    assert holder.post(url(incident, "hide"), {"page": "4"}).status_code == 204
    assert not is_revealed(holder, incident)


def test_refused_form_stays_revealed(holder: Client, incident: Incident) -> None:
    page = holder.post(url(incident, "assess"), {"verdict": "illegal", "fence": 1})

    assert page.status_code == 422
    assert DEFANGED in shown(page)
    assert is_revealed(holder, incident)


def test_minutes_without_a_request_hide(ana: User, belize: Portal, clock: Any, settings: Any) -> None:
    incident = incident_of(belize, "https://bad.example.org/gallery/secret-name")
    client = client_of(ana)
    client.post(url(incident, "reveal"), {"reason": "advice"})
    clock.shift(timedelta(minutes=settings.VEIL_MINUTES) - timedelta(seconds=1))
    assert is_revealed(client, incident)
    clock.shift(timedelta(minutes=settings.VEIL_MINUTES))

    assert not is_revealed(client, incident)
    assert Exposure.objects.get().seconds == 2 * settings.VEIL_MINUTES * 60 - 1


def test_signing_out_hides_and_stops_the_count(holder: Client, incident: Incident, ana: User) -> None:
    holder.post("/accounts/logout/")
    assert Exposure.objects.get().open_since is None
    holder.force_login(ana)

    assert not is_revealed(holder, incident)


def test_exposure_counts_from_reveal_to_decision(ana: User, belize: Portal, clock: Any) -> None:
    incident = claimed(incident_of(belize), ana)
    client = client_of(ana)
    client.post(url(incident, "reveal"))
    clock.shift(timedelta(minutes=3))
    client.get(url(incident))
    clock.shift(timedelta(minutes=2))
    client.get("/admin/queue/")
    clock.shift(timedelta(minutes=7))
    client.get(url(incident))

    day = Exposure.objects.get()
    assert (day.user, day.seconds, day.reveals) == (ana, 300, 1)


# --- Blanked words ----------------------------------------------------------------------------------------------------


# The search box of every page has an attribute of the name of the masked word.
SEARCH_HINT = 'placeholder="Number, address, host, page"'


@pytest.fixture
def worded(belize: Portal, sena: User) -> Incident:
    MaskedTerm.objects.create(text="placeholder", by=sena, at=NOW)
    return incident_of(
        belize,
        "https://bad.example.org/myplaceholders/1",
        details={"description": "A Placeholder <b>here</b>", "found_on": "other.example/theplaceholder/2"},
    )


def test_blanked_words_show_at_a_second_step_on_record(worded: Incident, ana: User) -> None:
    client = client_of(ana)
    assert client.post(url(worded, "show-masked-words")).status_code == 403
    client.post(url(worded, "reveal"), {"reason": "advice"})
    first = client.post(url(worded, "show-words"), follow=True)
    assert "hxxps://bad[.]example[.]org/my ▮▮▮▮ /1" in shown(first)
    assert "A ▮▮▮▮ &lt;b&gt;here&lt;/b&gt;" in shown(first)
    assert "other[.]example/the ▮▮▮▮ /2" in shown(first)
    assert "laceholder" not in first.content.decode().replace(SEARCH_HINT, "")
    assert "Show masked words" in shown(first)

    second = client.post(url(worded, "show-masked-words"), follow=True)
    assert second.redirect_chain == [(url(worded), 302)]
    assert "hxxps://bad[.]example[.]org/myplaceholders/1" in shown(second)
    assert "A Placeholder &lt;b&gt;here&lt;/b&gt;" in shown(second)
    assert "Show masked words" not in shown(second)
    reveals = AuditEvent.objects.filter(action="incident.reveal").order_by("number")
    assert [event.details for event in reveals] == [{"reason": "advice"}, {"words": True}, {"blanked": True}]
    # Hiding the incident ends it.
    client.get("/admin/queue/")
    again = client.post(url(worded, "reveal"), {"reason": "advice"}, follow=True)
    assert "laceholder" not in again.content.decode().replace(SEARCH_HINT, "")


def test_blanks_cost_one_query_of_a_revealed_page(worded: Incident, ana: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        Blanks.load()
    client = client_of(ana)
    client.post(url(worded, "reveal"), {"reason": "advice"})
    with CaptureQueriesContext(connection) as asked:
        client.get(url(worded))
    assert sum("maskedterm" in query["sql"] for query in asked.captured_queries) == 1


# --- The reporters' words ---------------------------------------------------------------------------------------------

SAID = "placeholder words of a reporter"


def worded_of(portal: Portal, **details: Any) -> Incident:
    return incident_of(portal, "https://bad.example.org/gallery/secret-name", details={"description": SAID, **details})


def test_words_are_revealed_by_a_second_key_on_record(belize: Portal, ana: User) -> None:
    incident, client = worded_of(belize), client_of(ana)
    assert client.post(url(incident, "show-words")).status_code == 403
    address = client.post(url(incident, "reveal"), {"reason": "advice"}, follow=True)
    assert DEFANGED in shown(address)
    assert SAID not in address.content.decode()
    assert f"Masked: {len(SAID)} characters of the reporter’s words." in shown(address)
    assert 'data-shortcut="R"' in address.content.decode()

    for _again in range(2):
        words = client.post(url(incident, "show-words"), follow=True)
        assert {DEFANGED in shown(words), SAID in shown(words), "Masked:" not in shown(words)} == {True}
        assert 'data-shortcut="R"' not in words.content.decode()
    reveals = AuditEvent.objects.filter(action="incident.reveal").order_by("number")
    assert [event.details for event in reveals] == [{"reason": "advice"}, {"words": True}]
    day = Exposure.objects.get()
    assert (day.reveals, day.addresses_read) == (2, 1)
    # Hiding the incident hides both.
    client.get("/admin/queue/")
    assert SAID not in client.post(url(incident, "reveal"), {"reason": "advice"}, follow=True).content.decode()


@pytest.mark.parametrize(
    "addresses",
    [
        "https://bad.example.org/gallery/secret-name",
        "https://bad.example.org/gallery/secret-name\nhttps://two.example.org/1, https://three.example.org/2",
    ],
)
def test_second_key_exists_only_where_there_are_words(belize: Portal, ana: User, addresses: str) -> None:
    report = report_of(belize, addresses)
    incident = Incident.objects.filter(sightings__report=report).order_by("pk")[0]
    page = client_of(ana).post(url(incident, "reveal"), {"reason": "advice"}, follow=True).content.decode()
    assert "[.]example[.]org/" in page
    assert "show-words" not in page
    assert "Masked:" not in page


@pytest.mark.parametrize(
    "details",
    [{"found_on": "placeholder"}, {"addresses": "https://bad.example.org/1 and then some"}, {"description": "x"}],
)
def test_second_key_exists_for_words_in_any_field(belize: Portal, ana: User, details: dict[str, str]) -> None:
    addresses = details.pop("addresses", "https://bad.example.org/1")
    incident = incident_of(belize, addresses, details=details)
    page = client_of(ana).post(url(incident, "reveal"), {"reason": "advice"}, follow=True).content.decode()
    assert 'id="show-words"' in page


def test_one_key_shows_the_words_that_may_name_the_danger_or_are_all_there_is(belize: Portal, ana: User) -> None:
    danger = worded_of(belize, facts=["child_in_danger"])
    urgent = incident_of(belize, "https://two.example/1", app={"facts": ["about_me"]}, details={"description": SAID})
    assert urgent.priority == URGENT
    alone = incident_of(belize, SAID)
    client = client_of(ana)
    for incident in (danger, urgent, alone):
        page = client.post(url(incident, "reveal"), {"reason": "advice"}, follow=True)
        assert SAID in shown(page)
        assert "show-words" not in page.content.decode()
        [event] = AuditEvent.objects.filter(action="incident.reveal", object_id=str(incident.pk))
        assert event.details == {"reason": "advice", "words": True}
    assert Exposure.objects.get().reveals == 3


def test_words_are_unfolded_by_their_own_key_alone(belize: Portal, ana: User) -> None:
    """After a verdict the reports are folded."""
    details = {"description": SAID, "facts": ["child_in_danger"]}
    said, danger = worded_of(belize), incident_of(belize, "https://two.example/1", details=details)
    client, unfolded = client_of(ana), r'<article class="card report"[^>]*>\s*<details class="part" open>'
    for incident in (said, danger):
        assessed_illegal(incident, ana)
        page = client.post(url(incident, "reveal"), {"reason": "acting"}, follow=True).content.decode()
        assert not re.search(unfolded, page)
    page = client.post(url(said, "reveal"), {"reason": "acting"}, follow=True).content.decode()
    page = client.post(url(said, "show-words"), follow=True).content.decode()
    assert re.search(unfolded, page)
    assert not re.search(unfolded, client.get(url(said)).content.decode())


@pytest.mark.parametrize("facts", [[], ["child_in_danger"]])
def test_row_of_a_sample_opens_words_as_the_incident_does(belize: Portal, ana: User, facts: list[str]) -> None:
    """The page of similar reports shows them as well: one key for both only where a child may be in danger."""
    incident, client = worded_of(belize, facts=facts), client_of(ana)
    client.post(url(incident, "reveal"), {"reason": "sample", "then": "flood"})
    page = client.get(url(incident))
    has_key = 'id="show-words"' in page.content.decode()
    assert (DEFANGED in shown(page), SAID in shown(page), has_key) == (True, bool(facts), not facts)
    [event] = AuditEvent.objects.filter(action="incident.reveal")
    assert event.details == {"reason": "sample"} | ({"words": True} if facts else {})


def test_characters_count_once_a_reveal_for_what_was_shown(belize: Portal, ana: User) -> None:
    incident, client = worded_of(belize), client_of(ana)
    report_of(belize, "https://bad.example.org/gallery/secret-name", details={"found_on": "elsewhere"})
    client.post(url(incident, "reveal"), {"reason": "advice"})
    assert Exposure.objects.get().characters_read == 0
    expected = len(DEFANGED)
    for _again in range(2):
        client.get(url(incident))
        assert Exposure.objects.get().characters_read == expected
    client.post(url(incident, "show-words"))
    expected += len(SAID) + len("elsewhere")
    for _again in range(2):
        client.get(url(incident))
        assert Exposure.objects.get().characters_read == expected
    # A report that comes meanwhile is read as well; and all of it after another reveal.
    report_of(belize, "https://bad.example.org/gallery/secret-name", details={"found_on": "new"})
    client.get(url(incident))
    assert Exposure.objects.get().characters_read == expected + len("new")
    client.get("/admin/queue/")
    client.post(url(incident, "reveal"), {"reason": "advice"}, follow=True)
    assert Exposure.objects.get().characters_read == expected + len("new") + len(DEFANGED)


def test_characters_of_related_addresses_count(belize: Portal, ana: User) -> None:
    one, two = (incident_of(belize, f"https://bad.example.org/{number}") for number in ("one", "two"))
    client = client_of(ana)
    client.post(url(one, "reveal"), {"reason": "advice"}, follow=True)
    before = Exposure.objects.get().characters_read
    for _again in range(2):
        client.post(url(one, "show-related"), follow=True)
    assert Exposure.objects.get().characters_read == before + len("https://bad.example.org/two")
    assert AuditEvent.objects.filter(action="incident.reveal", object_id=str(two.pk)).count() == 1


# --- The whole address ------------------------------------------------------------------------------------------------

WHOLE = "https://bad.example.org/gallery/secret-name"


def test_whole_address_is_shown_once_after_a_confirmation_on_record(holder: Client, incident: Incident) -> None:
    refused = holder.post(url(incident, "copy"))
    assert refused.status_code == 422
    assert "Confirm where you will open it." in shown(refused)
    assert WHOLE not in refused.content.decode()
    page = holder.post(url(incident, "copy"), {"isolated": "on"}, follow=True)

    assert page.redirect_chain == [(url(incident), 302)]
    source = page.content.decode()
    [field] = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", source[source.index('id="copied"') :])[:1]
    assert field == WHOLE
    assert source.count(WHOLE) == 1
    assert re.search(r'<textarea id="whole-address"\s+readonly', source)
    # Neither after a reload nor on the next page.
    assert WHOLE not in holder.get(url(incident)).content.decode()
    events = AuditEvent.objects.filter(action="incident.copy")
    assert [(event.actor, event.details) for event in events] == [("ana", {})]


def test_whole_address_needs_the_incident_revealed_and_an_address(
    incident: Incident, belize: Portal, ana: User
) -> None:
    client = client_of(ana)
    assert client.post(url(incident, "copy"), {"isolated": "on"}).status_code == 403
    words = incident_of(belize, "no address at all")
    page = client.post(url(words, "reveal"), {"reason": "advice"}, follow=True)
    assert "Copy the full address" not in shown(page)
    refused = client.post(url(words, "copy"), {"isolated": "on"})
    assert refused.status_code == 403
    assert "There is no address to copy." in shown(refused)
    assert not AuditEvent.objects.filter(action="incident.copy").exists()


def test_what_may_lead_to_a_person_is_pointed_out(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "https://bad.example.org/gallery?invite=placeholder")
    client = client_of(ana)
    client.post(url(incident, "reveal"), {"reason": "advice"})
    page = client.post(url(incident, "copy"), {"isolated": "on"}, follow=True)

    assert "This address may identify the reporter or a person they know: invitation. Redact it" in shown(page)


def test_page_disables_dns_prefetching(ana: User) -> None:
    page = client_of(ana).get("/admin/queue/")
    assert page.headers["X-DNS-Prefetch-Control"] == "off"
    assert re.findall(r'rel="[^"]*(?:prefetch|preload|preconnect|prerender)', page.content.decode()) == []
