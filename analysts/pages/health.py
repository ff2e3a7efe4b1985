"""What must never stop unseen: the worker, envelopes, jobs, alarms, the two surfaces; and the modes that are on. For
bars on staff pages and `manage.py health`.

`read_signs` asks one query, however much waits: each of its parts is one row or one index descent, apart from the jobs
that wait. The answers of `/health/ready/` do not depend on any of it: a dead worker takes no staff page away.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from django.db import connection
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from analysts.accounts.coverage import uncovered_portals
from analysts.accounts.modes import MODE_MEANINGS
from analysts.assessment.queue_filters import ids_in_danger
from analysts.incidents.table import age_label
from analysts.models import AlarmKind, User, is_worker_missed
from analysts.models.compiled_query import CompiledStatement, WrittenSql, write_counts
from analysts.retention import anchoring
from analysts.retention.page_section import is_key_current
from countries.models import ModeKind
from countries.public.web_server_pages import are_pages_stale
from countries.table_marks import LOCKDOWN_MARKS, parse_mark_time
from countries.words.language_memory import renew_languages
from countries.words.overlay import renew_texts
from reports.models import KeyClass

# Received times are stored to the hour, so an envelope of less than two hours may be minutes old.
ENVELOPE_LATE = timedelta(hours=2)
JOB_LATE = timedelta(minutes=15)
# The mail server may be slow once; an alarm that failed is shown at once.
ALARM_LATE = timedelta(hours=2)
# What a lockdown of a part means, and how it ends.
LOCKDOWN_ADVICE: Mapping[str, str | Promise] = {
    "sign-in": _(
        "No member of staff can sign in. When the incident is over, have the server’s administrators run: "
        "deploy/manage owner lockdown --lift --sign-in"
    ),
    "public": _(
        "The public pages are closed and take no reports. When the incident is over, have the server’s administrators "
        "run: deploy/manage owner lockdown --lift --public"
    ),
}
ERROR_PAGES_ADVICE = _(
    "They were written before their texts changed. Have the server’s administrators run: deploy/manage owner "
    "write_error_pages --tar | tar --extract --directory=/etc/nginx/portals/pages"
)


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


@dataclass(frozen=True, slots=True)
class HealthItem:
    """One thing that is watched. `since`: the time its age counts from, None if it has none.

    `advice`: what is wrong and what to do, shown if `is_late`.
    """

    name: str
    label: str | Promise
    is_late: bool
    since: datetime | None
    advice: str | Promise
    # Further words for display, such as the kinds of alarms.
    details: tuple[str, ...] = ()
    # The age in words, as exact as `since` is known; "" without one.
    age: str = ""


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
        ({danger})
    FROM (
        SELECT min(raised_at) AS first, array_agg(kind ORDER BY raised_at, kind) AS kinds
        FROM analysts_alarm WHERE failed_at IS NOT NULL OR raised_at <= %s
    ) AS undelivered
"""


class FrameNumbers(NamedTuple):
    """What the frame of each page shows. `danger`: as `count_danger`; 0 for users without a queue."""

    signs: HealthSigns
    danger: int


def read_signs(now: datetime) -> HealthSigns:
    """Read all times with one query."""
    return read_frame(None, now).signs


def read_frame(user: User | None, now: datetime) -> FrameNumbers:
    """Read all times, and the number of incidents of the user's queue with a child in danger, with one query."""
    return _frame(user, now)


def _write_frame(user: User | None, now: datetime) -> WrittenSql[FrameNumbers]:
    danger, values = write_counts({"danger": ids_in_danger(user)}) if user else ("SELECT 0", ())
    marked = [mark.table for mark in LOCKDOWN_MARKS.values()]
    values = [now - JOB_LATE, marked, now, *values, now - ALARM_LATE]
    return WrittenSql(SIGNS.replace("{danger}", danger), values, lambda rows: _build_frame(*cast("SignRow", rows[0])))


type SignRow = tuple[
    datetime | None,
    datetime | None,
    datetime | None,
    datetime | None,
    list[str] | None,
    list[str | None],
    list[str],
    int,
]
_frame = CompiledStatement(_write_frame, lambda: FrameNumbers(HealthSigns(None, None, None, None, (), {}, ()), 0))


def _build_frame(
    heartbeat: datetime | None,
    envelope: datetime | None,
    job: datetime | None,
    alarm: datetime | None,
    kinds: list[str] | None,
    comments: list[str | None],
    modes: list[str],
    danger: int,
) -> FrameNumbers:
    marks = zip(LOCKDOWN_MARKS.items(), comments, strict=True)
    stopped = {part: since for (part, mark), comment in marks if (since := mark.text_in(comment)) is not None}
    read = tuple(map(_read_mode, modes))
    return FrameNumbers(HealthSigns(heartbeat, envelope, job, alarm, tuple(kinds or ()), stopped, read), danger)


def _read_mode(row: str) -> RunningMode:
    kind, by, since, until = json.loads(row)
    return RunningMode(ModeKind(kind), by, datetime.fromisoformat(since), until and datetime.fromisoformat(until))


