"""Every action that needs a claim is refused with the number of an earlier one: the table is read from the actions."""

import inspect
from typing import Any

import pytest

from analysts.assessment import actions
from analysts.codes import Reason, Verdict
from analysts.models import Assessment, Incident, Skip, User
from analysts.tests.factories import assessed_cleared, claimed, incident_of
from audit.models import AuditEvent
from audit.permissions import Late
from countries.models import Portal

ACTIONS = {name: action for name, action in vars(actions).items() if inspect.isfunction(action)}
FENCED = sorted(name for name, action in ACTIONS.items() if "fence" in inspect.signature(action).parameters)

# Beside incident and fence, by action. `into` and `to` are filled in from the fixtures.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "assess": {"verdict": Verdict.NOT_ASSESSED, "reason": Reason.SITE_DOWN},
    "confirm_unchanged": {},
    "hand_over": {"to": "sena"},
    "merge": {"into": "other"},
    "release": {},
    "renew": {},
    "skip": {},
}


def test_every_action_with_a_fence_is_tried() -> None:
    assert sorted(ARGUMENTS) == FENCED


def reopened(incident: Incident, by: User) -> Incident:
    """The incident after it was cleared and reopened: the earlier verdict can be confirmed unchanged."""
    assessed_cleared(incident, by)
    return actions.reopen(by=by, incident=Incident.objects.get(pk=incident.pk))


@pytest.mark.parametrize("name", FENCED)
def test_action_with_the_fence_of_a_lost_claim_changes_nothing(
    belize: Portal, ana: User, sena: User, name: str
) -> None:
    """The same person holds the incident again, so that only the number distinguishes the claims."""
    others = {"sena": sena, "other": incident_of(belize, "https://other.example.org/")}
    more = {key: others.get(str(value), value) for key, value in ARGUMENTS[name].items()}
    incident = reopened(incident_of(belize), ana)
    lost = claimed(incident, ana)
    actions.release(by=ana, incident=lost, fence=lost.fence)
    held = claimed(incident, ana)
    before = Incident.objects.filter(pk=incident.pk).values().get()
    rows = [(model, model.objects.count()) for model in (Assessment, AuditEvent, Skip)]

    for fence in (lost.fence, held.fence + 1):
        with pytest.raises(Late):
            ACTIONS[name](by=ana, incident=held, fence=fence, **more)
    assert Incident.objects.filter(pk=incident.pk).values().get() == before
    assert rows == [(model, model.objects.count()) for model in (Assessment, AuditEvent, Skip)]

    # The control: with the number of the claim it is done.
    ACTIONS[name](by=ana, incident=held, fence=held.fence, **more)
    assert AuditEvent.objects.count() > rows[1][1]
