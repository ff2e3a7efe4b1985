"""Closing a flood of similar incidents in one action, and undoing it without loss."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.assessment import actions, publishing
from analysts.assessment.actions import bulk
from analysts.assessment.flood import folding as floods
from analysts.assessment.tests.test_floods import DANGER, flood, waiting_floods
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import Closing, FoldReason, Reason, RevealReason, Role, Verdict
from analysts.models import Assessment, BulkClosing, FloodSample, FloodSampleItem, Incident, Report, User
from analysts.models.flood import sample_size
from analysts.states import State
from analysts.tests.factories import assessed_not_found, claimed, incident_of
from analysts.welfare.viewing import record_reveal
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits keep the tests fast: of ten incidents, seven are in the flood."""
    monkeypatch.setattr(floods, "ALIKE", 3)
    monkeypatch.setattr(floods, "IN_DANGER", 0)


def the_flood() -> bytes:
    return bytes(Incident.objects.alike().values_list("flood", flat=True)[0])


def drawn(by: User, *, flood: bytes | None = None, opened: bool = True) -> FloodSample:
    """The sample that `by` draws, each incident of it revealed unless `opened` is False."""
    sample = actions.draw_sample(by=by, flood=flood or the_flood())
    for item in sample.items.filter(opened_at=None).select_related("incident") if opened else ():
        record_reveal(by=by, incident=item.incident, reason=RevealReason.SAMPLE)
    return sample


def close(by: User, number: int, *, flood: bytes | None = None, **more: Any) -> BulkClosing:
    """Close the flood after its sample; `number`: of the incidents that the sample was drawn from."""
    verdict: dict[str, Any] = {"verdict": Verdict.NOT_ASSESSED, "reason": Reason.CONTENT_NOT_FOUND}
    sample = drawn(by, flood=flood)
    assert len(sample.population) == number
    return actions.close_flood(**{"by": by, "sample": sample, **verdict, **more})


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
    assert waiting_floods() == []
    assert (Report.objects.count(), Incident.objects.count()) == (11, 11)
    [event] = AuditEvent.objects.filter(action="flood.close")
    assert event.details == {"count": 7, "verdict": "not_assessed", "reason": "content_not_found"}


def test_bulk_closing_leaves_danger_reports_and_claimed_incidents_open(belize: Portal, ana: User, sena: User) -> None:
    flood(belize, 10)
    of_plain = the_flood()
    flood(belize, 5, lambda number: f"https://flood.example/album/{100 + number}", details=DANGER)
    held = claimed(Incident.objects.alike().filter(child_in_danger=False)[0], sena)
    close(ana, 6, flood=of_plain)

    assert Incident.objects.get(pk=held.pk).claimed_by == sena
    assert Incident.objects.waiting().alike().filter(child_in_danger=True).count() == 2
    [of_danger] = waiting_floods()
    with pytest.raises(Late):
        drawn(ana, flood=of_danger)


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


