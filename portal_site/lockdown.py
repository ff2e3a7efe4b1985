"""`manage.py lockdown`: the first minutes of an incident, and back.

Each step has a transaction of its own with its audit event, so that one that fails stops no other. A step that cannot
be recorded, because the audit log is blocked or damaged, is carried out all the same and reported as not recorded.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import DatabaseError, connection, transaction

from analysts.accounts import sessions
from audit.actions import JSON, record_event
from countries.table_marks import (
    LOCKDOWN_MARKS,
    PUBLIC_STOPPED,
    SIGN_IN_STOPPED,
    LockdownPart,
    TableMark,
    format_mark_time,
)
from portal_site.database import roles

# How long a step waits for a lock that another process holds.
LOCK_SECONDS = 5
STATEMENT_SECONDS = 60

STOP_STAFF = (
    "Stop the staff surface itself: systemctl stop portals-staff.socket portals-staff portals-intake "
    "portals-worker (containers: docker compose stop staff intake worker)"
)
STOP_WORKER = "Stop the worker itself: systemctl stop portals-worker (containers: docker compose stop worker)"
STOP_PUBLIC = (
    "Stop the public surface itself: systemctl stop portals-public.socket portals-public "
    "(containers: docker compose stop public)"
)
END_CONNECTIONS = (
    "Its open connections keep no privilege. To end them, as the database's superuser: "
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('portals_public', 'portals_sources')"
)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The effect of a step, in a sentence; the details of its audit event; what it could not reach."""

    sentence: str
    details: dict[str, JSON]
    left_over: str = ""


@dataclass(frozen=True, slots=True)
class LockdownStep:
    """One step: its name in the output, what it does, and what to do by hand where it fails.

    `act` gets the time, and whether to leave out what another transaction holds instead of waiting for it.
    """

    name: str
    act: Callable[[datetime, bool], StepOutcome]
    instead: str


@dataclass(frozen=True, slots=True)
class StepReport:
    """The outcome of a step. `fault` is why it was not or not wholly done; `unrecorded` why it is in no audit log."""

    name: str
    sentence: str = ""
    fault: str = ""
    instead: str = ""
    unrecorded: str = ""


def stopped_since() -> dict[str, str | None]:
    """By part, the time since which it is stopped, in UTC to the minute; None if it is not. Raises DatabaseError."""
    return {part: mark.read(connection) for part, mark in LOCKDOWN_MARKS.items()}


def start_lockdown(*, parts: Collection[LockdownPart], now: datetime) -> Iterator[StepReport]:
    """Stop the given parts, and with sign-in all that no one could correct meanwhile. Safe to run again.

    All sessions end, unless the parts are only such as staff correct signed in.
    """
    stopped = {*parts, *(EFFECT_PARTS if LockdownPart.SIGN_IN in parts else ())}
    steps: list[LockdownStep] = []
    if LockdownPart.SIGN_IN in stopped:
        steps.append(LockdownStep("sign-in", _stop_sign_in, STOP_STAFF))
    if not parts or not set(parts) <= set(EFFECT_PARTS):
        # After sign-in was stopped: a session that began in between is ended too.
        steps.append(LockdownStep("sessions", _end_sessions, STOP_STAFF))
    if effects := [part for part in EFFECT_PARTS if part in stopped]:
        # One step, because each may wait for its locks.
        instead = "\n        ".join(dict.fromkeys(EFFECT_PARTS[part].instead for part in effects))
        steps.append(LockdownStep(", ".join(effects), partial(_stop_effects, effects), instead))
    if LockdownPart.PUBLIC in stopped:
        steps.append(LockdownStep("public", _stop_public, STOP_PUBLIC))
    for step in steps:
        yield _carry_out(step, now, _record_start)
    if LockdownPart.PUBLIC in stopped:
        yield StepReport("public", _end_public_connections())


def lift_lockdown(*, parts: Collection[LockdownPart], now: datetime) -> Iterator[StepReport]:
    """Let the given parts work again, and no other: letters stay held when sign-in alone is lifted.

    Safe to run again.
    """
    advice = "Run it again as the database's owner: deploy/manage owner lockdown --lift"
    restored = {LockdownPart.PUBLIC: _restore_public, LockdownPart.SIGN_IN: _restore_sign_in}
    restored |= {part: partial(_restore_effects, part) for part in EFFECT_PARTS}
    for part, restore in restored.items():
        if part in parts:
            yield _carry_out(LockdownStep(part, restore, advice), now, _record_lift)


