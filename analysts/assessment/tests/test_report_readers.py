"""A report in a language that the analyst does not work in: who reads it, and handing it over."""

from typing import Any

import pytest
from django.test import Client

from analysts.models import Incident, User
from analysts.pages.tests.test_incident_page import shown, url
from analysts.tests.factories import claimed, incident_of
from countries.models import Portal
from tests.rig.fixtures import client_of

# As `shown` writes it, with a space for each tag.
SAID = "The reporter wrote in Spanish , which you do not work in."
ADDRESS = "https://bad.example.org/gallery/1"
WORDS = {"description": "palabras de ejemplo"}


@pytest.fixture
def incident(belize: Portal, ana: User) -> Incident:
    """Ana's, who works in English."""
    return claimed(incident_of(belize, ADDRESS, details=WORDS, language="es"), ana)


@pytest.fixture
def reader(belize: Portal, ben: User) -> User:
    """Ben reads Spanish for the portal, and signs in."""
    ben.portals.add(belize)
    ben.language = "es"
    ben.save(update_fields=["language"])
    client_of(ben)
    return ben


def revealed(client: Client, incident: Incident) -> Any:
    return client.post(url(incident, "reveal"), {"reason": "advice"}, follow=True)


def test_page_names_who_reads_the_words_and_one_key_hands_over(incident: Incident, ana: User, reader: User) -> None:
    client = client_of(ana)
    # Whether there are words is known once the address is revealed.
    assert "which you do not work in" not in shown(client.get(url(incident)))
    page = revealed(client, incident)
    assert f"{SAID} It is read by: {reader}" in shown(page)
    source = page.content.decode()
    assert f'name="to" value="{reader.pk}" data-shortcut="Z"' in " ".join(source.split())
    assert client.post(url(incident, "hand-over"), {"to": reader.pk, "fence": incident.fence}).status_code == 302

    incident.refresh_from_db()
    assert incident.claimed_by == reader
    assert "which you do not work in" not in shown(revealed(client_of(reader), incident))


def test_page_says_that_nobody_reads_them(incident: Incident, ana: User, reader: User, zambia: Portal) -> None:
    # Ben reads Spanish for another portal.
    reader.portals.set([zambia])
    page = revealed(client_of(ana), incident)
    assert f"{SAID} No colleague of this portal who could take the incident over works in it." in shown(page)
    assert 'data-shortcut="Z"' not in page.content.decode()


@pytest.mark.parametrize("change", [{"last_login": None}, {"is_active": False}, {"language": "fr"}, {"language": ""}])
def test_who_cannot_read_them_is_not_named(
    incident: Incident, ana: User, reader: User, change: dict[str, Any], settings: Any
) -> None:
    settings.DEMO = False
    client = client_of(ana)
    assert "It is read by:" in shown(revealed(client, incident))
    User.objects.filter(pk=reader.pk).update(**change)
    assert "It is read by:" not in shown(client.get(url(incident)))


@pytest.mark.parametrize(
    "sent", [{"language": "es"}, {"details": WORDS, "language": "en"}], ids=["no words", "own language"]
)
def test_page_says_nothing_without_words_in_another_language(
    sent: dict[str, Any], belize: Portal, ana: User, reader: User
) -> None:
    incident = claimed(incident_of(belize, ADDRESS, **sent), ana)
    assert "which you do not work in" not in shown(revealed(client_of(ana), incident))


def test_words_that_one_key_shows_say_so_before_it(belize: Portal, ana: User, reader: User) -> None:
    incident = claimed(incident_of(belize, "palabras de ejemplo", language="es"), ana)
    assert SAID in shown(client_of(ana).get(url(incident)))


def test_incident_that_is_not_claimed_is_not_handed_over(belize: Portal, ana: User, reader: User) -> None:
    incident = incident_of(belize, ADDRESS, details=WORDS, language="es")
    page = revealed(client_of(ana), incident)
    assert "It is read by:" in shown(page)
    assert 'data-shortcut="Z"' not in page.content.decode()
