"""The basis of an illegal verdict: never assumed for an incident that its author has not revealed, at any door."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import REASONS, Reason, RevealReason, Verdict, VerdictBasis
from analysts.models import Assessment, Exposure, Incident, User
from analysts.tests.factories import assessed_illegal, claimed, incident_of
from analysts.welfare.viewing import record_reveal
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

ILLEGAL = {"verdict": Verdict.ILLEGAL, "severity": "C", "age_band": "11-13", "sex": "girls"}
REFUSAL = "You have not revealed this incident. Choose what the illegal verdict rests on."


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def incident(belize: Portal, now: datetime) -> Incident:
    return incident_of(belize, "https://one.example/1", now=now)


def assess(incident: Incident, by: User, now: datetime, **fields: Any) -> str:
    """Record an illegal verdict; returns its basis, or the refusal."""
    held = claimed(Incident.objects.get(pk=incident.pk), by, now=now)
    try:
        return actions.assess(by=by, incident=held, fence=held.fence, now=now, **{**ILLEGAL, **fields}).basis
    except Denied as denied:
        return str(denied.reason)


def test_verdict_on_a_masked_incident_says_what_it_rests_on(
    incident: Incident, ana: User, sena: User, now: datetime
) -> None:
    # A colleague's reveal is not Ana's.
    record_reveal(by=sena, incident=incident, reason=RevealReason.ADVICE, now=now)
    assert assess(incident, ana, now) == REFUSAL
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("basis", VerdictBasis)
def test_chosen_basis_is_recorded_of_a_masked_incident(
    incident: Incident, ana: User, now: datetime, basis: VerdictBasis
) -> None:
    assert assess(incident, ana, now, basis=basis) == basis


def test_verdict_after_a_reveal_was_seen(incident: Incident, ana: User, now: datetime) -> None:
    record_reveal(by=ana, incident=incident, reason=RevealReason.ADVICE, now=now)
    assert assess(incident, ana, now) == VerdictBasis.SEEN


def test_reveal_of_an_earlier_round_does_not_count(incident: Incident, ana: User, now: datetime) -> None:
    record_reveal(by=ana, incident=incident, reason=RevealReason.ADVICE, now=now)
    assessed_illegal(incident, ana, now=now + timedelta(minutes=1))
    later = now + timedelta(minutes=2)
    actions.reopen(by=ana, incident=Incident.objects.get(pk=incident.pk), now=later)
    assert assess(incident, ana, later) == REFUSAL


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict != Verdict.ILLEGAL])
def test_other_verdicts_rest_on_nothing(incident: Incident, ana: User, now: datetime, verdict: Verdict) -> None:
    reason = next(reason for reason in Reason if reason in REASONS[verdict])
    held = claimed(incident, ana, now=now)
    assessment = actions.assess(by=ana, incident=held, fence=held.fence, verdict=verdict, reason=reason, now=now)
    assert assessment.basis == ""


def test_form_has_a_basis_only_once_it_is_revealed(incident: Incident, ana: User) -> None:
    held, client = claimed(incident, ana), client_of(ana)
    path = f"/admin/incidents/{incident.pk}/"
    sent = {**ILLEGAL, "fence": held.fence}
    chosen = '<input type="radio" name="basis" value="seen" id="assess_basis_0"'
    before = " ".join(client.get(path).content.decode().split())
    assert (chosen in before, "checked" in before.partition(chosen)[2][:90]) == (True, False)
    refused = client.post(f"{path}assess/", sent)
    assert (refused.status_code, REFUSAL in refused.content.decode()) == (403, True)
    # The page keeps the typed text.
    assert 'value="11-13"' in refused.content.decode()
    client.post(f"{path}reveal/")
    after = " ".join(client.get(path).content.decode().split())
    assert "checked" in after.partition(chosen)[2][:90]
    assert client.post(f"{path}assess/", sent).status_code == 302
    assert Assessment.objects.get().basis == VerdictBasis.SEEN


def test_known_duplicate_is_decided_without_a_reveal(incident: Incident, ana: User) -> None:
    held, client = claimed(incident, ana), client_of(ana)
    path = f"/admin/incidents/{incident.pk}/"
    assert 'name="basis" value="duplicate"' in " ".join(client.get(path).content.decode().split())
    sent = {**ILLEGAL, "fence": held.fence, "basis": VerdictBasis.DUPLICATE}
    assert client.post(f"{path}assess/", sent).status_code == 302
    assert Assessment.objects.get().basis == VerdictBasis.DUPLICATE
    assert not AuditEvent.objects.filter(action="incident.reveal").exists()
    day = Exposure.objects.get(user=ana)
    assert (day.decisions, day.reveals, day.seconds) == (1, 0, 0)