def _carry_out(step: LockdownStep, now: datetime, record: Callable[[dict[str, JSON]], None]) -> StepReport:
    """Try as it should be, then without what others hold, then without its event."""
    errors: list[str] = []
    for skip_locked, recorded in ((False, True), (True, True), (True, False)):
        try:
            with transaction.atomic():
                _limit_waiting()
                outcome = step.act(now, skip_locked)
                if recorded:
                    record(outcome.details)
        except Exception as error:
            # Any error: the next step must have its turn.
            errors.append(_first_line(error))
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        else:
            unrecorded = "" if recorded else errors[-1]
            return StepReport(step.name, outcome.sentence, outcome.left_over, step.instead, unrecorded)
    return StepReport(step.name, fault=errors[-1], instead=step.instead)


def _limit_waiting() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


def _record_start(details: dict[str, JSON]) -> None:
    record_event(by=None, action="lockdown.start", details=details)


def _record_lift(details: dict[str, JSON]) -> None:
    record_event(by=None, action="lockdown.lift", details=details)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _stop_sign_in(now: datetime, skip_locked: bool) -> StepOutcome:
    since = _set_mark(SIGN_IN_STOPPED, now)
    return StepOutcome(f"Stopped since {since}.", {"part": "sign_in", "since": since})


def _end_sessions(now: datetime, skip_locked: bool) -> StepOutcome:
    number, skipped = sessions.end_all_accounts(skip_locked=skip_locked)
    return StepOutcome(
        f"Ended all, of every account ({number} rows), with sign-ins under way and one-time codes.",
        {"part": "sessions", "sessions": number},
        f"{skipped} rows of accounts or sessions are held by another transaction." if skipped else "",
    )


def _stop_public(now: datetime, skip_locked: bool) -> StepOutcome:
    since = _set_mark(PUBLIC_STOPPED, now)
    roles.stop_public_role()
    return StepOutcome(
        f"{roles.PUBLIC} has had no privilege since {since}: nothing is read or stored, and reporters are informed.",
        {"part": "public", "since": since},
    )


@dataclass(frozen=True, slots=True)
class EffectPart:
    """A part that holds effects: its sentence when stopped and when lifted, and what to do where that fails."""

    stopped: str
    lifted: str
    instead: str


EFFECT_PARTS = {
    LockdownPart.SENDING: EffectPart(
        "No letter to a recipient leaves", "Letters leave, those due at once.", STOP_WORKER
    ),
    LockdownPart.MEMBERS: EffectPart(
        "Members' keys get 503, and members keep what they block", "Members fetch the URL list.", STOP_STAFF
    ),
    LockdownPart.PUBLISHING: EffectPart(
        "No portal opens by its date, no receipt's state and no statistics are published",
        "Portals open by their dates, receipts' states and statistics are published.",
        STOP_WORKER,
    ),
}


def _stop_effects(parts: Collection[LockdownPart], now: datetime, skip_locked: bool) -> StepOutcome:
    since = min(_set_mark(LOCKDOWN_MARKS[part], now) for part in parts)
    sentences = " ".join(f"{EFFECT_PARTS[part].stopped}." for part in parts)
    return StepOutcome(f"Stopped since {since}. {sentences}", {"part": [str(part) for part in parts], "since": since})


def _restore_effects(part: LockdownPart, now: datetime, skip_locked: bool) -> StepOutcome:
    since = LOCKDOWN_MARKS[part].read(connection)
    LOCKDOWN_MARKS[part].remove(connection)
    return StepOutcome(EFFECT_PARTS[part].lifted, {"part": str(part), "since": since or ""})


def _restore_sign_in(now: datetime, skip_locked: bool) -> StepOutcome:
    since = SIGN_IN_STOPPED.read(connection)
    SIGN_IN_STOPPED.remove(connection)
    return StepOutcome("Staff can sign in.", {"part": "sign_in", "since": since or ""})


def _restore_public(now: datetime, skip_locked: bool) -> StepOutcome:
    since = PUBLIC_STOPPED.read(connection)
    PUBLIC_STOPPED.remove(connection)
    roles.grant_roles()
    return StepOutcome(f"{roles.PUBLIC} has its privileges again.", {"part": "public", "since": since or ""})


def _set_mark(mark: TableMark, now: datetime) -> str:
    """Set the mark unless it is set, and return its time."""
    since = mark.read(connection)
    if since is None:
        since = format_mark_time(now)
        mark.write(connection, since)
    return since


def _end_public_connections() -> str:
    """End what the role still has open, where the owner is allowed to; return the result in words."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s", [roles.PUBLIC]
            )
            (number,) = cursor.fetchone()
    except DatabaseError:
        return END_CONNECTIONS
    return f"Ended {number} open connections of the role."
