"""Coverage counts persons who read, at every door that asks for it."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from analysts.accounts.coverage import note_coverage, uncovered_portals, write_coverage_mail
from analysts.codes import Role
from analysts.incidents.page_section import show_uncovered
from analysts.models import Alarm, CoverageGap, User
from analysts.operations.operations_items import all_items, read_state
from analysts.operations.setup_steps import build_steps
from countries.models import Portal
from countries.staff.workspace.checklist import build_checklist
from tests.rig.fixtures import create_person

# How an analyst's account is: days since the sign-in (None: never), second factor, whether one is required.
ACCOUNTS: dict[str, tuple[int | None, str | None, bool, bool]] = {
    "never opened": (None, None, False, False),
    "signed in today": (0, None, False, True),
    "signed in a month ago": (29, None, False, True),
    "away for longer": (31, None, False, False),
    "no second factor": (0, None, True, False),
    "recovery codes alone": (0, "recovery_codes", True, False),
    "authenticator app": (0, "totp", True, True),
    "passkey": (0, "webauthn", True, True),
    "passkey, never opened": (None, "webauthn", True, False),
}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_portal_is_covered_at_every_door_by_a_person_who_signed_in(
    belize: Portal, adam: User, account: str, settings: Any
) -> None:
    (days, factor, is_required, covers), now = ACCOUNTS[account], timezone.now()
    nora = create_person("nora", Role.ANALYST, belize)
    last_login = None if days is None else now - timedelta(days=days)
    User.objects.filter(pk=nora.pk).update(last_login=last_login)
    if factor:
        Authenticator.objects.create(user=nora, type=factor, data={})
    settings.REQUIRE_MFA, settings.ALERT_EMAILS = is_required, ["duty@example.org"]
    note_coverage()
    doors = {
        "alarm": not Alarm.objects.filter(kind="coverage").exists(),
        "gap": not CoverageGap.objects.exists(),
        "mail": write_coverage_mail() is None,
        "dashboard": show_uncovered(adam, now, {}) is None,
        "operations": not {item.name: item for item in all_items(read_state(now))}["coverage"].is_late,
        "launch": all(item.key != "coverage" for item in build_checklist(belize, timezone.localdate(now)).open),
        "setting up": {step.name: step for step in build_steps(adam)}["analysts"].is_done,
    }
    assert doors == dict.fromkeys(doors, covers)
    # In a demonstration the accounts wait for visitors.
    settings.DEMO = True
    assert uncovered_portals() == []
