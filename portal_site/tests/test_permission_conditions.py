"""Each condition of a permission check, met and not: refused with its own reason, or allowed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import MagicMock
from uuid import uuid4

import pytest
from django.conf import settings

from analysts.accounts import permissions as accounts
from analysts.assessment import permissions as assessment
from analysts.codes import Closing, RevealReason, ReviewStage, Role, Severity, Verdict
from analysts.exports import permissions as exports
from analysts.handoff import permissions as handoff
from analysts.incidents import permissions as incidents
from analysts.models import (
    AllowanceState,
    Assessment,
    Batch,
    BatchState,
    Clearance,
    Export,
    ExportState,
    ExportSubject,
    FeedScope,
    Incident,
    NextStepKind,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    User,
)
from analysts.models.notice import PATIENCE
from analysts.models.staff import user as staff_user
from analysts.retention import permissions as retention
from analysts.states import State
from analysts.takedown.appeals import permissions as appeals
from analysts.takedown.chasing import permissions as chasing
from analysts.takedown.inbox import permissions as inbox
from analysts.takedown.next_steps import permissions as next_steps
from analysts.takedown.notices import permissions as notices
from analysts.takedown.recipients import permissions as recipients
from analysts.takedown.routing import permissions as routing
from analysts.takedown.tracing import permissions as tracing
from analysts.takedown.url_list import permissions as url_list
from audit.permissions import why_not
from countries import decided_settings
from countries.models import PortalState
from countries.staff.workspace.permissions import check_can_be_moved
from countries.states import Verb

type Check = Callable[..., Any]

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER, MOMENT = NOW + timedelta(hours=1), {"now": NOW}
READY = {"state": NoticeState.READY, "next_try_at": LATER}
# Check, what it is about, and a part of the reason; each condition that needs no other row. Ana has the number 1.
CONDITIONS: list[tuple[Check, Any, dict[str, Any], str]] = [
    *(
        (check, Notice(state=state), MOMENT, reason)
        for check in (notices.check_can_stop, notices.check_can_cancel, notices.check_can_send_now,
                      notices.check_can_try_again, notices.check_can_send_by_hand, notices.check_can_record_sent)
        for state, reason in ((NoticeState.SENT, "has been sent"), (NoticeState.DROPPED, "is cancelled"))
    ),
    (notices.check_can_leave_out, NoticeItem(notice=Notice(state=NoticeState.SENT)), MOMENT, "has been sent"),
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
    (notices.check_can_read, Notice(state=NoticeState.DROPPED), {}, "is cancelled"),
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
]  # fmt: skip


def row_with(**values: object) -> MagicMock:
    """A row of which only these values matter; what belongs to it is as queries find it."""
    settled = {"closing": "", "open_hold": None, "batch_id": None, "child_in_danger": False}
    row = MagicMock(**{"stage": ReviewStage.FIRST, "round": 1, **settled, **values})
    row.chases.filter.return_value.exists.return_value = values.get("has_open_chase", False)
    row.assessments.acted_on.return_value = values.get("acted_on")
    row.assessments.filter.return_value.exists.return_value = values.get("has_assessed", False)
    row.alerts.exists.return_value = values.get("has_alerts", False)
    row.items.filter.return_value.count.return_value = values.get("unopened", 0)
    return row


def changed(row: MagicMock, **values: object) -> MagicMock:
    row.configure_mock(**values)
    return row


ADMINISTRATOR = Role.ADMINISTRATOR
HERS, HIS, FREE = ({"claimed_by_id": pk, "state": state} for pk, state in
                   ((1, State.CLAIMED), (2, State.CLAIMED), (None, State.WAITING)))  # fmt: skip
CHASE = {"ended_at": None, "noticed_at": NOW, "has_moved": False, "removed_in_a_row": 0, "trace": 1}
REACHED = {"closed_on": None, "is_verified": False, "changed_by_id": 2, "changed_at": NOW, "channel": "email"}
ASKED = {"by_id": 2, "at": NOW, "state": AllowanceState.REQUESTED}
UNDOABLE = {"by_id": 1, "undone_at": None, "bulk_id": None, "stage": ReviewStage.FIRST, "at": NOW, "round": 1}
MERGED_ONE = {"closing": Closing.MERGED}


def assessment_of(incident: dict[str, Any], **values: object) -> MagicMock:
    """An assessment of an incident with these values, in force unless `latest` is another."""
    assessment = MagicMock(**UNDOABLE | {name: value for name, value in values.items() if name != "latest"})
    assessment.incident = changed(row_with(state=State.CLOSED), **incident)
    in_force = assessment.incident.assessments.in_force.return_value
    in_force.latest.return_value = values.get("latest", assessment)
    return assessment


# About an incident with this chase, state and kind.
ON_HOSTING: list[tuple[Check, dict[str, Any] | None, State, str, dict[str, Any], str]] = [
    (tracing.check_can_trace, None, State.ACTING, "address", {}, "can be traced"),
    (tracing.check_can_trace, {"trace": 0}, State.ACTING, "address", {}, ""),
    (routing.check_can_route, None, State.ACTING, "address", {}, "can be referred"),
    (routing.check_can_route, {"trace": 0}, State.ACTING, "address", {}, "Trace the hosting"),
    (routing.check_can_route, {"trace": 1}, State.ACTING, "address", {}, ""),
    (routing.check_can_route, {"trace": 1}, State.WAITING, "address", {}, "Not possible"),
    (routing.check_can_route, {"has_moved": True}, State.WAITING, "address", {}, ""),
    (routing.check_can_add_recipient, {"has_moved": True}, State.ACTING, "address", {}, "has changed"),
    (routing.check_can_add_recipient, {"has_moved": True}, State.ACTING, "words", {}, ""),
    (routing.check_can_add_recipient, {"trace": 0}, State.ACTING, "address", {}, ""),
    (routing.check_can_add_recipient, {"trace": 1}, State.WAITING, "address", {}, "Not possible"),
    *(
        (routing.check_can_ask_police, {"trace": trace}, State.ACTING, "address", {"latest": latest}, reason)
        for trace, latest, reason in (
            (0, None, "Trace the hosting"), (1, None, ""), (1, MagicMock(answer="free"), ""),
            (1, MagicMock(answer=""), "not decided"),
        )
    ),
]  # fmt: skip

# The same with the role of the person who asks, who has the number 1 and works for the portal 5.
CONDITIONS_OF_ROLES: list[tuple[Role, Check, Any, dict[str, Any], str]] = [
    *((Role.ANALYST, *condition) for condition in CONDITIONS),
    *(
        (ADMINISTRATOR, check, User(pk=pk), values, reason)
        for check, values in ((accounts.check_can_request_role, {"role": "analyst"}),
                              (accounts.check_can_request_portals, {}), (accounts.check_can_request_recovery, {}))
        for pk, reason in ((1, "yourself"), (2, ""))
    ),
    (ADMINISTRATOR, accounts.check_can_request_recovery, User(pk=2, unconfirmed=True), {}, "not been approved"),
    (ADMINISTRATOR, accounts.check_can_request_recovery, User(pk=2, is_active=False), {}, "is deactivated"),
    (ADMINISTRATOR, handoff.check_can_close_workstation, row_with(closed_on=NOW), {}, "already closed"),
    (ADMINISTRATOR, handoff.check_can_close_workstation, row_with(closed_on=None), {}, ""),
    (Role.SENIOR, incidents.check_can_release, row_with(**HIS), {}, ""),
    (Role.SENIOR, incidents.check_can_hand_over, row_with(**HIS), {}, ""),
    *(
        (role, check, changed(row_with(has_assessed=has_assessed, **state), stage=stage), {}, reason)
        for check, state in ((incidents.check_can_claim, FREE), (incidents.check_can_assess, HERS))
        for role, stage, has_assessed, reason in (
            (Role.ANALYST, ReviewStage.FIRST, True, ""), (Role.ANALYST, ReviewStage.SECOND, False, ""),
            (Role.ANALYST, ReviewStage.SECOND, True, "already assessed"),
            (Role.ANALYST, ReviewStage.SENIOR, False, "A senior analyst decides"),
            (Role.SENIOR, ReviewStage.SENIOR, False, ""),
            (Role.SENIOR, ReviewStage.SENIOR, True, "already assessed"),
        )
    ),
    (Role.ANALYST, incidents.check_can_assess, row_with(state=State.CLOSED, claimed_by_id=1), {}, "Not possible"),
    (Role.SENIOR, incidents.check_can_skip, row_with(**HIS), {}, "A colleague"),
    (Role.SENIOR, incidents.check_can_renew, row_with(**HIS), {}, "A colleague"),
    *(
        (Role.ANALYST, check, row_with(**FREE), {}, "Not possible")
        for check in (incidents.check_can_release, incidents.check_can_hand_over, incidents.check_can_skip,
                      incidents.check_can_renew, incidents.check_can_refer, incidents.check_can_close,
                      incidents.check_can_reopen)
    ),
    *(
        (Role.ANALYST, check, row_with(state=state), {}, "")
        for check in (incidents.check_can_refer, incidents.check_can_close, incidents.check_can_reopen)
        for state in (State.ASSESSED, State.ACTING)
    ),
    (Role.ANALYST, incidents.check_can_release, row_with(**HERS), {}, ""),
    (Role.ANALYST, incidents.check_can_hand_over, row_with(**HERS), {}, ""),
    (Role.ANALYST, incidents.check_can_renew, row_with(**HERS), {}, ""),
    (Role.ANALYST, incidents.check_can_merge_away, row_with(**FREE), {}, ""),
    (Role.ANALYST, incidents.check_can_merge_away, row_with(**HERS), {}, ""),
    (Role.ANALYST, incidents.check_can_merge_away, row_with(**HIS), {}, "A colleague"),
    (Role.ANALYST, incidents.check_can_merge_away, row_with(state=State.CLOSED), {}, "Not possible"),
    *(
        (Role.ANALYST, incidents.check_can_merge_away, changed(row_with(has_open_chase=is_open, **FREE), **more), {},
         reason)
        for is_open, more, reason in (
            (False, {"stage": ReviewStage.SECOND}, "another review"), (False, {"open_hold": 1}, "legal hold"),
            (True, {"round": 2}, "not been removed"), (False, {"round": 2}, ""), (True, {"round": 1}, ""),
        )
    ),
    *(
        (Role.ANALYST, incidents.check_can_merge_away,
         row_with(child_in_danger=in_danger, priority_reasons=reasons, has_alerts=has_alerts, **FREE), {}, reason)
        for in_danger, reasons, has_alerts, reason in (
            (True, [], False, ""), (False, [], True, ""), (True, [], True, "were informed"),
            (False, ["child_in_danger"], True, "were informed"),
        )
    ),
    *(
        (Role.ANALYST, incidents.check_can_compare, row_with(pk=3),
         {"merged": row_with(merged_into_id=pk, is_compared=is_compared)}, reason)
        for pk, is_compared, reason in ((3, False, ""), (3, True, "on record already"), (4, False, "no longer part"))
    ),
    *(
        (Role.ANALYST, check, row_with(by_id=2, asked_at=asked_at, ended_at=ended_at), {}, "already been decided")
        for check in (assessment.check_can_approve_closing, assessment.check_can_decline_closing)
        for asked_at, ended_at in ((None, None), (NOW, NOW), (None, NOW))
    ),
    *(
        (Role.ANALYST, assessment.check_can_close_flood, row_with(by_id=1, ended_at=None, unopened=unopened),
         {"verdict": verdict}, reason)
        for unopened, verdict, reason in (
            (0, Verdict.OUTSIDE_REMIT, ""), (1, Verdict.OUTSIDE_REMIT, "1 incident of"),
            (0, Verdict.ILLEGAL, "one incident at a time"),
        )
    ),
    (Role.ANALYST, incidents.check_can_merge, row_with(pk=3, **FREE), {"into": row_with(pk=3)}, "into itself"),
    (Role.ANALYST, incidents.check_can_merge, row_with(pk=3, **FREE), {"into": changed(row_with(pk=4), **MERGED_ONE)},
     "itself been merged"),
    (Role.ANALYST, incidents.check_can_merge, row_with(pk=3, **FREE), {"into": row_with(pk=4)}, ""),
    (Role.ANALYST, incidents.check_can_split, row_with(has_several_reports=True, **HERS), {}, ""),
    (Role.ANALYST, incidents.check_can_split, row_with(has_several_reports=True, **FREE), {}, ""),
    (Role.ANALYST, incidents.check_can_split, row_with(has_several_reports=False, **FREE), {}, "only one report"),
    (Role.ANALYST, incidents.check_can_split, changed(row_with(has_several_reports=True), open_hold=1), {},
     "legal hold"),
    *(
        (Role.ANALYST, incidents.check_can_undo, assessment_of(incident, **values), MOMENT, reason)
        for incident, values, reason in (
            ({}, {}, ""), ({"closing": Closing.NOT_ACTIONED}, {}, ""), ({"state": State.WAITING}, {}, ""),
            ({}, {"by_id": 2}, "Only the person"), ({}, {"undone_at": NOW}, "already been undone"),
            ({}, {"stage": ReviewStage.SECOND}, "Both reviews"), ({}, {"bulk_id": 7}, "closed together"),
            ({"state": State.CLAIMED}, {}, "has already started"), ({"state": State.ACTING}, {}, "Not possible"),
            ({}, {"latest": None}, "newer decision"), ({"round": 2}, {}, "newer decision"),
            ({"closing": Closing.GONE}, {}, "newer decision"),
        )
    ),
    (Role.ANALYST, assessment.check_can_enter, None, {}, ""),
    (Role.ANALYST, assessment.check_can_enter, row_with(pk=5), {}, ""),
    (Role.ANALYST, assessment.check_can_enter, row_with(pk=6), {}, "do not work for this portal"),
    (Role.ANALYST, assessment.check_can_use_sample, row_with(by_id=2, ended_at=None), {}, "Another analyst"),
    (Role.ANALYST, assessment.check_can_use_sample, row_with(by_id=1, ended_at=NOW), {}, "has been used"),
    (Role.ANALYST, assessment.check_can_use_sample, row_with(by_id=1, ended_at=None), {}, ""),
    *(
        (role, assessment.check_can_undo_flood, row_with(by_id=by_id, undone_at=undone_at, at=NOW), MOMENT, reason)
        for role, by_id, undone_at, reason in (
            (Role.ANALYST, 1, None, ""), (Role.SENIOR, 2, None, ""), (Role.ANALYST, 2, None, "Only the analyst"),
            (Role.SENIOR, 1, NOW, "already been undone"),
        )
    ),
    *(
        (Role.ANALYST, check, chase and row_with(**CHASE | chase), {}, reason)
        for check, chase, reason in (
            (chasing.check_can_check, None, "Only open"), (chasing.check_can_check, {"ended_at": NOW}, "Only open"),
            (chasing.check_can_check, {"noticed_at": None}, ""), (chasing.check_can_escalate, {"trace": 1}, ""),
            (chasing.check_can_escalate, None, "Only open"),
            (chasing.check_can_escalate, {"noticed_at": None}, "No notice"),
            (chasing.check_can_escalate, {"has_moved": True}, "has changed"),
            (chasing.check_can_escalate, {"removed_in_a_row": 1}, "found it removed"),
        )
    ),
    *(
        (Role.ANALYST, next_steps.check_can_plan, row_with(state=state), {}, "" if is_possible else "Only open")
        for state, is_possible in ((State.ASSESSED, True), (State.ACTING, True), (State.CLOSED, False))
    ),
    *(
        (Role.ANALYST, next_steps.check_can_assign, row_with(state=State.ACTING, portals=[5, 6]),
         {"step": step and row_with(**step), "owner": owner, "owner_portals": portals}, reason)
        for step, owner, portals, reason in (
            (None, None, [], "have a next step"), ({"owner": None, "is_assigned": False}, "ben", [7], "does not work"),
            ({"owner": None, "is_assigned": False}, "ben", [6, 7], ""),
            ({"owner": "ben", "is_assigned": False}, "ben", [6], ""),
            ({"owner": "ben", "is_assigned": True}, "ben", [6], "already assigned"),
            ({"owner": None, "is_assigned": False}, None, [], "already assigned"),
            ({"owner": "ben", "is_assigned": True}, None, [], ""),
        )
    ),
    *(
        (Role.ANALYST, check, row_with(known_open_chase=chase and row_with(**CHASE | chase), state=state, kind=kind),
         values, reason)
        for check, chase, state, kind, values, reason in ON_HOSTING
    ),
    (Role.ANALYST, routing.require_unanswered_hold, None, {}, "have not been asked"),
    (Role.ANALYST, routing.require_unanswered_hold, MagicMock(answer="free"), {}, "already been recorded"),
    (Role.ANALYST, routing.require_unanswered_hold, MagicMock(answer=""), {}, ""),
    *(
        (Role.ANALYST, url_list.check_can_list, row_with(has_open_chase=is_open, acted_on=acted_on), {}, reason)
        for is_open, acted_on, reason in (
            (True, None, "Only open"),
            *((False, Assessment(severity=severity), "Only open") for severity in Severity),
            *((True, Assessment(severity=severity), "only assist" if severity == Severity.INCHOATE else "")
              for severity in Severity),
        )
    ),
    (Role.OPERATOR, url_list.check_can_make_key, FeedScope.HASHES, {}, ""),
    (Role.OPERATOR, url_list.check_can_make_key, FeedScope.ADDRESSES, {}, "Only a senior analyst"),
    (Role.SENIOR, url_list.check_can_make_key, FeedScope.ADDRESSES, {}, ""),
    *(
        (Role.SENIOR, appeals.check_has_read, row_with(revealed_to=[pk], reply=reply), {"unseen_reason": unseen},
         reason)
        for pk, reply, unseen, reason in (
            (1, None, "", ""), (1, row_with(read_at=NOW), "", ""), (1, row_with(read_at=None), "", "Reveal"),
            (2, None, "", "Reveal"), (2, row_with(read_at=NOW), "", "Reveal"), (2, None, "form", ""),
        )
    ),
    *(
        (ADMINISTRATOR, inbox.check_can_bind, User(pk=2, role=role, unconfirmed=unconfirmed), {}, reason)
        for role, unconfirmed, reason in (
            (Role.RECIPIENT, False, ""), (Role.RECIPIENT, True, "Only an approved"), (Role.ANALYST, False, "Only an"),
        )
    ),
    *(
        (ADMINISTRATOR, check, row_with(suspended_at=at), {}, reason)
        for check, at, reason in (
            (inbox.check_can_confirm, None, ""), (inbox.check_can_confirm, NOW, "is suspended"),
            (inbox.check_can_suspend, None, ""), (inbox.check_can_suspend, NOW, "already suspended"),
        )
    ),
    (Role.ANALYST, appeals.check_can_file, row_with(known_chases=[]), {}, "Only an illegal verdict"),
    (Role.ANALYST, appeals.check_can_file, row_with(known_chases=[1]), {}, ""),
    *(
        (Role.OPERATOR, recipients.check_can_verify,
         row_with(email="a@example.org", form_address="", **REACHED | values), {}, reason)
        for values, reason in (
            ({}, ""), ({"closed_on": NOW}, "is deactivated"), ({"is_verified": True}, "already verified"),
            ({"channel": "link"}, "no contact details"), ({"channel": "by_hand"}, ""),
            ({"changed_by_id": 1}, "second person"),
        )
    ),
    (Role.OPERATOR, recipients.check_can_close_down, row_with(closed_on=None), {}, ""),
    (Role.OPERATOR, recipients.check_can_close_down, row_with(closed_on=NOW), {}, "already deactivated"),
    (Role.OPERATOR, recipients.check_can_reopen, row_with(closed_on=None), {}, "not deactivated"),
    (Role.OPERATOR, recipients.check_can_reopen, row_with(closed_on=NOW), {}, ""),
    *(
        (role, check, row_with(**ASKED | values), {}, reason)
        for role, check, values, reason in (
            (Role.SENIOR, handoff.check_can_grant_allowance, {}, ""),
            (Role.ANALYST, handoff.check_can_grant_allowance, {}, "Only a senior"),
            (Role.SENIOR, handoff.check_can_grant_allowance, {"by_id": 1}, "Another person"),
            (Role.SENIOR, handoff.check_can_grant_allowance, {"state": AllowanceState.GRANTED}, "already been decided"),
            (Role.SENIOR, handoff.check_can_decline_allowance, {}, ""),
            (Role.ANALYST, handoff.check_can_decline_allowance, {}, "Only a senior"),
            (Role.ANALYST, handoff.check_can_decline_allowance, {"by_id": 1}, ""),
            (Role.SENIOR, handoff.check_can_decline_allowance, {"state": AllowanceState.DECLINED}, "already been"),
        )
    ),
    (Role.SENIOR, handoff.check_can_import, Batch(by_id=2), {}, ""),
    (Role.SENIOR, handoff.check_can_end_batch, Batch(by_id=2), {}, ""),
    (Role.SENIOR, retention.check_can_hold, row_with(), {}, ""),
    (Role.SENIOR, retention.check_can_hold, changed(row_with(), open_hold=1), {}, "already under legal hold"),
    (Role.SENIOR, retention.check_can_release_hold, row_with(), {}, "not under legal hold"),
    (Role.SENIOR, retention.check_can_release_hold, changed(row_with(), open_hold=1), {}, ""),
    *(
        (Role.ANALYST, exports.check_can_fetch,
         Export(by_id=1, state=ExportState.READY, until=LATER, subject=ExportSubject.INCIDENTS, portals=portals),
         MOMENT, reason)
        for portals, reason in (([5], ""), ([5, 6], "do not work for now"), ([], "do not work for now"))
    ),
]  # fmt: skip


@pytest.mark.parametrize(("role", "check", "subject", "values", "reason"), CONDITIONS_OF_ROLES)
def test_each_condition_is_refused_with_its_reason(
    role: Role, check: Check, subject: Any, values: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decided_settings, "decided_value", lambda _name: "")
    monkeypatch.setattr(staff_user, "read_portals_of", lambda _pk: [5])
    user = User(pk=1, role=role, is_vouched_for=True, unchanged_since=NOW)
    answer = why_not(check, user, subject, **values)
    assert (bool(answer), reason in answer) == (bool(reason), True)


# By the check that has a time limit: its setting, in the unit of the limit, and a row of that time.
TIME_LIMITS: list[tuple[Check, str, str, Callable[[], Any]]] = [
    (incidents.check_can_undo, "UNDO_MINUTES", "minutes", lambda: assessment_of({})),
    (assessment.check_can_undo_flood, "BULK_UNDO_HOURS", "hours", lambda: row_with(by_id=1, undone_at=None, at=NOW)),
]


@pytest.mark.parametrize(("check", "setting", "unit", "make_row"), TIME_LIMITS)
def test_time_limit_ends_after_its_last_moment(
    check: Check, setting: str, unit: str, make_row: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decided_settings, "decided_value", lambda name: {setting: "7"}[name])
    ana, end = User(pk=1, role=Role.ANALYST), NOW + timedelta(**{unit: 7})
    assert why_not(check, ana, make_row(), now=end) == ""
    assert "time limit" in why_not(check, ana, make_row(), now=end + timedelta(microseconds=1))


@pytest.mark.parametrize("verdict", Verdict)
def test_many_incidents_get_only_verdicts_of_one_person(verdict: Verdict) -> None:
    is_refused = verdict == Verdict.ILLEGAL or verdict in settings.SECOND_REVIEW_VERDICTS
    assert bool(why_not(assessment.check_bulk_verdict, verdict)) is is_refused


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("Police of Belize", False),
        ("see example.org/gallery", True),
        ("192.0.2.1", True),
        ("2001:db8::7", True),
        ("", False),
    ],
)
def test_text_in_clear_names_no_address(text: str, is_refused: bool) -> None:
    assert bool(why_not(routing.check_names_no_address, text)) is is_refused
    if "gallery" not in text:
        assert bool(why_not(routing.check_recipient, text, Incident())) is is_refused


def test_steps_of_the_police_are_offered_first_and_only_after_their_refusal() -> None:
    offered = {answer: next_steps.offered_steps(answer and PoliceHold(answer=answer)) for answer in (None, *Clearance)}
    after_refusal = {kind for kind in NextStepKind if kind.row.is_after_refusal and kind.row.is_offered}
    always = {kind for kind in NextStepKind if kind.row.is_offered} - after_refusal
    for answer, steps in offered.items():
        assert set(steps) == (always | after_refusal if answer == Clearance.REFUSED else always)
    assert after_refusal
    assert set(offered[Clearance.REFUSED][: len(after_refusal)]) == after_refusal


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


def texts_of(**messages: str) -> dict[str, Any]:
    """The texts of a portal whose default language is English, by language."""
    texts = [MagicMock(language=language, suspended_message=message, closed_message=message)
             for language, message in messages.items()]  # fmt: skip
    return {"default_language": "en", "texts.all.return_value": texts}


BOTH, ENGLISH, SPANISH = texts_of(en="Words.", es="Words."), texts_of(en="Words."), texts_of(es="Words.")
OPEN_CHECKLIST = MagicMock(open=(MagicMock(),))
# The needs of a change of a portal's state beside the state that it was in.
MOVES: list[tuple[Verb, PortalState, dict[str, Any], str]] = [
    (Verb.RESTRICT, PortalState.DRAFT, {"access_phrase": "words", **ENGLISH}, ""),
    (Verb.RESTRICT, PortalState.DRAFT, {"access_phrase": "words", **BOTH}, ""),
    (Verb.RESTRICT, PortalState.DRAFT, {"access_phrase": "words", **SPANISH}, "default language"),
    (Verb.RESTRICT, PortalState.DRAFT, {"access_phrase": "", **ENGLISH}, "needs an access phrase"),
    (Verb.REOPEN, PortalState.SUSPENDED, BOTH, ""),
    (Verb.REOPEN, PortalState.SUSPENDED, SPANISH, "default language"),
    *(
        (verb, PortalState.LIVE, texts, reason)
        for verb in (Verb.SUSPEND, Verb.CLOSE)
        for texts, reason in (
            (BOTH, ""), (texts_of(en="Words.", es=" "), "Missing: Español"), (texts_of(), "Missing: English"),
        )
    ),
    (Verb.WITHDRAW, PortalState.SCHEDULED, texts_of(), ""),
    *(
        (verb, state, {"launched_on": launched_on}, "public knows" if is_known else "checklist is not complete")
        for verb, state, launched_on, is_known in (
            (Verb.SCHEDULE, PortalState.DRAFT, None, False), (Verb.SCHEDULE, PortalState.DRAFT, NOW, False),
            (Verb.SCHEDULE, PortalState.RESTRICTED, None, False), (Verb.SCHEDULE, PortalState.RESTRICTED, NOW, True),
            (Verb.LAUNCH, PortalState.RESTRICTED, NOW, False),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "state", "values", "reason"), MOVES)
def test_each_change_of_state_needs_its_phrase_texts_and_checklist(
    verb: Verb, state: PortalState, values: dict[str, Any], reason: str
) -> None:
    portal = MagicMock(state=state, emergency_suspended=False, **values)
    answer = why_not(check_can_be_moved, portal, verb, NOW.date(), OPEN_CHECKLIST)
    assert (bool(answer), reason in answer) == (bool(reason), True)


def test_giving_any_role_but_partner_needs_two_administrators() -> None:
    assert [role for role in Role if not accounts.needs_two(role)] == [Role.PARTNER]