def test_closer_or_senior_can_undo_bulk_closing_within_time_limit(
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


def test_later_arrivals_are_not_closed_with_the_sample(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    sample = drawn(ana)
    later = incident_of(belize, "https://flood.example/album/1234")
    closing = actions.close_flood(by=ana, sample=sample, verdict=Verdict.NOT_ASSESSED, reason=Reason.CONTENT_NOT_FOUND)

    assert (closing.number, later.priority) == (7, 0)
    assert list(Incident.objects.waiting().alike()) == [later]


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


def test_only_ones_own_portals_are_closed(
    belize: Portal, zambia: Portal, ana: User, ben: User, sena: User, olga: User
) -> None:
    pages = [incident_of(portal, f"https://pages.example/{portal.slug}") for portal in (belize, zambia)]
    folding = actions.fold_flood(by=sena, incident=pages[0], reason=FoldReason.INVENTED, number=2)
    closing = close(ben, 1, flood=bytes(folding.flood))

    assert [assessment.incident for assessment in closing.assessments.all()] == [pages[1]]
    assert list(BulkClosing.objects.visible_to(ben)) == [closing]
    assert not BulkClosing.objects.visible_to(ana).exists()
    olga.portals.add(belize)
    with pytest.raises(Denied):
        drawn(olga, flood=bytes(folding.flood))


def test_new_reports_of_the_flood_are_folded_as_before(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    close(ana, 7)
    flood(belize, 2, lambda number: f"https://flood.example/album/{100 + number}")

    assert Incident.objects.waiting().alike().count() == 2


def test_no_more_than_so_many_at_a_time(belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 5)
    flood(belize, 10)

    assert close(ana, 5).number == 5
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
        sample = drawn(ana, flood=key)
        with CaptureQueriesContext(connection) as context:
            actions.close_flood(by=ana, sample=sample, verdict=Verdict.NOT_ASSESSED, reason=Reason.CONTENT_NOT_FOUND)
        counts.append(len(context))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("number", "size"),
    [(1, 1), (9, 9), (10, 10), (11, 10), (200, 10), (201, 11), (220, 11), (221, 12), (5_000, 250)],
)
def test_sample_grows_with_the_number(number: int, size: int) -> None:
    assert sample_size(number) == size


def test_nothing_is_closed_before_each_of_the_sample_was_opened(belize: Portal, ana: User, sena: User) -> None:
    flood(belize, 16)
    sample = drawn(ana, opened=False)
    items = list(sample.items.select_related("incident"))
    assert (len(sample.population), len(items)) == (13, 10)
    assert {item.incident_id for item in items} == set(sample.draw()) <= set(sample.population)
    decision: dict[str, Any] = {"verdict": Verdict.NOT_ASSESSED, "reason": Reason.CONTENT_NOT_FOUND}
    for item in items[1:]:
        record_reveal(by=ana, incident=item.incident, reason=RevealReason.SAMPLE)
    # A colleague who opens the last one does not count.
    record_reveal(by=sena, incident=items[0].incident, reason=RevealReason.SAMPLE)
    with pytest.raises(Denied, match="1 incident of the sample"):
        actions.close_flood(by=ana, sample=sample, **decision)
    with pytest.raises(Denied, match="Another analyst"):
        actions.close_flood(by=sena, sample=sample, **decision)
    assert not BulkClosing.objects.exists()
    record_reveal(by=ana, incident=items[0].incident, reason=RevealReason.SAMPLE)

    assert actions.close_flood(by=ana, sample=sample, **decision).number == 13
    with pytest.raises(Late):
        actions.close_flood(by=ana, sample=sample, **decision)


def test_sample_is_not_drawn_again_until_it_is_used(belize: Portal, ana: User, sena: User) -> None:
    flood(belize, 16)
    sample = drawn(ana, opened=False)
    assert drawn(ana, opened=False) == sample
    assert drawn(sena, opened=False) != sample
    [event, _] = AuditEvent.objects.filter(action="flood.sample").order_by("pk")
    assert event.details == {"count": 13, "sample": 10}
    close(ana, 13)
    flood(belize, 2, lambda number: f"https://flood.example/album/{100 + number}")

    assert drawn(ana, opened=False).population != sample.population
    # Sena's is of no use any more: what it was drawn from is closed.
    assert len(drawn(sena, opened=False).population) == 2


@pytest.mark.parametrize("number", [1, 10, 230])
def test_sample_can_be_drawn_again_by_an_auditor(number: int) -> None:
    population = [uuid.uuid4() for _ in range(number)]
    sample = FloodSample(seed=b"s" * 32, population=population)

    assert sample.draw() == FloodSample(seed=b"s" * 32, population=population[::-1]).draw()
    assert len(set(sample.draw())) == sample_size(number)
    assert number < 20 or sample.draw() != FloodSample(seed=b"t" * 32, population=population).draw()


def test_second_person_closes_what_the_first_asked_for(belize: Portal, ana: User, sena: User, ben: User) -> None:
    flood(belize, 10)
    sample = drawn(ana, opened=False)
    with pytest.raises(Late):
        actions.approve_closing(by=sena, sample=sample)
    actions.ask_approval(by=ana, sample=sample, verdict=Verdict.OUTSIDE_REMIT, reason=Reason.ADULT)
    with pytest.raises(Denied, match="Another person"):
        actions.approve_closing(by=ana, sample=sample)
    with pytest.raises(Late):
        # Ben works for another portal and can close none of them.
        actions.approve_closing(by=ben, sample=sample)
    newcomer = User.objects.create(username="newcomer", role=Role.ANALYST, all_portals=True)
    with pytest.raises(Denied, match="after this was requested"):
        actions.approve_closing(by=newcomer, sample=sample)
    closing = actions.approve_closing(by=sena, sample=sample)

    assert (closing.number, closing.by, closing.approved_by) == (7, ana, sena)
    [event] = AuditEvent.objects.filter(action="flood.approve")
    assert (event.actor, event.details["requested_by"]) == (sena.username, ana.username)
    with pytest.raises(Late):
        actions.approve_closing(by=sena, sample=sample)
    assert actions.undo_flood(by=ana, closing=closing) == 7


def test_database_refuses_an_unseen_closing(belize: Portal, zambia: Portal, ana: User, sena: User) -> None:
    flood(belize, 16)
    sample = drawn(ana, opened=False)
    row: dict[str, Any] = {"flood": sample.flood, "by": ana, "at": sample.at, "number": 13, "sample": sample}
    row |= {"verdict": Verdict.OUTSIDE_REMIT, "reason": Reason.ADULT}
    first, *others = sample.items.values_list("pk", flat=True)
    FloodSampleItem.objects.filter(pk__in=others).update(opened_at=sample.at)
    # One that was not drawn does not replace one that was.
    [spare] = [pk for pk in sample.population if pk not in sample.draw()][:1]
    FloodSampleItem.objects.create(sample=sample, incident_id=spare, opened_at=sample.at)

    def refused_by(**changed: Any) -> str:
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            BulkClosing.objects.create(**{**row, **changed})
        diagnostics: Any = refused.value.__cause__
        return str(diagnostics.diag.constraint_name)

    assert refused_by() == "bulk_closing_sample_opened"
    assert refused_by(sample=None) == refused_by(by=sena) == "bulk_closing_of_a_sample"
    assert refused_by(flood=bytes(32)) == refused_by(number=14) == "bulk_closing_of_a_sample"
    assert refused_by(approved_by=sena) == "bulk_closing_approved_as_asked"
    actions.ask_approval(by=ana, sample=sample, verdict=Verdict.OUTSIDE_REMIT, reason=Reason.ADULT)
    assert refused_by(approved_by=ana) == "bulk_closing_approved_by_another"
    assert refused_by(approved_by=sena, reason=Reason.OTHER) == "bulk_closing_approved_as_asked"
    for model, changed in ((FloodSample, {"seed": bytes(32)}), (FloodSampleItem, {"opened_at": None})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**changed)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all()._raw_delete(using="default")
    FloodSampleItem.objects.filter(pk=first).update(opened_at=sample.at)
    BulkClosing.objects.create(**row)
