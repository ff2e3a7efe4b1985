"""What of an address may leave the house, and who said so."""

import pytest

from analysts.models import Incident
from analysts.models.notice import TokenKind
from analysts.notices import outgoing
from analysts.tests.factories import incident_of
from countries.models import Portal

PERSONAL = "https://example.org/gallery?share_id=one&page=2"


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def test_address_leaves_normalised_where_nothing_looks_personal(belize: Portal) -> None:
    incident = incident_of(belize, "https://EXAMPLE.org/gallery?utm_source=one&page=2")
    assert outgoing.address(incident) == "https://example.org/gallery?page=2"


def test_address_does_not_leave_while_nobody_has_confirmed_it(belize: Portal) -> None:
    incident = incident_of(belize, PERSONAL)
    with pytest.raises(outgoing.Unconfirmed) as refused:
        outgoing.address(incident)
    assert refused.value.found == [TokenKind.SHARE]
    # Exceptions are logged.
    assert "one" not in repr(refused.value)


def test_address_that_cannot_be_opened_does_not_leave(belize: Portal) -> None:
    for incident in (incident_of(belize, "words without any"), incident_of(belize)):
        Incident.objects.filter(pk=incident.pk).update(sealed_address=b"")
        with pytest.raises(outgoing.Unreadable):
            outgoing.address(fresh(incident))
