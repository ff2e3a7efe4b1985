"""Closing a flood of similar incidents in one action, and undoing it without loss."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.assessment import actions, floods, publishing
from analysts.assessment.actions import bulk
from analysts.assessment.tests.test_floods import DANGER, flood
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import Closing, Reason, Verdict
from analysts.models import Assessment, BulkClosing, Incident, Report, User
from analysts.states import State
from analysts.tests.factories import assessed_not_found, claimed, incident_of, report_of
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits keep the tests fast: of ten incidents, seven are in the flood."""
    monkeypatch.setattr(floods, "ALIKE", 3)
    monkeypatch.setattr(floods, "OF_A_SITE", 6)
    monkeypatch.setattr(floods, "IN_DANGER", 0)


def the_flood() -> bytes:
    return bytes(Incident.objects.alike().values_list("flood", flat=True)[0])


def close(by: User, number: int, **more: Any) -> BulkClosing:
    verdict: dict[str, Any] = {"verdict": Verdict.NOT_ASSESSED, "reason": Reason.CONTENT_NOT_FOUND}
    return actions.close_flood(**{"by": by, "flood": the_flood(), "number": number, **verdict, **more})


def test_flood_is_closed_in_one_act(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    apart = incident_of(belize, "https://other.example/")
    closing = close(ana, 7)

    closed = Incident.objects.filter(state=State.CLOSED)
    assert (closing.number, closed.count()) == (7, 7)
    assert set(closed.values_list("closing", "closed_on")) == {(Closing.NOT_ACTIONED, timezone.now().date())}
    assert set(closing.assessments.values_list("by", "verdict", "reason", "stage", "round")) == {
        (ana.pk, "not_assessed", "content_not_found", "first", 1)
    }
    assert Incident.objects.waiting().count() == 4
    assert Incident.objects.get(pk=apart.pk).state == State.WAITING
    assert floods.waiting_floods() == []
    assert (Report.objects.count(), Incident.objects.count()) == (11, 11)
    [event] = AuditEvent.objects.filter(action="flood.close")
    assert event.details == {"count": 7, "verdict": "not_assessed", "reason": "content_not_found"}


def test_what_tells_of_danger_or_is_held_stays(belize: Portal, ana: User, sena: User) -> None:
    flood(belize, 10)
    flood(belize, 2, lambda number: f"https://flood.example/album/{100 + number}", details=DANGER)
    held = claimed(Incident.objects.alike().filter(child_in_danger=False)[0], sena)
    close(ana, 6)

    assert Incident.objects.get(pk=held.pk).claimed_by == sena
    assert Incident.objects.waiting().alike().filter(child_in_danger=True).count() == 2
    assert len(floods.waiting_floods()) == 1


def test_closing_is_taken_back_into_the_same_flood(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    before = set(Incident.objects.alike().values_list("pk", "flood", "priority", "waiting_since"))
    closing = close(ana, 7)
    assert actions.undo_flood(by=ana, closing=closing) == 7

    assert set(Incident.objects.waiting().alike().values_list("pk", "flood", "priority", "waiting_since")) == before
    assert set(Assessment.objects.values_list("undone_by", "undo_reason")) == {(ana.pk, "looked_again")}
    assert not Assessment.objects.in_force().exists()
    [event] = AuditEvent.objects.filter(action="flood.undo")
    assert event.details == {"count": 7, "left": 0, "reason": "looked_again"}
    # The same user may close it again.
    assert close(ana, 7).number == 7


def test_what_was_touched_meanwhile_is_left_alone(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    closing = close(ana, 7)
    reopened, merged = (assessment.incident for assessment in closing.assessments.all()[:2])
    actions.reopen(by=ana, incident=reopened)
    again = assessed_not_found(Incident.objects.get(pk=reopened.pk), ana)
    Incident.objects.filter(pk=merged.pk).update(
        closing=Closing.MERGED, merged_into=Incident.objects.apart().exclude(pk=reopened.pk)[0]
    )
    assert actions.undo_flood(by=ana, closing=closing) == 5

    assert Incident.objects.get(pk=reopened.pk).state == State.CLOSED
    assert Incident.objects.get(pk=merged.pk).closing == Closing.MERGED
    assert Assessment.objects.get(pk=again.pk).undone_at is None


def test_closing_is_taken_back_by_whoever_closed_or_a_senior_in_time(
    belize: Portal, ana: User, ben: User, sena: User, settings: Any
) -> None:
    flood(belize, 10)
    ben.portals.add(belize)
    closing = close(ana, 7)
    with pytest.raises(Denied):
        actions.undo_flood(by=ben, closing=closing)
    late = timezone.now() + timedelta(hours=settings.BULK_UNDO_HOURS, minutes=1)
    with pytest.raises(Denied):
        actions.undo_flood(by=ana, closing=closing, now=late)
    assert actions.undo_flood(by=sena, closing=closing) == 7
    with pytest.raises(Denied):
        actions.undo_flood(by=ana, closing=closing)


def test_another_number_by_now_asks_to_look_again(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    report_of(belize, "https://flood.example/album/1234")
    with pytest.raises(Late):
        close(ana, 7)

    assert not BulkClosing.objects.exists()
    assert close(ana, 8).number == 8


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (Verdict.ILLEGAL, Reason.OTHER),
        (Verdict.OUTSIDE_REMIT, Reason.CONTENT_NOT_FOUND),
        (Verdict.NOT_ILLEGAL, Reason.ADULT),
    ],
)
def test_verdict_that_takes_more_than_one_act_is_refused(
    belize: Portal, ana: User, verdict: Verdict, reason: Reason, settings: Any
) -> None:
    settings.SECOND_REVIEW_VERDICTS = [Verdict.NOT_ILLEGAL]
    flood(belize, 10)
    with pytest.raises(Denied):
        close(ana, 7, verdict=verdict, reason=reason)

    assert not Assessment.objects.exists()


def test_only_ones_own_portals_are_closed(belize: Portal, zambia: Portal, ana: User, ben: User, olga: User) -> None:
    # Different paths: one flood by site, at both portals.
    flood(belize, 5, lambda number: f"https://flood.example/{'abcde'[number] * 4}")
    flood(zambia, 5, lambda number: f"https://flood.example/{'vwxyz'[number] * 4}")
    assert Incident.objects.alike().count() == 4
    assert Incident.objects.alike().visible_to(ana).count() == 0
    closing = close(ben, 4)

    assert list(BulkClosing.objects.visible_to(ben)) == [closing]
    assert not BulkClosing.objects.visible_to(ana).exists()
    olga.portals.add(belize)
    with pytest.raises(Denied):
        close(olga, 0)


def test_new_reports_of_the_flood_are_folded_as_before(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    close(ana, 7)
    flood(belize, 2, lambda number: f"https://flood.example/album/{100 + number}")

    assert Incident.objects.waiting().alike().count() == 2


def test_no_more_than_so_many_at_a_time(belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 5)
    flood(belize, 10)

    # 6 means more than 5: number_of() is capped at MOST_AT_ONCE + 1.
    assert close(ana, 6).number == 5
    assert close(ana, 2).number == 2


def test_receipts_tell_of_the_closing_and_of_its_end(belize: Portal, ana: User, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"
    flood(belize, 10)
    closing = close(ana, 7)
    publishing.publish_outcomes()
    report = closing.assessments.all()[0].incident.sightings.get().report_id
    assert shown(report) == [("closed", "similar", 1)]
    actions.undo_flood(by=ana, closing=closing)
    publishing.publish_outcomes()

    assert shown(report) == [("received", "", 1)]


def test_closing_costs_as_many_queries_for_two_as_for_seven(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    flood(belize, 5, lambda number: f"https://other.example/album/{number}")
    counts = []
    for number in (7, 2):
        of_each = Incident.objects.waiting().alike().values_list("flood").annotate(number=Count("pk"))
        [(key, _)] = of_each.filter(number=number)
        with CaptureQueriesContext(connection) as context:
            close(ana, number, flood=key)
        counts.append(len(context))
    assert counts[0] == counts[1]
