"""Every permission check of a verb begins with the role: an account that is switched off passes none of them."""

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, cast
from unittest.mock import MagicMock
from uuid import uuid4

import pytest

from analysts.assessment.actions import claims
from analysts.codes import Closing, RevealReason, Role
from analysts.exports import permissions as exports
from analysts.handoff import allowances, drawing
from analysts.handoff import permissions as handoff
from analysts.incidents import permissions as incidents
from analysts.models import (
    Batch,
    BatchState,
    Export,
    ExportState,
    ExportSubject,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    User,
)
from analysts.models.notice import PATIENCE
from analysts.states import State
from analysts.takedown.notices import permissions as notices
from audit.permissions import Denied, why_not
from portal_site.environment import PROJECT
from tests.rig.python_files import APPS, python_files

type Check = Callable[..., None]
PEOPLE = {"User", "StaffMember", "HasPermissions"}
# Checks of the person whom something is given to, and those that only follow another check.
NO_FIRST_CHECKS = {
    *("check_can_receive", "check_can_own"),
    *("check_is_second_person", "check_can_read_these", "check_is_free", "check_sees_all"),
}


def permission_checks() -> Iterator[tuple[str, Check]]:
    """Those whose first parameter is the person who asks, by module and name."""
    for path in python_files(*APPS):
        if path.name == "permissions.py":
            module = import_module(".".join(path.relative_to(PROJECT).with_suffix("").parts))
            for name, check in vars(module).items():
                if name.startswith("check_") and name not in NO_FIRST_CHECKS:
                    first, *_others = inspect.signature(check).parameters.values()
                    if getattr(first.annotation, "__name__", first.annotation) in PEOPLE:
                        yield f"{module.__name__}.{name}", check


# Once each, by the module that has it first.
CHECKS = {name: check for check, name in {check: name for name, check in permission_checks()}.items()}


# By check: values for its other parameters, which it should ask nothing before it refuses.
OTHERS = {
    name: {each: MagicMock() for each in [*inspect.signature(check).parameters][1:]} for name, check in CHECKS.items()
}


@pytest.mark.parametrize("role", Role)
def test_account_that_is_switched_off_is_refused_before_anything_else(role: Role) -> None:
    user = User(role=role, is_active=False)
    reasons = {why_not(check, user) for name, check in CHECKS.items() if not OTHERS[name]} - {""}
    refusals = {name: why_not(check, cast("Any", user), **OTHERS[name]) for name, check in CHECKS.items()}
    assert {name: reason for name, reason in refusals.items() if reason not in reasons} == {}


def test_there_are_checks() -> None:
    assert len(CHECKS) > 60


