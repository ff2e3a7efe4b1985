"""The abuse contact that a trace found: proposed on the page, in bulk and by file, and verified by a second person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from analysts.handoff.results import import_results
from analysts.models import BatchKind, Incident, Recipient, RecipientKind, User
from analysts.models.recipient import Channel, ContactSource
from analysts.takedown.recipients.actions import verify
from analysts.takedown.tracing.actions import trace_by_methods
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, WHOIS, illegal, now, traced
from analysts.tests.batches import drawn_by, moment, opened, result, result_lines, results_of, workstation_for_batches
from analysts.tests.places import host
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied
from tests.rig.fixtures import client_of

__all__ = ["illegal", "now"]

CONTACT = {"contact": "abuse@alpha.example", "contact_source": "rdap"}
PLACE = {"country": "NL", "provider": "Alpha Hosting"}
type Enter = Callable[[User, Incident, datetime], None]


def by_page(by: User, incident: Incident, _now: datetime) -> None:
    sent = PLACE | CONTACT | {"methods": ["dns", "bgp"]}
    assert client_of(by).post(f"/admin/incidents/{incident.pk}/trace/", sent).status_code == 302


def in_bulk(by: User, incident: Incident, _now: datetime) -> None:
    """With the fields that the preview sends again."""
    client, url = client_of(by), f"/admin/incidents/{incident.pk}/trace-host/"
    preview = client.post(url, PLACE | CONTACT | {"methods": ["dns"]}).context
    hidden: dict[str, Any] = {name: value for name, value in preview["hidden_fields"] if name != "methods"}
    chosen = [row.value for row in preview["preview"].included]
    sent = hidden | {"methods": ["dns"], "incident": chosen, "confirmed": "1"}
    assert client.post(url, sent).status_code == 302


def by_file(by: User, _incident: Incident, at: datetime) -> None:
    batch = opened(drawn_by(by, workstation_for_batches(), now=at, kind=BatchKind.TRACES), now=at)
    traces = [{"method": method, "at": moment(at), **PLACE, **CONTACT} for method in ("dns", "bgp")]
    content = results_of(batch, [result(batch.incidents[0], traces=traces)], now=at)
    assert result_lines(import_results(by=by, content=content, now=at)) == [("taken", "")]


@pytest.mark.parametrize("enter", [by_page, in_bulk, by_file])
def test_contact_of_a_trace_is_proposed_and_verified_by_another_person(
    illegal: Incident, ana: User, sena: User, now: datetime, enter: Enter
) -> None:
    enter(sena, illegal, now)
    provider = Recipient.objects.get(name="Alpha Hosting")
    assert (provider.email, provider.changed_by, provider.is_usable) == ("abuse@alpha.example", sena, False)
    assert provider.source.startswith("registration data (RDAP), 20")
    # Once, however many methods named it.
    assert AuditEvent.objects.filter(action="recipient.change", object_id=str(provider.pk)).count() == 1
    page = client_of(ana).get(f"/admin/incidents/{illegal.pk}/", ALL_OPEN).content.decode()
    assert "abuse@alpha.example, proposed by sena." in page
    assert f"/admin/recipients/{provider.pk}/" in page
    with pytest.raises(Denied, match="A second person"):
        verify(by=sena, recipient=provider, digest_on_page=provider.value_digest(), now=now)


def test_proposed_contact_is_usable_once_verified(illegal: Incident, ana: User, sena: User, now: datetime) -> None:
    traced(illegal, ana, now, DNS, **CONTACT)
    provider = Recipient.objects.get(name="Alpha Hosting")
    verify(by=sena, recipient=provider, digest_on_page=provider.value_digest(), now=now)
    provider.refresh_from_db()
    assert (provider.is_usable, provider.verified_by) == (True, sena)
    page = client_of(ana).get(f"/admin/incidents/{illegal.pk}/", ALL_OPEN).content.decode()
    assert "proposed by" not in page
    # A later trace does not change what is verified.
    traced(illegal, sena, now, BGP, contact="other@alpha.example", contact_source="registry")
    provider.refresh_from_db()
    assert (provider.email, provider.is_usable) == ("abuse@alpha.example", True)
    assert (provider.proposed_email, provider.proposed_by) == ("other@alpha.example", sena)


KNOWN: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"email": "desk@alpha.example"}, False),
    ({"channel": Channel.LINK, "form_address": "alpha.example/abuse"}, False),
    ({"channel": Channel.BY_HAND}, False),
    ({"channel": Channel.XARF}, True),
    ({"closed_on": "2026-01-01"}, False),
]


@pytest.mark.parametrize(("known", "is_entered"), KNOWN)
def test_contact_is_entered_for_a_provider_in_use_without_one_and_waits_elsewhere(
    illegal: Incident, ana: User, now: datetime, known: dict[str, Any], is_entered: bool
) -> None:
    provider = Recipient.objects.create(kind=RecipientKind.HOST, name="Alpha Hosting", **known)
    traced(illegal, ana, now, DNS, **CONTACT)
    provider.refresh_from_db()
    assert (provider.email == "abuse@alpha.example", provider.changed_by == ana) == (is_entered, is_entered)
    waiting = ("", None) if is_entered else ("abuse@alpha.example", ana)
    assert (provider.proposed_email, provider.proposed_by) == waiting


def test_contact_that_is_known_already_is_not_proposed(illegal: Incident, ana: User, now: datetime) -> None:
    provider = Recipient.objects.create(kind=RecipientKind.HOST, name="Alpha Hosting", email="Abuse@Alpha.example")
    traced(illegal, ana, now, DNS, **CONTACT)
    provider.refresh_from_db()
    assert (provider.email, provider.proposed_email) == ("Abuse@Alpha.example", "")


@pytest.mark.parametrize("takes", ["yes", "no"])
def test_other_contact_is_shown_and_decided_by_a_second_person(
    illegal: Incident, ana: User, sena: User, olga: User, now: datetime, takes: str
) -> None:
    provider = host("Alpha Hosting", verified_by=olga)
    url = f"/admin/recipients/{provider.pk}/"
    traced(illegal, sena, now, DNS, **CONTACT)
    section = client_of(ana).get(f"/admin/incidents/{illegal.pk}/", ALL_OPEN).content.decode()
    assert "Another abuse contact, abuse@alpha.example, was found by sena." in section
    shown = client_of(olga).get(url)
    assert "Until a second person decides, letters go to <strong>host@example.org</strong>." in shown.content.decode()
    assert "1 recipient waits for a second person" in client_of(olga).get("/admin/").content.decode()
    assert "Alpha Hosting" in client_of(olga).get("/admin/recipients/?state=wanted").content.decode()
    sent = {"takes": takes, **shown.context["contact_form"].initial}

    # The person who found it may only keep the known one, and an analyst decides nothing.
    assert client_of(ana).post(f"{url}contact/", sent).status_code == 403
    if takes == "yes":
        refused = client_of(sena).post(f"{url}contact/", sent, follow=True)
        assert "You proposed this contact. A second person has to decide." in refused.content.decode()
    changed = client_of(olga).post(f"{url}contact/", sent | {"email": "third@alpha.example"}, follow=True)
    assert "have changed since you opened the page" in changed.content.decode()
    provider.refresh_from_db()
    assert (provider.email, provider.is_usable) == ("host@example.org", True)

    client_of(olga).post(f"{url}contact/", sent)
    provider.refresh_from_db()
    assert (provider.email, provider.changed_by, provider.verified_by) == (
        ("abuse@alpha.example", sena, olga) if takes == "yes" else ("host@example.org", None, olga)
    )
    assert (provider.is_usable, provider.proposed_email, provider.proposed_by) == (True, "", None)
    event = AuditEvent.objects.get(action="recipient.decide_contact")
    assert event.details["taken"] is (takes == "yes")
    assert client_of(olga).post(f"{url}contact/", sent, follow=True).context["messages"]
    assert AuditEvent.objects.filter(action="recipient.decide_contact").count() == 1


def test_contact_at_the_reported_site_is_refused(illegal: Incident, ana: User, now: datetime) -> None:
    """A recipient's address is stored in clear, and shown to operators."""
    at_site = {"contact": "abuse@example.org", "contact_source": "provider_site"}
    with pytest.raises(Denied, match="at the reported site"):
        trace_by_methods(by=ana, incident=illegal, methods=[DNS, WHOIS], at=now, now=now, **PLACE, **at_site)
    assert not Recipient.objects.filter(name="Alpha Hosting").exists()


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    [
        ({"contact": "abuse@alpha.example"}, False),
        ({"contact_source": "rdap"}, False),
        ({"contact": "abuse", "contact_source": "rdap"}, False),
        ({"contact": "abuse@alpha.example", "contact_source": "guess"}, False),
        *(({"contact": "abuse@alpha.example", "contact_source": source}, True) for source in ContactSource.values),
        ({}, True),
    ],
)
def test_contact_comes_with_where_it_was_found(
    illegal: Incident, ana: User, now: datetime, typed: dict[str, str], is_taken: bool
) -> None:
    """On the page and in a file alike."""
    answer = client_of(ana).post(f"/admin/incidents/{illegal.pk}/trace/", PLACE | typed | {"methods": "dns"})
    assert (answer.status_code == 302) is is_taken
    batch = opened(drawn_by(ana, workstation_for_batches(), now=now, kind=BatchKind.TRACES), now=now)
    trace = {"method": "bgp", "at": moment(now - timedelta(minutes=1)), **PLACE, **typed}
    line = result(batch.incidents[0], traces=[trace])
    [(outcome, _reason)] = result_lines(import_results(by=ana, content=results_of(batch, [line], now=now), now=now))
    assert (outcome == "taken") is is_taken
