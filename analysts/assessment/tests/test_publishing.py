"""Publication of states to receipts: content and timing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions, intake, publishing
from analysts.codes import Closing, Reason, Verdict
from analysts.models import Incident, RecipientKind, User
from analysts.takedown.routing.actions import refer
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from countries.models import Portal
from reports import receipts
from reports.actions import look_up
from reports.tests.codes import code_of
from tests.rig.fixtures import Sender


def shown(report_pk: Any) -> list[tuple[str, str, int]]:
    found = look_up(receipts.derive_credentials(code_of(report_pk)))
    assert found is not None
    return found.outcomes


@pytest.fixture(autouse=True)
def _each_minute(settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"


def test_new_report_shows_received(belize: Portal) -> None:
    report = report_of(belize)
    assert shown(report.pk) == []
    publishing.publish_outcomes()

    assert shown(report.pk) == [("received", "", 1)]


def test_each_step_shows_with_the_next_batch(belize: Portal, ana: User) -> None:
    report = report_of(belize)
    incident = report.sightings.get().incident
    steps = []
    for act in (
        lambda: claimed(incident, ana),
        lambda: actions.release(by=ana, incident=incident, fence=1),
        lambda: assessed_illegal(incident, ana),
        lambda: refer(by=ana, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r"),
        lambda: found_gone(incident, ana),
        lambda: actions.reopen(by=ana, incident=incident),
    ):
        act()
        before = shown(report.pk)
        assert publishing.publish_outcomes() == (1 if before != shown(report.pk) else 0)
        steps.append(shown(report.pk)[0][0])

    assert steps == ["being_assessed", "received", "being_assessed", "action_taken", "gone", "being_assessed"]
    assert publishing.publish_outcomes() == 0


def test_several_addresses_are_counted_never_named(belize: Portal, ana: User) -> None:
    report = report_of(belize, "example.org/a example.org/b example.org/c")
    first, second, _ = (sighting.incident for sighting in report.sightings.order_by("pk"))
    assessed_not_found(first, ana)
    assessed_not_found(second, ana)
    publishing.publish_outcomes()

    assert shown(report.pk) == [("received", "", 1), ("closed", "not_found", 2)]


def test_new_report_of_a_decided_incident_gets_its_outcome_in_the_same_words(belize: Portal, ana: User) -> None:
    first = report_of(belize)
    assessed_not_found(first.sightings.get().incident, ana)
    second = report_of(belize)
    publishing.publish_outcomes()

    assert shown(first.pk) == shown(second.pk) == [("closed", "not_found", 1)]


def test_nothing_is_published_on_the_day_of_the_report(belize: Portal, ana: User, settings: Any) -> None:
    settings.PUBLISH_EVERY = "day"
    now = timezone.now()
    yesterday = report_of(belize, now=now - timedelta(days=1))
    today = report_of(belize, now=now)
    incident = today.sightings.get().incident
    assert incident == yesterday.sightings.get().incident
    assessed_not_found(incident, ana)

    assert publishing.publish_outcomes(now=now) == 1
    assert (shown(yesterday.pk), shown(today.pk)) == ([("closed", "not_found", 1)], [])
    assert publishing.publish_outcomes(now=now + timedelta(days=1)) == 1
    assert shown(today.pk) == [("closed", "not_found", 1)]


@pytest.mark.parametrize(
    ("verdict", "reason", "expected"),
    [
        (Verdict.NOT_ILLEGAL, Reason.BELOW_THRESHOLD, "not_illegal"),
        (Verdict.NOT_ILLEGAL, Reason.OTHER, "not_illegal"),
        (Verdict.OUTSIDE_REMIT, Reason.OTHER, "outside_remit"),
        (Verdict.NOT_ASSESSED, Reason.PASSWORD_PROTECTED, "not_reachable"),
        (Verdict.NOT_ASSESSED, Reason.OTHER, "not_assessable"),
    ],
)
def test_closed_reason_in_plain_words(
    belize: Portal, ana: User, verdict: Verdict, reason: Reason, expected: str
) -> None:
    report = report_of(belize)
    claimed(report.sightings.get().incident, ana)
    actions.assess(by=ana, incident=report.sightings.get().incident, fence=1, verdict=verdict, reason=reason)
    publishing.publish_outcomes()

    assert shown(report.pk) == [("closed", expected, 1)]


def test_exhausted_shows_action_taken(belize: Portal, ana: User) -> None:
    report = report_of(belize)
    assessed_illegal(report.sightings.get().incident, ana)
    actions.close(by=ana, incident=report.sightings.get().incident, closing=Closing.EXHAUSTED)
    publishing.publish_outcomes()

    assert shown(report.pk) == [("action_taken", "", 1)]


def test_batches_do_not_skip(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "BATCH", 2)
    for number in range(5):
        send(belize, f"example.org/{number}")
    intake.take_in()

    assert publishing.publish_outcomes() == 5
    Incident.objects.update(unpublished=True)
    assert publishing.publish_outcomes() == 0
    assert not Incident.objects.filter(unpublished=True).exists()


def test_publishing_costs_the_same_for_one_and_for_ten(belize: Portal, django_assert_num_queries: Any) -> None:
    for number in range(10):
        incident_of(belize, f"example.org/{number}")
    with django_assert_num_queries(11):
        publishing.publish_outcomes()
    incident_of(belize, "example.org/one more")
    with django_assert_num_queries(11):
        publishing.publish_outcomes()
