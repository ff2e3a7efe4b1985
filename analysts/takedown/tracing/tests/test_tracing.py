"""Recording hosting traces: permissions, stored data, audit events and the agreed hosting."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import UndoReason
from analysts.models import Chase, HostingTrace, Incident, Recipient, RecipientKind, TraceMethod, User
from analysts.takedown.facts.trace_consensus import find_agreed_hosting
from analysts.takedown.tracing.actions import trace
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, incident_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal

DNS, WHOIS, BGP, HEADERS = (
    TraceMethod.DNS,
    TraceMethod.WHOIS_ADDRESS,
    TraceMethod.BGP,
    TraceMethod.HEADERS,
)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def illegal(belize: Portal, ana: User, now: datetime) -> Incident:
    """An incident at https://example.org/gallery with an illegal verdict of an hour ago."""
    incident = incident_of(belize, now=now - timedelta(hours=2))
    assessed_illegal(incident, ana, now=now - timedelta(hours=1))
    return incident


def traced(incident: Incident, by: User, now: datetime, *methods: TraceMethod, **more: Any) -> list[HostingTrace]:
    """Record one trace per method, to Alpha Hosting in the Netherlands unless `more` overrides it."""
    place = {"country": "NL", "provider": "Alpha Hosting", "at": now, **more}
    return [trace(by=by, incident=incident, method=method, now=now, **place) for method in methods]


def reload_incident(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def chase_of(incident: Incident) -> Chase:
    return incident.chases.get(ended_at=None)


def test_trace_is_kept_and_on_record_without_names(illegal: Incident, ana: User, now: datetime) -> None:
    found_at = now - timedelta(minutes=5)
    [kept] = traced(illegal, ana, now, DNS, at=found_at, network="AS64496 Example Net", note="twice")
    kept.refresh_from_db()
    assert (kept.method, kept.country, kept.network, kept.note) == ("dns", "NL", "AS64496 Example Net", "twice")
    assert (kept.at, kept.recorded_at, kept.by, kept.source) == (found_at, now, ana, None)
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.portal, event.at) == ("incident.trace", "ana", "bz", now)
    assert event.details == {"method": "dns", "country": "NL", "provider": str(kept.provider_id)}


def test_unknown_provider_is_made_unverified_and_known_one_found(illegal: Incident, ana: User, now: datetime) -> None:
    known = Recipient.objects.create(kind=RecipientKind.HOST, name="Beta Hosting")
    [first] = traced(illegal, ana, now, DNS)
    [second] = traced(illegal, ana, now, WHOIS, provider="BETA hosting")
    assert (first.provider.name, first.provider.kind, first.provider.is_usable) == ("Alpha Hosting", "host", False)
    assert second.provider == known


def test_three_methods_settle_the_chase(illegal: Incident, ana: User, now: datetime) -> None:
    Chase.objects.update(due_at=now + timedelta(days=1))
    traced(illegal, ana, now - timedelta(minutes=1), DNS, WHOIS)
    chase = chase_of(illegal)
    assert (chase.country, chase.provider, chase.trace, chase.traced_at) == ("", None, 0, None)
    # The chase is still checked by the next run, because it has new traces.
    assert chase.due_at == now - timedelta(minutes=1)
    assert find_agreed_hosting(illegal) is None

    [third] = traced(illegal, ana, now, BGP, network="AS64496 Example Net")
    chase = chase_of(illegal)
    assert (chase.country, chase.provider, chase.network) == ("NL", third.provider, "AS64496 Example Net")
    assert (chase.trace, chase.traced_at, chase.due_at) == (1, now, now)


def test_same_place_again_is_no_other_trace_and_another_place_is(illegal: Incident, ana: User, now: datetime) -> None:
    traced(illegal, ana, now - timedelta(minutes=9), DNS, WHOIS, BGP)
    traced(illegal, ana, now - timedelta(minutes=8), DNS, HEADERS)
    chase = chase_of(illegal)
    assert (chase.trace, chase.traced_at) == (1, now - timedelta(minutes=8))

    traced(illegal, ana, now - timedelta(minutes=7), DNS, WHOIS, provider="Beta Hosting")
    # While the traces disagree, the previously agreed hosting is kept.
    assert find_agreed_hosting(illegal) is None
    assert (chase_of(illegal).trace, str(chase_of(illegal).provider)) == (1, "Alpha Hosting")
    traced(illegal, ana, now - timedelta(minutes=6), BGP, provider="Beta Hosting")
    assert (chase_of(illegal).trace, str(chase_of(illegal).provider)) == (2, "Beta Hosting")
    # Moving back counts as another trace: the confirmed route was for the first one only.
    traced(illegal, ana, now, DNS, WHOIS, BGP)
    assert (chase_of(illegal).trace, str(chase_of(illegal).provider)) == (3, "Alpha Hosting")


