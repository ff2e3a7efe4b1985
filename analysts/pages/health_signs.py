"""Reads what must never stop unseen, and with it what the frame of each page shows: one query, however much waits.

Each of its parts is one row or one index descent, apart from the jobs that wait and the lanes of the menu.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from analysts.accounts.modes import MODE_MEANINGS
from analysts.assessment.queue_filters import ids_in_danger
from analysts.models import User
from analysts.models.compiled_query import CompiledStatement, WrittenSql, write_counts
from analysts.pages.lanes import write_menu_parts
from countries.models import ModeKind
from countries.table_marks import LOCKDOWN_MARKS

JOB_LATE = timedelta(minutes=15)
# The mail server may be slow once; an alarm that failed is shown at once.
ALARM_LATE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class RunningMode:
    """A mode that is on. `until`: None if a person has to end it."""

    kind: ModeKind
    by: str
    since: datetime
    until: datetime | None

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def meaning(self) -> str:
        return str(MODE_MEANINGS[self.kind])


@dataclass(frozen=True, slots=True)
class HealthSigns:
    """Times of what is watched; None where there is nothing, for the heartbeat: the worker has never run."""

    heartbeat: datetime | None
    oldest_envelope: datetime | None
    oldest_overdue_job: datetime | None
    # The earliest alarm that failed or is late, and the kinds of all of those.
    undelivered_alarm: datetime | None
    undelivered_kinds: tuple[str, ...]
    # The parts that `manage.py lockdown` has stopped, each with the time as it wrote it.
    stopped_parts: Mapping[str, str]
    modes: tuple[RunningMode, ...]


SIGNS = """
    SELECT
        (SELECT at FROM analysts_workerheartbeat),
        (SELECT received_hour FROM reports_arrival ORDER BY received_hour LIMIT 1),
        (
            SELECT min(coalesce(job.scheduled_at, deferred.at))
            FROM procrastinate_jobs AS job
            LEFT JOIN LATERAL (
                SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id
            ) AS deferred ON job.scheduled_at IS NULL
            WHERE job.status = 'todo' AND coalesce(job.scheduled_at, deferred.at) <= %s
        ),
        undelivered.first,
        undelivered.kinds,
        ARRAY(SELECT obj_description(to_regclass(each)::oid, 'pg_class') FROM unnest(%s::text[]) each),
        -- As `InstallationMode.objects.running`.
        ARRAY(
            SELECT jsonb_build_array(
                mode.kind, person.username, coalesce(mode.approved_at, mode.started_at), mode.ends_at
            )::text
            FROM countries_installationmode AS mode
            JOIN analysts_user AS person ON person.id = mode.started_by_id
            WHERE mode.ended_at IS NULL AND (mode.words = '{}' OR mode.approved_by_id IS NOT NULL)
                AND (mode.ends_at IS NULL OR mode.ends_at > %s)
            ORDER BY mode.id
        ),
        ({danger}),
        ({lanes})
    FROM (
        SELECT min(raised_at) AS first, array_agg(kind ORDER BY raised_at, kind) AS kinds
        FROM analysts_alarm WHERE failed_at IS NOT NULL OR raised_at <= %s
    ) AS undelivered
"""


class FrameNumbers(NamedTuple):
    """What the frame of each page shows. `danger`: 0 for users without a queue; `menu`: for `read_menu_parts`."""

    signs: HealthSigns
    danger: int
    menu: list[str]


def read_signs(now: datetime) -> HealthSigns:
    """Read all times with one query."""
    return read_frame(None, now).signs


def read_frame(user: User | None, now: datetime) -> FrameNumbers:
    """Read all times, and the number of incidents of the user's queue with a child in danger, with one query."""
    return _frame(user, now)


def _write_frame(user: User | None, now: datetime) -> WrittenSql[FrameNumbers]:
    danger, of_danger = write_counts({"danger": ids_in_danger(user)}) if user else ("SELECT 0", [])
    parts, of_parts = write_menu_parts(user) if user else ("ARRAY[]::text[]", [])
    marked = [mark.table for mark in LOCKDOWN_MARKS.values()]
    values = [now - JOB_LATE, marked, now, *of_danger, *of_parts, now - ALARM_LATE]
    statement = SIGNS.replace("{danger}", danger).replace("{lanes}", parts)
    return WrittenSql(statement, values, lambda rows: _build_frame(*cast("SignRow", rows[0])))


type SignRow = tuple[
    datetime | None,
    datetime | None,
    datetime | None,
    datetime | None,
    list[str] | None,
    list[str | None],
    list[str],
    int,
    list[str],
]
_frame = CompiledStatement(_write_frame, lambda: FrameNumbers(HealthSigns(None, None, None, None, (), {}, ()), 0, []))


def _build_frame(
    heartbeat: datetime | None,
    envelope: datetime | None,
    job: datetime | None,
    alarm: datetime | None,
    kinds: list[str] | None,
    comments: list[str | None],
    modes: list[str],
    danger: int,
    menu: list[str],
) -> FrameNumbers:
    marks = zip(LOCKDOWN_MARKS.items(), comments, strict=True)
    stopped = {part: since for (part, mark), comment in marks if (since := mark.text_in(comment)) is not None}
    read = tuple(map(_read_mode, modes))
    return FrameNumbers(HealthSigns(heartbeat, envelope, job, alarm, tuple(kinds or ()), stopped, read), danger, menu)


def _read_mode(row: str) -> RunningMode:
    kind, by, since, until = json.loads(row)
    return RunningMode(ModeKind(kind), by, datetime.fromisoformat(since), until and datetime.fromisoformat(until))
