"""Signs of life, as times: the two workers, envelopes, jobs, alarms, the two surfaces; and the modes that are on.

`read_signs` asks one query, however much waits: each of its parts is one row or one index descent, apart from the jobs
that wait. The answers of `/health/ready/` do not depend on any of it: a dead worker takes no staff page away.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from analysts.accounts.modes import MODE_MEANINGS
from analysts.models import User, WorkerKind
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
    """Times of what is watched; None where there is nothing, for the heartbeats: that worker has never run."""

    heartbeat: datetime | None
    intake_heartbeat: datetime | None
    oldest_envelope: datetime | None
    oldest_overdue_job: datetime | None
    # The earliest alarm that failed or is late, and the kinds of all of those.
    undelivered_alarm: datetime | None
    undelivered_kinds: tuple[str, ...]
    # The parts that `manage.py lockdown` has stopped, each with the time as it wrote it.
    stopped_parts: Mapping[str, str]
    modes: tuple[RunningMode, ...]
    # How long no worker's process has given a sign of life; None if none is registered.
    silence: timedelta | None = None


SIGNS = """
    SELECT
        (SELECT at FROM analysts_workerheartbeat WHERE id = %s),
        (SELECT at FROM analysts_workerheartbeat WHERE id = %s),
        -- Both by the database's clock. The row of a killed worker stays until another one starts.
        (SELECT clock_timestamp() - max(last_heartbeat) FROM procrastinate_workers),
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
                mode.kind, jsonb_build_object('pk', person.id, 'desk_name', person.desk_name, 'role', person.role),
                coalesce(mode.approved_at, mode.started_at), mode.ends_at
            )::text
            FROM countries_installationmode AS mode
            JOIN analysts_user AS person ON person.id = mode.started_by_id
            WHERE mode.ended_at IS NULL AND (mode.words = '{}' OR mode.approved_by_id IS NOT NULL)
                AND (mode.ends_at IS NULL OR mode.ends_at > %s)
            ORDER BY mode.id
        )
    FROM (
        SELECT min(raised_at) AS first, array_agg(kind ORDER BY raised_at, kind) AS kinds
        FROM analysts_alarm WHERE failed_at IS NOT NULL OR raised_at <= %s
    ) AS undelivered
"""


def read_signs(now: datetime) -> HealthSigns:
    """Read all times with one query."""
    marked = [mark.table for mark in LOCKDOWN_MARKS.values()]
    with connection.cursor() as cursor:
        kinds_of_workers = (WorkerKind.JOBS.value, WorkerKind.INTAKE.value)
        cursor.execute(SIGNS, [*kinds_of_workers, now - JOB_LATE, marked, now, now - ALARM_LATE])
        heartbeat, of_intake, silence, envelope, job, alarm, kinds, comments, modes = cursor.fetchone()
    marks = zip(LOCKDOWN_MARKS.items(), comments, strict=True)
    stopped = {part: since for (part, mark), comment in marks if (since := mark.text_in(comment)) is not None}
    return HealthSigns(
        heartbeat, of_intake, envelope, job, alarm, tuple(kinds or ()), stopped, tuple(map(_read_mode, modes)), silence
    )


def _read_mode(row: str) -> RunningMode:
    kind, by, since, until = json.loads(row)
    return RunningMode(
        ModeKind(kind), str(User(**by)), datetime.fromisoformat(since), until and datetime.fromisoformat(until)
    )