def test_reopened_incident_is_traced_again(illegal: Incident, ana: User, now: datetime) -> None:
    traced(illegal, ana, now - timedelta(minutes=30), DNS, WHOIS, BGP)
    incident = Incident.objects.get(pk=illegal.pk)
    found_gone(incident, ana, now=now - timedelta(minutes=20))
    # A closed incident's page still shows the hosting.
    assert find_agreed_hosting(reload_incident(illegal)) is not None
    actions.reopen(by=ana, incident=incident, now=now - timedelta(minutes=10))
    assessed_illegal(reload_incident(illegal), ana, now=now - timedelta(minutes=9))
    assert find_agreed_hosting(reload_incident(illegal)) is None
    traced(illegal, ana, now, HEADERS)
    assert (find_agreed_hosting(reload_incident(illegal)), chase_of(illegal).trace) == (None, 0)
    traced(illegal, ana, now, DNS, WHOIS)
    assert chase_of(illegal).trace == 1


def test_traces_outlive_a_verdict_that_was_taken_back(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize, now=now - timedelta(hours=2))
    verdict = assessed_illegal(incident, ana, now=now)
    traced(incident, ana, now, DNS, WHOIS, BGP)
    undone = actions.undo(by=ana, incident=incident, assessment=verdict, reason=UndoReason.SLIP, now=now)
    assert not incident.chases.exists()

    actions.release(by=ana, incident=undone, fence=undone.fence)
    assessed_illegal(undone, ana, now=now)
    chase = chase_of(incident)
    # No fourth trace is needed before a route can be confirmed.
    assert (chase.trace, chase.country, str(chase.provider)) == (1, "NL", "Alpha Hosting")
    assert find_agreed_hosting(reload_incident(incident)) is not None


@pytest.mark.parametrize("role", ["olga", "petra", "axel", "willa", "adam", "ben"])
def test_others_may_not_trace(illegal: Incident, now: datetime, role: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied):
        traced(illegal, request.getfixturevalue(role), now, DNS)
    assert not HostingTrace.objects.exists()
    assert not Recipient.objects.exists()


def test_what_was_not_found_illegal_or_is_over_is_not_traced(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize)
    with pytest.raises(Denied, match="Only open incidents"):
        traced(incident, ana, now, DNS)
    assessed_illegal(incident, ana)
    found_gone(incident, ana)
    with pytest.raises(Denied, match="can be traced"):
        traced(incident, ana, timezone.now(), DNS)


@pytest.mark.parametrize(
    ("off", "why"), [(timedelta(minutes=6), "is in the future"), (-timedelta(days=2), "before the first report")]
)
def test_moments_that_cannot_be_are_refused(
    illegal: Incident, ana: User, now: datetime, off: timedelta, why: str
) -> None:
    with pytest.raises(Denied, match=why):
        traced(illegal, ana, now, DNS, at=now + off)


def test_clock_that_is_a_little_fast_finds_out_now(illegal: Incident, ana: User, now: datetime) -> None:
    [kept] = traced(illegal, ana, now, DNS, at=now + timedelta(minutes=4))
    assert kept.at == now


@pytest.mark.parametrize(
    "said",
    [
        {"note": "see https://example.org/gallery"},
        {"note": "from 2001:db8::7, port 80"},
        {"note": "at 192.0.2.7"},
        {"network": "192.0.2.0/24"},
        {"network": "AS64496 2001:db8::/32"},
        {"network": "example.org"},
        # The reported host, and addresses that are more than a host.
        {"provider": "example.org"},
        {"provider": "EXAMPLE.ORG."},
        {"provider": "example.com/gallery"},
        {"provider": "192.0.2.7"},
        {"provider": "2001:db8::7"},
    ],
)
def test_nothing_that_is_kept_in_clear_names_an_address(
    illegal: Incident, ana: User, now: datetime, said: dict[str, str]
) -> None:
    with pytest.raises(Denied) as denied:
        traced(illegal, ana, now, DNS, **said)
    # The reason does not quote the address either.
    assert not any(word in str(denied.value.reason) for word in ("192.", "2001:", "example.", "EXAMPLE"))
    assert not HostingTrace.objects.exists()


def test_provider_may_be_called_like_its_own_site(illegal: Incident, ana: User, now: datetime) -> None:
    [kept] = traced(illegal, ana, now, DNS, provider="Hosting.example.com, Inc.")
    assert str(kept.provider) == "Hosting.example.com, Inc."
