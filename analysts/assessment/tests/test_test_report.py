"""An operator's test report: sent by the portal's own form, recognised by intake, otherwise an ordinary incident."""

import pytest

from analysts.models import Incident
from analysts.tests.factories import report_of
from audit.models import AuditEvent
from countries.models import Portal


def address_of(portal: Portal) -> str:
    return f"https://{portal.test_code}.test-report.invalid/"


def with_test_report() -> set[str]:
    return set(Portal.objects.exclude(tested_on=None).values_list("slug", flat=True))


def test_test_report_is_noted_and_an_incident_like_any_other(belize: Portal, zambia: Portal) -> None:
    report = report_of(belize, address_of(belize))

    assert with_test_report() == {"bz"}
    assert Incident.objects.get(sightings__report=report).state == "waiting"
    [event] = AuditEvent.objects.all()
    assert (event.action, event.actor, event.portal, event.details) == ("portal.tested", "", "bz", {})


def test_test_report_sent_twice_is_noted_once(belize: Portal) -> None:
    report_of(belize, address_of(belize))
    report_of(belize, address_of(belize))
    assert AuditEvent.objects.count() == 1


def test_test_report_through_another_portal_proves_nothing(belize: Portal, zambia: Portal) -> None:
    report_of(zambia, address_of(belize))
    assert with_test_report() == set()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/{code}.test-report.invalid/",
        "https://a.{code}.test-report.invalid/",
        "https://{code}.test-report.invalid.example.org/",
        "https://x{code}.test-report.invalid/",
        "https://test-report.invalid/",
    ],
)
def test_other_addresses_are_no_test_report(belize: Portal, address: str) -> None:
    report_of(belize, address.format(code=belize.test_code))
    assert with_test_report() == set()
