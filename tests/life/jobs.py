"""The worker's jobs and the daily command that the model runs, each with the clock of its world. One row each."""

from collections.abc import Callable
from dataclasses import dataclass

from analysts.assessment import actions, publishing
from analysts.incidents import daily_cleanup
from analysts.models import Notice
from analysts.pages import tasks
from analysts.retention import erasure
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.notices import outbox, reply_intake, sending
from countries.staff import lifecycle
from tests.life.world import World


@dataclass(frozen=True, slots=True)
class JobRow:
    """`name`: of the function in `analysts.pages.tasks`; "" for a command."""

    name: str
    run: Callable[[World], object]


def _take_in(world: World) -> None:
    world.take_in()
    while reply_intake.take_in(now=world.now):
        pass


def _send_notices(world: World) -> None:
    for pk in Notice.objects.due(world.now).order_by("made_at", "reference").values_list("pk", flat=True):
        sending.attempt_delivery(notice_id=pk, now=world.now)


JOBS: tuple[JobRow, ...] = (
    JobRow("take_in", _take_in),
    JobRow("expire_claims", lambda world: actions.expire_claims(now=world.now)),
    JobRow("chase", lambda world: plan_due_notices(now=world.now)),
    JobRow("send_notice", _send_notices),
    JobRow("find_late_notices", lambda world: outbox.reschedule_lost_notices(now=world.now)),
    JobRow("publish", lambda world: publishing.publish_outcomes(now=world.now)),
    JobRow("clear_desks", lambda _world: daily_cleanup.delete_old_drafts_and_skips()),
    JobRow("open_portals", lambda world: lifecycle.open_due(now=world.now)),
    JobRow("send_alarms", lambda _world: tasks.send_alarms(timestamp=0)),
    JobRow("note_heartbeat", lambda _world: tasks.note_heartbeat(timestamp=0)),
    JobRow("watch_coverage", lambda _world: tasks.watch_coverage(timestamp=0)),
    JobRow("grant_unattended_danger", lambda _world: tasks.grant_unattended_danger(timestamp=0)),
    JobRow("", lambda world: erasure.tend_keys(now=world.now)),
)
