"""Police holds: which notices they block, and until when."""

from datetime import UTC, date, datetime, timedelta

from analysts.models import Clearance, Incident, PoliceHold, Recipient, RecipientKind, User
from analysts.takedown.routing import holds
from analysts.tests.factories import incident_of
from countries.models import Portal

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def police_force(name: str = "Example Police") -> Recipient:
    return Recipient.objects.get_or_create(kind=RecipientKind.POLICE, name=name, defaults={"country": "GB"})[0]


def asked(
    incident: Incident, by: User, at: datetime, answer: str = "", *, police: str = "Example Police"
) -> PoliceHold:
    """Create a hold, decided on the day of the request if `answer` is given."""
    decision = {"answered_on": at.date(), "reference": "12/26", "recorded_by": by, "recorded_at": at} if answer else {}
    return PoliceHold.objects.create(
        incident=incident, police=police_force(police), by=by, at=at, answer=answer, **decision
    )


def test_incident_without_a_police_request_is_not_blocked(belize: Portal) -> None:
    assert not holds.is_blocked(incident_of(belize))


def test_hold_keeps_back_until_it_is_granted(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    other = incident_of(belize, "https://example.net/other")
    hold = asked(incident, ana, MONDAY)
    assert holds.is_blocked(incident)
    assert not holds.is_blocked(other)

    hold.answer, hold.answered_on, hold.reference = Clearance.GRANTED, date(2026, 3, 3), "12/26"
    hold.recorded_by, hold.recorded_at = ana, MONDAY + DAY
    hold.save()
    assert not holds.is_blocked(incident)


def test_latest_answer_counts(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    asked(incident, ana, MONDAY, Clearance.REFUSED)
    assert holds.is_blocked(incident)
    asked(incident, ana, MONDAY + DAY, Clearance.GRANTED)
    assert not holds.is_blocked(incident)
    # A later request, perhaps for another hosting.
    asked(incident, ana, MONDAY + 2 * DAY)
    assert holds.is_blocked(incident)
    latest = holds.latest_hold(incident)
    assert latest is not None
    assert latest.at == MONDAY + 2 * DAY


def test_question_itself_may_leave(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    hold = asked(incident, ana, MONDAY)
    assert not holds.is_blocked(incident, to=hold.police)
    assert holds.is_blocked(incident, to=police_force("Another Police"))


def test_waiting_are_those_without_an_answer_longest_first(belize: Portal, ana: User) -> None:
    addresses = ["https://example.org/a", "https://example.org/b", "https://example.org/c"]
    first, second, third = (incident_of(belize, address) for address in addresses)
    later, sooner = asked(first, ana, MONDAY + DAY), asked(second, ana, MONDAY)
    asked(third, ana, MONDAY, Clearance.REFUSED)
    assert list(PoliceHold.objects.waiting()) == [sooner, later]
    assert set(PoliceHold.objects.blocking().values_list("incident", flat=True)) == {first.pk, second.pk, third.pk}