# Verbs that hand out something new, which there is no row of yet that a check could lock first.
@pytest.mark.parametrize(
    "verb", [allowances.ask_allowance, drawing.draw_batch, drawing.view_batches, claims.claim_next]
)
def test_verb_that_hands_out_refuses_before_anything_else(verb: Callable[..., object]) -> None:
    values = {name: MagicMock() for name in inspect.signature(verb).parameters}
    for role in Role:
        with pytest.raises(Denied, match="Only analysts"):
            inspect.unwrap(verb)(**values | {"by": User(role=role, is_active=False)})


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER, MOMENT = NOW + timedelta(hours=1), {"now": NOW}
READY = {"state": NoticeState.READY, "next_try_at": LATER}
# Check, what it is about, and a part of the reason; each condition that needs no other row. Ana has the number 1.
CONDITIONS: list[tuple[Check, Any, dict[str, Any], str]] = [
    (notices.check_can_stop, Notice(state=NoticeState.SENT), MOMENT, "has been sent"),
    (notices.check_can_stop, Notice(state=NoticeState.DROPPED), MOMENT, "is cancelled"),
    (notices.check_can_stop, Notice(**READY), MOMENT, ""),
    (notices.check_can_stop, Notice(**READY | {"tried_at": LATER - PATIENCE}), MOMENT, "being sent"),
    (notices.check_can_leave_out, NoticeItem(notice=Notice(), dropped="x"), MOMENT, "already left out"),
    (notices.check_can_leave_out, NoticeItem(notice=Notice()), MOMENT, ""),
    (notices.check_can_send_now, Notice(state=NoticeState.DEAD), MOMENT, "by e-mail"),
    (notices.check_can_send_now, Notice(state=NoticeState.READY), MOMENT, "by e-mail"),
    (notices.check_can_try_again, Notice(), MOMENT, "not failed"),
    (notices.check_can_send_by_hand, Notice(state=NoticeState.READY), MOMENT, "already waiting"),
    (notices.check_can_send_by_hand, Notice(), MOMENT, "can still be added"),
    (notices.check_can_record_sent, Notice(**READY), MOMENT, "not waiting to be sent by hand"),
    (notices.check_can_record_reply, Notice(**READY), {}, "not been sent"),
    (incidents.check_may_view, Incident(state=State.WAITING, claimed_by_id=1), {"reason": ""}, "Give a reason"),
    (incidents.check_may_view, Incident(state=State.CLAIMED, claimed_by_id=2), {"reason": "x"}, "Give a reason"),
    (incidents.check_may_view, Incident(state=State.CLAIMED, claimed_by_id=1), {"reason": ""}, ""),
    (incidents.check_may_view, Incident(), {"reason": RevealReason.values[0]}, ""),
    (incidents.check_can_copy, Incident(), {}, "no address"),
    (incidents.check_can_copy, Incident(sealed_address=b"s"), {}, ""),
    (incidents.check_can_claim, Incident(state=State.CLAIMED, claimed_by_id=1), {}, "already working"),
    (incidents.check_can_claim, Incident(state=State.CLAIMED, claimed_by_id=2), {}, "A colleague"),
    (incidents.check_can_claim, Incident(state=State.CLOSED), {}, "Not possible"),
    (incidents.check_can_claim, Incident(state=State.WAITING), {}, ""),
    (incidents.check_can_release, Incident(state=State.CLAIMED, claimed_by_id=2), {}, "A colleague"),
    (incidents.check_can_skip, Incident(state=State.CLAIMED, claimed_by_id=2), {}, "A colleague"),
    (incidents.check_can_skip, Incident(state=State.CLAIMED, claimed_by_id=1), {}, ""),
    (incidents.check_can_renew, Incident(state=State.CLAIMED, claimed_by_id=2), {}, "A colleague"),
    (incidents.check_can_renew, Incident(state=State.CLAIMED, claimed_by_id=1, batch_id=uuid4()), {}, "batch"),
    (incidents.check_can_hand_over, Incident(state=State.CLAIMED, claimed_by_id=1, batch_id=uuid4()), {}, "batch"),
    (incidents.check_can_hand_over, Incident(state=State.CLAIMED, claimed_by_id=2), {}, "A colleague"),
    (incidents.check_can_assess, Incident(state=State.WAITING), {}, "Claim the incident first"),
    (incidents.check_can_assess, Incident(state=State.CLAIMED, claimed_by_id=2), {}, "A colleague"),
    (incidents.check_can_assess, Incident(state=State.CLAIMED, claimed_by_id=1), {}, ""),
    (incidents.check_can_reopen, Incident(state=State.CLOSED, closing=Closing.MERGED), {}, "was merged"),
    (incidents.check_can_split, Incident(closing=Closing.MERGED), {}, "was merged"),
    (incidents.check_can_split, Incident(state=State.CLAIMED, claimed_by_id=2), {}, "A colleague"),
    (handoff.check_can_end_batch, Batch(by_id=2), {}, "drew the batch"),
    (handoff.check_can_end_batch, Batch(by_id=1, state=BatchState.LATE), {}, "already ended"),
    (handoff.check_can_end_batch, Batch(by_id=1), {}, ""),
    (handoff.check_can_import, Batch(by_id=2), {}, "Another analyst"),
    (handoff.check_can_import, Batch(by_id=1), {}, ""),
    (handoff.check_can_download, Batch(by_id=2), MOMENT, "Another analyst"),
    (exports.check_can_cancel, Export(by_id=2), {}, "Another person"),
    (exports.check_can_cancel, Export(by_id=1, state=ExportState.FETCHED), {}, "already ended"),
    (exports.check_can_cancel, Export(by_id=1, state=ExportState.READY), {}, ""),
    (exports.check_can_fetch, Export(by_id=1), MOMENT, "not written yet"),
    (exports.check_can_fetch, Export(by_id=1, state=ExportState.READY, until=NOW), MOMENT, "was erased"),
    (exports.check_can_fetch, Export(by_id=1, state=ExportState.FETCHED, until=LATER), MOMENT, "was erased"),
]


@pytest.mark.parametrize(("check", "subject", "values", "reason"), CONDITIONS)
def test_each_condition_is_refused_with_its_reason(
    check: Check, subject: Any, values: dict[str, Any], reason: str
) -> None:
    answer = why_not(check, User(pk=1, role=Role.ANALYST), subject, **values)
    assert (bool(answer), reason in answer) == (bool(reason), True)


@pytest.mark.parametrize("user", [User(pk=1, role=Role.ANALYST, is_active=False), User(pk=1, role=Role.OPERATOR)])
def test_nothing_is_handed_over_to_an_account_that_opens_none(user: User) -> None:
    assert "handed over to an analyst" in why_not(incidents.check_can_receive, user, Incident())


@pytest.mark.parametrize(
    ("state", "until", "reason"),
    [
        (BatchState.REVOKED, LATER, "was revoked"),
        (BatchState.RETURNED, LATER, "was returned"),
        (BatchState.LATE, LATER, "too late"),
        (BatchState.DRAWN, NOW, "too late"),
        (BatchState.DRAWN, LATER, ""),
    ],
)
def test_batch_is_drawn_until_its_time(state: BatchState, until: datetime, reason: str) -> None:
    answer = why_not(handoff.check_is_drawn, Batch(state=state, until=until), now=NOW)
    assert (bool(answer), reason in answer) == (bool(reason), True)


@pytest.mark.parametrize(
    ("role", "subject", "reason"),
    [
        (Role.ANALYST, ExportSubject.INCIDENTS, ""),
        (Role.ANALYST, ExportSubject.EVENTS, "Only auditors"),
        (Role.AUDITOR, ExportSubject.INCIDENTS, "Only analysts"),
        (Role.AUDITOR, ExportSubject.EVENTS, ""),
        (Role.OPERATOR, ExportSubject.INCIDENTS, "Only"),
    ],
)
def test_each_subject_is_exported_by_those_who_read_it(role: Role, subject: ExportSubject, reason: str) -> None:
    answer = why_not(exports.check_can_export, User(pk=1, role=role), subject)
    assert (bool(answer), reason in answer) == (bool(reason), True)
