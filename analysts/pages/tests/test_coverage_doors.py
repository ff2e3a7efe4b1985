"""Coverage counts persons who read, at every door that asks for it."""

from datetime import timedelta
from typing import Any, cast

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from analysts.accounts.coverage import note_coverage, uncovered_portals, write_coverage_mail
from analysts.codes import Role
from analysts.incidents.page_section import CoverageCard, show_uncovered
from analysts.models import Alarm, CoverageGap, User
from analysts.operations.operations_items import all_items, read_state
from analysts.operations.setup_steps import build_steps
from audit.models import AuditEvent
from countries.models import Portal, PortalText
from countries.staff.document.checklist_item import describe_unread
from countries.staff.workspace.checklist import build_checklist
from tests.rig.fixtures import client_of, create_person

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
    belize.texts.exclude(language="en").delete()
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


@pytest.mark.parametrize("text", ["en", "en-gb", "es", "es-mx"])
@pytest.mark.parametrize("language", ["", "en", "es", "es-mx"])
def test_language_that_no_reader_works_in_is_stated_at_every_door(
    belize: Portal, adam: User, olga: User, language: str, text: str, settings: Any
) -> None:
    now, tag = timezone.now(), language or "en"
    settings.ALERT_EMAILS = ["duty@example.org"]
    belize.texts.all().delete()
    PortalText.objects.create(portal=belize, language=text)
    nora = create_person("nora", Role.ANALYST, belize)
    User.objects.filter(pk=nora.pk).update(language=language)
    # One who never signed in reads nothing, in any language.
    absent = create_person("nils", Role.ANALYST, belize)
    User.objects.filter(pk=absent.pk).update(language=text, last_login=None)
    note_coverage()
    is_read = tag in (text, text.split("-")[0])
    sentence = "" if is_read else describe_unread([text])
    [item] = [item for item in build_checklist(belize, timezone.localdate(now)).items if item.key == "coverage"]
    card, written = show_uncovered(adam, now, {}), write_coverage_mail()
    on_dashboard = " ".join(client_of(adam).get("/admin/").content.decode().split())
    launch = client_of(olga).get(f"/admin/countries/portal/{belize.pk}/launch/").content.decode()
    coverage = client_of(olga).get(f"/admin/countries/portal/{belize.pk}/coverage/").content.decode()
    doors = {
        "launch": (item.remark, item.is_done),
        "dashboard": "".join(gap.sentence for gap in cast("CoverageCard", card.context).partly) if card else "",
        "gap": list(CoverageGap.objects.values_list("language", flat=True)),
        "alarm": Alarm.objects.filter(kind="coverage").exists(),
        "mail": written.message if written else "",
        "pages": [page.count("No analyst who counts works in:") for page in (on_dashboard, launch, coverage)],
    }
    assert doors == {
        "launch": (sentence, True),
        "dashboard": sentence,
        "gap": [] if is_read else [text],
        "alarm": not is_read,
        "mail": "" if is_read else "1 language of a portal has no analyst: reports in it are not read.",
        "pages": [int(not is_read)] * 3,
    }
    # Noted once, and when a reader works in it again.
    User.objects.filter(pk=nora.pk).update(language=text)
    note_coverage()
    events = AuditEvent.objects.filter(action__startswith="coverage.").order_by("number")
    changes = [(event.action, event.details, event.portal) for event in events]
    expected = [(f"coverage.language_{verb}", {"language": text}, "bz") for verb in ("lost", "restored")]
    assert changes == ([] if is_read else expected)
    assert not CoverageGap.objects.exists()