@dataclass(frozen=True, slots=True)
class StaffBar:
    """What every staff page shows above its header: what is late, and the modes that are on."""

    late: list[HealthItem]
    modes: tuple[RunningMode, ...] = ()


def read_bar(now: datetime) -> StaffBar:
    """One query."""
    return build_bar(read_signs(now), now)


def build_bar(signs: HealthSigns, now: datetime) -> StaffBar:
    return StaffBar([item for item in watched_items(signs, now) if item.is_late], signs.modes)


def watched_items(signs: HealthSigns, now: datetime) -> list[HealthItem]:
    """What the bar watches, in its order."""
    stopped = is_worker_missed(signs.heartbeat, now)
    return [
        HealthItem(
            "worker",
            _("Worker last seen"),
            stopped,
            signs.heartbeat,
            _(
                "The worker is not running: reports do not reach the queue, and no mail leaves. Have the server’s "
                "administrators start it."
            ),
            age=timesince(signs.heartbeat, now) if signs.heartbeat else "",
        ),
        HealthItem(
            "envelopes",
            _("Oldest unopened report"),
            signs.oldest_envelope is not None and signs.oldest_envelope <= now - ENVELOPE_LATE,
            signs.oldest_envelope,
            _("It waits for the worker.")
            if stopped
            else _(
                "The report is not in the queue yet. Have the server’s administrators check the worker’s log and the "
                "keys in the keyring."
            ),
            age=age_label(signs.oldest_envelope, now) if signs.oldest_envelope else "",
        ),
        HealthItem(
            "jobs",
            _("Oldest overdue job"),
            signs.oldest_overdue_job is not None,
            signs.oldest_overdue_job,
            _("It waits for the worker.")
            if stopped
            else _("Notices and alarms may be late. Have the server’s administrators check the worker’s log."),
            age=timesince(signs.oldest_overdue_job, now) if signs.oldest_overdue_job else "",
        ),
        HealthItem(
            "alarms",
            _("Undelivered alarm"),
            signs.undelivered_alarm is not None,
            signs.undelivered_alarm,
            _("It waits for the worker.")
            if stopped
            else _(
                "The alarm mail has not been delivered and is tried again. Have the server’s administrators check the "
                "mail server and the setting MAIL_HOST."
            ),
            tuple(str(AlarmKind(kind).label) for kind in signs.undelivered_kinds),
            age=age_label(signs.undelivered_alarm, now) if signs.undelivered_alarm else "",
        ),
        _lockdown_item(signs.stopped_parts, now),
    ]


def _lockdown_item(stopped: Mapping[str, str], now: datetime) -> HealthItem:
    """Sign-in ends all sessions, so that on pages usually the public side's lockdown only is seen."""
    since = min(filter(None, map(parse_mark_time, stopped.values())), default=None)
    return HealthItem(
        "lockdown",
        _("Lockdown"),
        bool(stopped),
        since,
        " ".join(str(LOCKDOWN_ADVICE[part]) for part in stopped),
        tuple(f"{part} since {text}" for part, text in stopped.items()),
        age=timesince(since, now) if since else "",
    )


def _modes_item(modes: tuple[RunningMode, ...], now: datetime) -> HealthItem:
    """A banner alone holds nothing up."""
    return HealthItem(
        "modes",
        _("Modes"),
        any(mode.kind is not ModeKind.BANNER for mode in modes),
        min((mode.since for mode in modes), default=None),
        _("An administrator ends a mode on the page “Modes”, if its time does not come before."),
        tuple(
            f"{mode.label} by {mode.by} until {mode.until:%Y-%m-%dT%H:%MZ}"
            if mode.until
            else f"{mode.label} by {mode.by} until a person ends it"
            for mode in modes
        ),
        age=timesince(min(mode.since for mode in modes), now) if modes else "",
    )


def _are_error_pages_stale() -> bool:
    """Whether their texts have changed since they were written, as approved until now. A few queries."""
    renew_languages()
    renew_texts()
    return are_pages_stale(connection)


def all_items(now: datetime) -> Iterator[HealthItem]:
    """What the bar watches, the modes, and what only `manage.py health` does: portals, keys, pages, audit log."""
    signs = read_signs(now)
    yield from watched_items(signs, now)
    yield _modes_item(signs.modes, now)
    uncovered = uncovered_portals()
    yield HealthItem(
        "coverage",
        _("Portals without analysts"),
        bool(uncovered),
        None,
        _("Reports are not seen. An administrator assigns analysts."),
        tuple(portal.slug for portal in uncovered),
    )
    missing = tuple(str(key_class.label) for key_class in KeyClass if not is_key_current(key_class, now))
    yield HealthItem("keys", _("This month’s keys"), bool(missing), None, _("Run manage.py tend_keys."), missing)
    stale = _are_error_pages_stale()
    yield HealthItem("error pages", _("Error pages of the web server"), stale, None, ERROR_PAGES_ADVICE)
    trouble = anchoring.find_trouble(now)
    yield HealthItem("audit", _("Audit log"), bool(trouble), None, trouble)
