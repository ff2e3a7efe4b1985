"""The IP address that a letter states: of the newest trace of the agreed hosting, and of no other place."""

from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysts.assessment import actions
from analysts.models import Incident, User
from analysts.takedown.facts.network_addresses import open_network_addresses
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, HEADERS, WHOIS, illegal, now, reload_incident, traced
from analysts.tests.batches import illegal_incidents
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal
from countries.models import Portal

__all__ = ["illegal", "now"]

OLD, NEW, OTHER = "192.0.2.7", "198.51.100.9", "2001:db8::7"


def opened(incident: Incident) -> str:
    return open_network_addresses([reload_incident(incident)])[incident.pk]


def test_newest_trace_of_the_agreed_hosting_counts(illegal: Incident, ana: User, now: datetime) -> None:
    minute = timedelta(minutes=1)
    assert opened(illegal) == ""
    traced(illegal, ana, now - 9 * minute, DNS, ip=OLD)
    # Before three methods agree, the address of any trace is better than none.
    assert opened(illegal) == OLD
    traced(illegal, ana, now - 8 * minute, WHOIS, BGP)
    assert opened(illegal) == OLD
    traced(illegal, ana, now - 7 * minute, DNS, ip=NEW)
    assert opened(illegal) == NEW
    # Another place is not the host that the letter goes to.
    traced(illegal, ana, now - 6 * minute, HEADERS, provider="Beta Hosting", ip=OTHER)
    assert opened(illegal) == NEW
    traced(illegal, ana, now - 5 * minute, DNS, BGP, provider="Beta Hosting")
    assert opened(illegal) == OTHER


def test_address_of_an_earlier_takedown_is_not_stated(illegal: Incident, ana: User, now: datetime) -> None:
    traced(illegal, ana, now - timedelta(minutes=30), DNS, WHOIS, BGP, ip=OLD)
    found_gone(reload_incident(illegal), ana, now=now - timedelta(minutes=20))
    actions.reopen(by=ana, incident=reload_incident(illegal), now=now - timedelta(minutes=10))
    assessed_illegal(reload_incident(illegal), ana, now=now - timedelta(minutes=9))
    assert opened(illegal) == ""
    traced(illegal, ana, now, DNS, ip=NEW)
    assert opened(illegal) == NEW


def test_number_of_queries_does_not_grow(belize: Portal, ana: User, now: datetime) -> None:
    incidents = [incident for _number in range(5) for incident in illegal_incidents(belize, ana, now=now)]
    for incident in incidents:
        traced(incident, ana, now, DNS, WHOIS, ip=OLD)
    for number in (1, 5):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            addresses = open_network_addresses([reload_incident(incident) for incident in incidents[:number]])
        assert (list(addresses.values()), len(queries) - number) == ([OLD] * number, 2)
