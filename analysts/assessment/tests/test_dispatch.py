"""The choice of the next incident: best first, none again after a skip, and not too many of one kind."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.queue.dispatch import ROTATION, next_candidates
from analysts.codes import AgeBand, ContentWarning, Severity, Sex, Verdict, VerdictBasis
from analysts.incidents import few_open
from analysts.models import Incident, Skip, User
from analysts.states import State
from analysts.tests.factories import assessed_not_found, claimed, incident_of
from analysts.welfare import exposure
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from reports.models import the_hour

# By warning: the settings of the most in a row and a day, and the verdict that has it.
ROTATED: dict[ContentWarning, tuple[str, str, dict[str, Any]]] = {
    ContentWarning.VIOLENCE: (
        "MOST_VIOLENT_IN_A_ROW",
        "MOST_VIOLENT_A_DAY",
        {"notices": [ContentWarning.VIOLENCE]},
    ),
    ContentWarning.YOUNG: ("MOST_YOUNG_IN_A_ROW", "MOST_YOUNG_A_DAY", {"age_band": AgeBand.AGE_3_6}),
    ContentWarning.SEVERE: ("MOST_SEVERE_IN_A_ROW", "", {"severity": Severity.A}),
}


def illegal(incident: Incident, by: User, **fields: Any) -> None:
    incident = claimed(incident, by)
    verdict = {"severity": Severity.C, "age_band": AgeBand.AGE_11_13, "sex": Sex.GIRLS} | fields
    basis = VerdictBasis.SEEN
    actions.assess(by=by, incident=incident, fence=incident.fence, verdict=Verdict.ILLEGAL, basis=basis, **verdict)


def severe(incident: Incident, by: User) -> None:
    illegal(incident, by, severity=Severity.A)


def test_skipped_incident_is_offered_to_another_analyst(belize: Portal, ana: User, sena: User) -> None:
    first = claimed(incident_of(belize), ana)
    actions.skip(by=ana, incident=first, fence=first.fence)

    assert actions.claim_next(by=ana) is None
    assert actions.claim_next(by=sena) == first
    # The audit log records an ordinary release, so that skipping needs no explanation.
    actions_of_ana = AuditEvent.objects.filter(actor="ana").order_by("number").values_list("action", "details")
    assert list(actions_of_ana) == [("incident.claim", {}), ("incident.release", {})]


def test_skipped_incident_can_still_be_chosen_and_comes_back_another_day(belize: Portal, ana: User) -> None:
    first = claimed(incident_of(belize), ana)
    actions.skip(by=ana, incident=first, fence=first.fence)

    tomorrow = timezone.now() + timedelta(days=1)
    assert actions.claim_next(by=ana, now=tomorrow) == first
    first.refresh_from_db()
    actions.skip(by=ana, incident=first, fence=first.fence)
    assert claimed(Incident.objects.get(), ana).claimed_by == ana
    assert Skip.objects.count() == 2


def test_few_of_a_long_queue_are_offered_in_its_order(
    belize: Portal, zambia: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a portal beside a flood of another one are not searched for by priority."""
    incident_of(zambia, "https://example.org/elsewhere")
    for number in range(3):
        incident_of(belize, f"https://example.org/{number}")
    ordered = list(next_candidates(ana, now=timezone.now()))
    assert not few_open.has_few_waiting(ana.portal_ids)
    monkeypatch.setattr(few_open, "LEAST_OF_ALL", -1)
    assert few_open.has_few_waiting(ana.portal_ids)
    assert [actions.claim_next(by=ana) for _ in range(4)] == [*ordered, None]


def test_skip_needs_the_claim_and_the_same_one(belize: Portal, ana: User, sena: User) -> None:
    incident = claimed(incident_of(belize), ana)

    with pytest.raises(Denied):
        actions.skip(by=sena, incident=incident, fence=incident.fence)
    with pytest.raises(Late):
        actions.skip(by=ana, incident=incident, fence=incident.fence - 1)


def test_renewed_claim_is_the_same_claim_for_longer(belize: Portal, ana: User, sena: User) -> None:
    now = timezone.now()
    incident = claimed(incident_of(belize), ana, now=now)
    later = now + timedelta(minutes=25)
    renewed = actions.renew(by=ana, incident=incident, fence=incident.fence, now=later)

    assert (renewed.fence, renewed.claimed_until) == (incident.fence, later + timedelta(minutes=30))
    assert actions.expire_claims(now=now + timedelta(minutes=31)) == 0
    with pytest.raises(Denied):
        actions.renew(by=sena, incident=incident, fence=incident.fence)


