"""No notice about content that was not seen: every way to a first notice waits for a look, and says what is next."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analysts.assessment import actions
from analysts.codes import UndoReason, VerdictBasis
from analysts.handoff.choosing import chases_to_check
from analysts.models import (
    Assessment,
    Chase,
    CheckOutcome,
    Clearance,
    DropReason,
    Incident,
    NextStep,
    NextStepKind,
    NoticeItem,
    Purpose,
    Recipient,
    RecipientKind,
    Redaction,
    Referral,
    RouteStep,
    User,
)
from analysts.takedown.chasing.actions import check, escalate
from analysts.takedown.chasing.lists import due_items, to_do_counts, waiting_of
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.chasing.to_do import LOOK
from analysts.takedown.facts.looks import latest_looks
from analysts.takedown.notices import texts
from analysts.takedown.notices.redaction_review import confirm_redaction
from analysts.takedown.routing import catalogue
from analysts.takedown.routing.actions import ask_police, confirm_route, record_clearance, refer
from analysts.tests.factories import assessed_illegal, claimed, incident_of
from analysts.tests.places import found_in, host, recipient
from audit.permissions import Denied
from countries.models import Portal
from tests.acts.incidents import ILLEGAL
from tests.rig.fixtures import client_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOLD, HOST, LATER, LIST = RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST, RouteStep.NOTICE_HOST_LATER, RouteStep.URL_LIST
UNSEEN = [basis for basis in VerdictBasis if basis != VerdictBasis.SEEN]


@pytest.fixture(autouse=True)
def _installation(db: None, sena: User, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.example.org"
    catalogue.load_rules()
    texts.load_shipped_texts()
    host(verified_by=sena)
    recipient(RecipientKind.POLICE, "Police of the United Kingdom", "GB", verified_by=sena)
    recipient(RecipientKind.REGISTRAR, "Registrar", verified_by=sena)


def _route(incident: Incident, by: User, *steps: RouteStep) -> None:
    confirm_route(by=by, incident=incident, steps=steps, reason="As agreed.", now=NOON)


def _add_recipient(incident: Incident, by: User) -> None:
    _route(incident, by, LIST)
    refer(by=by, incident=incident, kind=RecipientKind.REGISTRAR, name="Registrar", reason="r", now=NOON)


def _clear(incident: Incident, by: User) -> None:
    _route(incident, by, HOLD, HOST)
    answer: dict[str, Any] = {"answered_on": date(2026, 3, 2), "reference": "R", "now": NOON + HOUR}
    record_clearance(by=by, incident=incident, answer=Clearance.GRANTED, called_back=True, **answer)


def _ask_again(incident: Incident, by: User) -> None:
    _route(incident, by, LIST)
    ask_police(by=by, incident=incident, now=NOON)


def _confirm_redaction(incident: Incident, by: User) -> None:
    _route(incident, by, HOST)
    NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)
    Redaction.objects.all().delete()
    confirm_redaction(by=by, incident=incident, address="https://example.org/gallery", now=NOON)


DOORS: dict[str, Callable[[Incident, User], None]] = {
    "route": lambda incident, by: _route(incident, by, HOST),
    "recipient added": _add_recipient,
    "clearance request": lambda incident, by: _route(incident, by, HOLD, HOST),
    "clearance requested again": _ask_again,
    "clearance granted": _clear,
    "delay over": lambda incident, by: _route(incident, by, LATER),
    "redaction confirmed": _confirm_redaction,
}


def letters() -> list[str]:
    """The purposes of the letters that were begun, first ones only."""
    return sorted(NoticeItem.objects.filter(dropped="").values_list("notice__purpose", flat=True))


def run_for_days() -> None:
    for day in range(1, 5):
        plan_due_notices(now=NOON + day * DAY)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("basis", VerdictBasis)
def test_first_notices_wait_for_a_look(basis: VerdictBasis, door: str, belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "GB", basis=basis, now=NOON)
    DOORS[door](incident, ana)
    run_for_days()
    if basis == VerdictBasis.SEEN:
        assert letters()
        return

    assert letters() == []
    step = NextStep.objects.get()
    assert (step.kind, step.review_at) == (NextStepKind.LOOK, NOON)
    chase = Chase.objects.get()
    assert (to_do_counts(ana, NOON)[LOOK], list(chases_to_check(ana, now=NOON))) == (1, [chase])
    assert LOOK in {due.kind for due in due_items(chase, waiting_of(chase), now=NOON)}
    # Neither is a look that found it online.
    for outcome in (CheckOutcome.UNCLEAR, CheckOutcome.GONE):
        check(by=ana, incident=incident, outcome=outcome, now=NOON + 5 * DAY)
        assert letters() == []
    check(by=ana, incident=incident, outcome=CheckOutcome.ONLINE, now=NOON + 5 * DAY + HOUR)
    assert NextStep.objects.get().kind != NextStepKind.LOOK
    assert LOOK not in to_do_counts(ana, NOON + 6 * DAY)
    plan_due_notices(now=NOON + 7 * DAY)
    assert letters()


@pytest.mark.parametrize("basis", UNSEEN)
def test_escalation_to_a_new_recipient_waits_for_a_look(basis: VerdictBasis, belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "GB", basis=basis, now=NOON)
    _route(incident, ana, HOST)
    Chase.objects.update(noticed_at=NOON)
    with pytest.raises(Denied, match="has not been looked at"):
        escalate(by=ana, incident=incident, to=Recipient.objects.get(name="Registrar"), now=NOON + DAY)
    assert not Referral.objects.filter(to__name="Registrar").exists()


def test_look_of_a_later_verdict_begins_the_notices(belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "GB", basis=VerdictBasis.DUPLICATE, now=NOON)
    _route(incident, ana, HOLD, HOST)
    incident.refresh_from_db()
    actions.reopen(by=ana, incident=incident, now=NOON + DAY)
    assert letters() == []
    incident.refresh_from_db()
    second = assessed_illegal(incident, ana, now=NOON + DAY)
    assert letters() == [Purpose.CLEARANCE]
    assert latest_looks([incident.pk]) == {incident.pk: second.at}


def test_undone_look_counts_no_more(belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "GB", basis=VerdictBasis.WORDS, now=NOON)
    incident.refresh_from_db()
    actions.reopen(by=ana, incident=incident, now=NOON + HOUR)
    incident.refresh_from_db()
    assessment = assessed_illegal(incident, ana, now=NOON + HOUR)
    assert Chase.objects.get().unseen_since is None
    actions.undo(by=ana, incident=incident, assessment=assessment, reason=UndoReason.SLIP, now=NOON + HOUR)

    assert Chase.objects.get().unseen_since == NOON + HOUR
    assert latest_looks([incident.pk]) == {}


@pytest.mark.parametrize(
    ("fields", "basis"),
    [
        ({"basis": "seen"}, VerdictBasis.SEEN),
        ({"basis": "words"}, VerdictBasis.WORDS),
        ({"basis": "duplicate"}, VerdictBasis.DUPLICATE),
        ({"verdict": "not_illegal", "reason": "other", "severity": "", "age_band": "", "sex": "", "basis": "seen"}, ""),
    ],
)
def test_form_records_what_an_illegal_verdict_rests_on(
    fields: dict[str, str], basis: str, belize: Portal, ana: User
) -> None:
    incident = claimed(incident_of(belize), ana)
    sent = {**ILLEGAL, "fence": incident.fence, **fields}
    assert client_of(ana).post(f"/admin/incidents/{incident.pk}/assess/", sent).status_code == 302
    assert Assessment.objects.get().basis == basis


def test_words_alone_are_never_seen(belize: Portal, ana: User) -> None:
    words = incident_of(belize, "A man wrote to me.")
    assert assessed_illegal(words, ana).basis == VerdictBasis.WORDS
