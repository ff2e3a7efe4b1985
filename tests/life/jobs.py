"""The workers' jobs and commands that the model runs, each with the clock of its world. One row each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore

from analysts.accounts import alarms, coverage, modes, operator_mails
from analysts.accounts.sign_in import delays
from analysts.assessment import actions, publishing
from analysts.exports import writing
from analysts.figures import gauges, public_figures, rollups
from analysts.figures.providers import precision
from analysts.handoff import batch_ends
from analysts.imports import working as imports
from analysts.incidents import daily_cleanup, danger_grants
from analysts.models import Export, ExportState, Notice
from analysts.operations import keyring_look, setting_ends
from analysts.pages import approval_mails, held_work, tasks
from analysts.pages.approvals import KIND_BY_CODE
from analysts.pages.list_exports import TABLES
from analysts.retention import anchoring, erasure, public_transactions
from analysts.sources import standing
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.notices import outbox, sending
from analysts.takedown.notices.replies import intake as reply_intake
from audit import stream
from countries.staff.requests import approvals
from countries.staff.workspace import lifecycle
from tests.life.world import World


@dataclass(frozen=True, slots=True)
class JobRow:
    """`name`: of the function in `analysts.pages.tasks`, or of the command. `often`: compared with the others."""

    name: str
    run: Callable[[World], object]
    often: int = 1


def _take_in_replies(world: World) -> None:
    while reply_intake.take_in(now=world.now):
        pass


def send_due_notices(world: World) -> None:
    for pk in Notice.objects.due(world.now).order_by("made_at", "reference").values_list("pk", flat=True):
        sending.attempt_delivery(notice_id=pk, now=world.now)


def _send_alarms(world: World) -> None:
    alarms.send_due_alarms(tasks.ALARMS, now=world.now)


def _write_exports(world: World) -> None:
    for pk in Export.objects.filter(state=ExportState.WAITING).order_by("at").values_list("pk", flat=True):
        writing.write_export(export_id=pk, tables=TABLES, now=world.now)


def _work_on_history(world: World) -> None:
    imports.erase_old_files(now=world.now)
    while imports.work_on_next(now=world.now):
        pass


def _recount_figures(world: World) -> None:
    rollups.recount_recent_days(now=world.now)
    precision.note_imprecise_providers(now=world.now)


def _count_figures(world: World) -> None:
    rollups.count_changes(now=world.now)
    gauges.count_open_work(now=world.now)


def _end_modes(world: World) -> None:
    modes.end_expired_modes(now=world.now)
    setting_ends.end_tightened_settings(now=world.now)


def _count_sources(world: World) -> None:
    standing.count_sources(now=world.now)
    standing.forget_requests(now=world.now)


def _expire_claims(world: World) -> None:
    actions.expire_claims(now=world.now)
    held_work.return_stranded_work(now=world.now)


def _grant_unattended_danger(world: World) -> None:
    danger_grants.grant_unattended_danger(now=world.now)
    actions.shorten_danger_claims(now=world.now)


JOBS: tuple[JobRow, ...] = (
    JobRow("run_intake", World.take_in, often=4),
    # The model's intake has no process, so the worker takes in the same.
    JobRow("take_in_reports", World.take_in),
    JobRow("take_in_replies", _take_in_replies, often=3),
    # The model has no addresses from before masks were stored.
    JobRow("seal_masks", lambda _world: tasks.seal_masks(timestamp=0)),
    JobRow("expire_claims", _expire_claims),
    JobRow("end_late_batches", lambda world: batch_ends.end_late_batches(now=world.now)),
    JobRow("record_batch_exits", lambda world: actions.record_batch_exits(now=world.now)),
    JobRow("write_export", _write_exports),
    JobRow("tend_exports", lambda world: writing.tend_exports(now=world.now)),
    JobRow("work_on_history", _work_on_history),
    JobRow("chase", lambda world: plan_due_notices(now=world.now), often=3),
    JobRow("send_notice", send_due_notices, often=5),
    JobRow("find_late_notices", lambda world: outbox.reschedule_lost_notices(now=world.now)),
    JobRow("publish", lambda world: publishing.publish_outcomes(now=world.now), often=3),
    JobRow("reopen_incidents", lambda world: actions.reopen_due(now=world.now)),
    JobRow("clear_desks", lambda world: daily_cleanup.delete_old_drafts_and_skips(now=world.now)),
    JobRow("count_sources", _count_sources),
    JobRow("open_portals", lambda world: lifecycle.open_due(now=world.now)),
    JobRow("expire_approvals", lambda world: approvals.expire_requests(KIND_BY_CODE, now=world.now)),
    JobRow("announce_approvals", lambda world: approval_mails.announce_approvals(now=world.now)),
    JobRow("send_alarms", _send_alarms, often=5),
    JobRow("note_heartbeat", lambda _world: tasks.note_heartbeat(timestamp=0)),
    JobRow("end_old_public_transactions", lambda _world: public_transactions.end_old_public_transactions()),
    JobRow("remind_operators", lambda world: operator_mails.remind_operators(now=world.now)),
    JobRow("watch_coverage", lambda world: coverage.note_coverage(now=world.now)),
    JobRow("watch_emergencies", lambda world: operator_mails.raise_emergency_alarm(now=world.now)),
    JobRow("delete_old_readings", lambda _world: tasks.delete_old_readings(timestamp=0)),
    # The model has no mail server that can be asked.
    JobRow("check_mail_server", lambda _world: tasks.check_mail_server(timestamp=0)),
    JobRow("look_at_keyring", lambda world: keyring_look.look_at_keyring(world.now)),
    # The job that it orders is no work of the model.
    JobRow("send_test_message", lambda _world: None),
    JobRow("stream_audit", lambda _world: stream.send_new_events()),
    JobRow("end_modes", _end_modes),
    JobRow("grant_unattended_danger", _grant_unattended_danger),
    JobRow("keep_anchor", lambda world: anchoring.run_check(now=world.now)),
    JobRow("record_failed_sign_ins", lambda _world: delays.record_failed_attempts()),
    JobRow("delete_old_sessions", lambda _world: SessionStore.clear_expired()),
    JobRow("count_figures", _count_figures),
    JobRow("recount_figures", _recount_figures),
    JobRow("publish_figures", lambda world: public_figures.publish_due_periods(today=world.now.date())),
    JobRow("tend_keys", lambda world: erasure.tend_keys(now=world.now)),
)
# Commands that are no jobs of the queue.
COMMANDS = frozenset({"run_intake", "tend_keys"})