@pytest.mark.parametrize("warning", ContentWarning)
def test_after_several_with_a_warning_something_else_comes(
    belize: Portal, settings: Any, ana: User, sena: User, warning: ContentWarning
) -> None:
    in_a_row, _a_day, fields = ROTATED[warning]
    setattr(settings, in_a_row, 2)
    more = incident_of(belize, "https://one.example/next", details={"facts": ["child_in_danger"]})
    illegal(incident_of(belize, "https://one.example/1"), ana, **fields)
    other = incident_of(belize, "https://two.example/1")
    assert next_candidates(ana, now=timezone.now()).first() == more
    illegal(incident_of(belize, "https://one.example/2"), ana, **fields)

    assert actions.claim_next(by=ana) == other
    # To a colleague, or by hand, it is still open.
    assert next_candidates(sena, now=timezone.now()).first() == more
    assert actions.claim(by=ana, incident=more).state == State.CLAIMED


@pytest.mark.parametrize("warning", [warning for warning in ContentWarning if ROTATED[warning][1]])
def test_after_as_many_as_a_day_has_none_is_offered_until_tomorrow(
    belize: Portal, settings: Any, ana: User, warning: ContentWarning
) -> None:
    in_a_row, a_day, fields = ROTATED[warning]
    setattr(settings, in_a_row, 2)
    setattr(settings, a_day, 2)
    more = incident_of(belize, "https://one.example/next")
    for number in range(2):
        illegal(incident_of(belize, f"https://one.example/{number}"), ana, **fields)
        # Something else between them: never two in a row.
        assessed_not_found(incident_of(belize, f"https://two.example/{number}"), ana)

    assert actions.claim_next(by=ana) is None
    setattr(settings, a_day, 3)
    assert next_candidates(ana, now=timezone.now()).first() == more
    setattr(settings, a_day, 2)
    assert actions.claim_next(by=ana, now=timezone.now() + timedelta(hours=13)) == more


def test_rotation_covers_every_warning_what_harms_most_first() -> None:
    assert [*ROTATION] == [ContentWarning.VIOLENCE, ContentWarning.YOUNG, ContentWarning.SEVERE]
    assert [warning for warning, rule in ROTATION.items() if rule.a_day] == [
        warning for warning, (_row, a_day, _fields) in ROTATED.items() if a_day
    ]


def test_after_several_of_one_site_another_one_comes(belize: Portal, settings: Any, ana: User, sena: User) -> None:
    settings.MOST_OF_A_SITE_IN_A_ROW = 2
    for number in range(2):
        assessed_not_found(incident_of(belize, f"https://one.example/{number}"), ana)
    same = incident_of(belize, "https://pictures.one.example/next")

    assert actions.claim_next(by=ana) is None
    assert actions.claim_next(by=sena) == same
    other = incident_of(belize, "https://two.example/1")
    assert actions.claim_next(by=ana) == other


def test_rows_of_yesterday_do_not_count(belize: Portal, settings: Any, ana: User) -> None:
    settings.MOST_OF_A_SITE_IN_A_ROW = 1
    assessed_not_found(incident_of(belize, "https://one.example/1"), ana)
    same = incident_of(belize, "https://one.example/2")

    assert actions.claim_next(by=ana) is None
    assert actions.claim_next(by=ana, now=timezone.now() + timedelta(hours=13)) == same


def test_incident_with_avoided_warning_is_not_offered_that_day(belize: Portal, ana: User, sena: User) -> None:
    severe(incident_of(belize, "https://one.example/1"), sena)
    expected = incident_of(belize, "https://one.example/2")

    exposure.set_avoided_warnings(ana, ["severe"], now=timezone.now())
    assert actions.claim_next(by=ana) is None
    # The choice holds for one day.
    assert actions.claim_next(by=ana, now=timezone.now() + timedelta(days=1)) == expected


def test_best_first_by_priority_then_age(belize: Portal, ana: User) -> None:
    now = the_hour(timezone.now())
    older = incident_of(belize, "https://one.example/1", now=now - timedelta(hours=5))
    newer = incident_of(belize, "https://two.example/1", now=now - timedelta(hours=1))
    urgent = incident_of(belize, "https://three.example/1", details={"facts": ["live_stream"]})

    assert [actions.claim_next(by=ana) for _ in range(4)] == [urgent, older, newer, None]
