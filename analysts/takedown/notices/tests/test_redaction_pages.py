"""Tests of the redaction section: shown in full only while the incident is revealed, and confirmed in one click."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from analysts.models import Incident, MaskedTerm, NextStep, Redaction, User
from analysts.takedown.facts import redaction
from analysts.tests.cases.there import HOUR
from analysts.tests.factories import assessed_illegal, incident_of
from countries.models import Portal
from tests.rig.fixtures import client_of

PERSONAL = "https://example.org/gallery/petra@example.org/?share_id=one&page=2&sid=two"


def url(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/{act}"


def section(page: Any) -> str:
    """The text of the section; "" if the page has none."""
    found = re.search(r'<section class="card" id="redaction".*?</section>', page.content.decode(), re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", found[0]).split())) if found else ""


def source(page: Any) -> str:
    return html.unescape(page.content.decode().partition('id="redaction"')[2].partition("</section>")[0])


@pytest.fixture
def personal(belize: Portal, ana: User) -> Incident:
    return assessed_illegal(incident_of(belize, PERSONAL), ana).incident


@pytest.fixture
def reading(personal: Incident, ana: User) -> Client:
    """Ana's client, with the incident revealed."""
    client = client_of(ana)
    client.post(url(personal, "reveal/"), {"reason": "advice"})
    return client


def test_while_it_is_masked_nothing_of_it_is_shown_and_nothing_can_be_said(personal: Incident, ana: User) -> None:
    client = client_of(ana)
    page = client.get(url(personal))
    assert (
        "The address may identify the reporter or a person they know: id of the person who shared it; session or "
        "sign-in; e-mail address or user name." in section(page)
    )
    assert "Reveal the address to decide." in section(page)
    assert "share_id" not in page.content.decode()

    page = client.post(url(personal, "redaction/"), {"how": "whole"}, follow=True)
    assert "The address is masked. Reveal it, then confirm the redaction again." in page.content.decode()
    assert not Redaction.objects.exists()


def test_what_was_found_is_marked_and_ticked(personal: Incident, reading: Client) -> None:
    shown = source(reading.get(url(personal)))
    assert re.findall(r"<mark>(.*?)</mark>", shown) == ["petra@example[.]org", "share_id=one", "sid=two"]
    assert shown.count("checked") == 3
    assert "id of the person who shared it: share_id=one" in shown
    # The first button is the one that the Enter key presses.
    assert re.findall(r"<button[^>]*", shown[shown.index("<form") :])[0].endswith('value="without"')
    assert "https://" not in shown


def test_only_the_form_of_the_due_step_is_open(personal: Incident, reading: Client) -> None:
    opened = r'<section class="card" id="(\w+)"[^>]*>\s*<details class="part" open>'
    assert re.findall(opened, reading.get(url(personal)).content.decode()) == ["hosting"]
    NextStep.objects.filter(incident=personal).update(review_at=timezone.now() + timedelta(days=1))
    assert re.findall(opened, reading.get(url(personal)).content.decode()) == ["redaction"]


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ({"how": "whole", "cut": ["28-45"]}, PERSONAL),
        ({"how": "without", "cut": ["28-45", "47-59", "67-74"]}, "https://example.org/gallery/?page=2"),
        ({"how": "without", "cut": ["67-74"]}, PERSONAL.removesuffix("&sid=two")),
        ({"how": "typed", "typed": "hxxps://example[.]org/gallery/"}, "https://example.org/gallery/"),
    ],
)
def test_one_click_says_what_leaves(personal: Incident, reading: Client, sent: Any, address: str) -> None:
    page = reading.post(url(personal, "redaction/"), sent, follow=True)
    assert page.redirect_chain == [(f"{url(personal)}#redaction", 302)]
    assert "Redaction confirmed." in page.content.decode()
    assert "Confirmed by ana, " in section(page).replace("Ana", "ana")
    assert redaction.address_to_share(Incident.objects.get(pk=personal.pk)) == address
    assert "Change the redaction" in section(page)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "Press one of the buttons."),
        ({"how": "without"}, "Tick the parts to leave out, or send the address in full."),
        ({"how": "without", "cut": ["0-9"]}, "Select a valid choice."),
        ({"how": "typed", "typed": ""}, "This is not the reported address with parts left out."),
        ({"how": "typed", "typed": "hxxps://example[.]net/"}, "This is not the reported address"),
    ],
)
def test_a_refused_form_comes_back_as_it_was(personal: Incident, reading: Client, sent: Any, message: str) -> None:
    page = reading.post(url(personal, "redaction/"), sent)
    assert page.status_code == 422
    assert message in section(page)
    assert sent.get("typed", "") in source(page)
    assert not Redaction.objects.exists()


def test_what_left_cannot_be_changed_any_more(
    personal: Incident, reading: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading.post(url(personal, "redaction/"), {"how": "whole"})
    monkeypatch.setattr("analysts.takedown.notices.redaction_review.has_left", lambda incident: True)
    page = reading.get(url(personal))
    assert "The address is sent in full." in section(page)
    assert "This address has already been sent in this form" in section(page)
    assert "<form" not in source(page)


def test_where_nothing_looks_personal_it_leaves_and_can_be_shortened(belize: Portal, ana: User) -> None:
    plain = assessed_illegal(incident_of(belize, "https://example.org/gallery?page=2"), ana).incident
    client = client_of(ana)
    assert "The address is sent as stored" in section(client.get(url(plain)))
    client.post(url(plain, "reveal/"), {"reason": "advice"})
    assert "Redact the address anyway" in section(client.get(url(plain)))
    client.post(url(plain, "redaction/"), {"how": "typed", "typed": "hxxps://example[.]org/gallery"})
    assert redaction.address_to_share(Incident.objects.get(pk=plain.pk)) == "https://example.org/gallery"


def test_before_a_verdict_and_without_an_address_there_is_no_section(belize: Portal, ana: User) -> None:
    client = client_of(ana)
    for incident in (incident_of(belize, PERSONAL), assessed_illegal(incident_of(belize, "words alone"), ana).incident):
        assert section(client.get(url(incident))) == ""


def test_masked_words_stay_blank_in_it(personal: Incident, reading: Client, ana: User) -> None:
    MaskedTerm.objects.create(text="gallery", by=ana, at=HOUR)
    MaskedTerm.objects.create(text="petra", by=ana, at=HOUR)
    shown = source(reading.get(url(personal)))
    assert "gallery" not in shown
    assert "petra" not in shown
    assert 'role="img" aria-label="masked word"' in shown
