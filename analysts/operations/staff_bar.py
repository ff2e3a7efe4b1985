"""The items that the bars of staff pages watch, each with its age and what to do."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.models import AlarmKind, is_intake_missed, is_worker_missed
from analysts.operations.health_item import HealthItem, hourly_item
from analysts.operations.health_signs import HealthSigns, RunningMode, read_signs
from analysts.operations.tightened_settings import TightenedSetting, find_tightened_settings
from countries.models import ModeKind
from countries.table_marks import parse_mark_time

# Received times are stored to the hour, so an envelope of less than two hours may be minutes old.
ENVELOPE_LATE = timedelta(hours=2)
# The meaning of a lockdown of a part, and how it ends.
LOCKDOWN_ADVICE: Mapping[str, str | Promise] = {
    "sign-in": _(
        "No member of staff can sign in. When the incident is over, have the server’s administrators run: "
        "deploy/manage owner lockdown --lift --sign-in"
    ),
    "public": _(
        "The public pages are closed and take no reports. When the incident is over, have the server’s administrators "
        "run: deploy/manage owner lockdown --lift --public"
    ),
    "sending": _(
        "No letter to a recipient leaves; each can be cancelled meanwhile. When the incident is over, have the "
        "server’s administrators run: deploy/manage owner lockdown --lift --sending"
    ),
    "members": _(
        "Members cannot fetch the URL list and keep what they have. When the incident is over, have the server’s "
        "administrators run: deploy/manage owner lockdown --lift --members"
    ),
    "publishing": _(
        "No scheduled portal opens, and no state of a receipt or statistics are published. When the incident is over, "
        "have the server’s administrators run: deploy/manage owner lockdown --lift --publishing"
    ),
}


@dataclass(frozen=True, slots=True)
class StaffBar:
    """The bar above the header of every staff page: late items, the modes that are on, and tightened settings."""

    late: list[HealthItem]
    modes: tuple[RunningMode, ...] = ()
    tightened: tuple[TightenedSetting, ...] = ()
    # How much of a demonstration's year is there; None where all of it is, and outside demonstrations.
    percent_loaded: int | None = None

    def without_names(self) -> Self:
        """For a country's partner: administrators alone set modes and settings."""
        who = str(Role.ADMINISTRATOR.label)
        return replace(
            self,
            modes=tuple(replace(mode, by=who) for mode in self.modes),
            tightened=tuple(
                replace(setting, by=who, approved_by=setting.approved_by and who) for setting in self.tightened
            ),
        )


def read_bar(now: datetime) -> StaffBar:
    """One query; two while settings are tightened beyond their sane range."""
    signs, tightened = read_signs(now), find_tightened_settings(now)
    if (percent := read_percent_loaded()) is not None:
        # Its worker has not started, so overdue jobs mean nothing.
        return StaffBar([], signs.modes, tightened, percent)
    return StaffBar([item for item in watched_items(signs, now) if item.is_late], signs.modes, tightened)


def read_percent_loaded() -> int | None:
    if settings.DEMO:
        with suppress(FileNotFoundError):
            return int(settings.DEMO_LOADING.read_text() or 0)
    return None


def watched_items(signs: HealthSigns, now: datetime) -> list[HealthItem]:
    """The items that the bar watches, in its order."""
    worker, intake = _worker_items(signs, now)
    return [
        worker,
        intake,
        hourly_item(
            "envelopes",
            _("Oldest unopened report"),
            signs.oldest_envelope is not None and signs.oldest_envelope <= now - ENVELOPE_LATE,
            signs.oldest_envelope,
            _("It waits for intake.")
            if intake.is_late
            else _(
                "The report is not in the queue yet. Have the server’s administrators check the log of intake and the "
                "keys in the keyring."
            ),
            now=now,
        ),
        hourly_item(
            "jobs",
            _("Oldest overdue job"),
            signs.oldest_overdue_job is not None,
            signs.oldest_overdue_job,
            _("It waits for the worker.")
            if worker.is_late
            else _("Notices and alarms may be late. Have the server’s administrators check the worker’s log."),
            now=now,
        ),
        hourly_item(
            "alarms",
            _("Undelivered alarm"),
            signs.undelivered_alarm is not None,
            signs.undelivered_alarm,
            _("It waits for the worker.")
            if worker.is_late
            else _(
                "The alarm mail has not been delivered and is tried again. Have the server’s administrators check the "
                "mail server and the setting MAIL_HOST."
            ),
            tuple(str(AlarmKind(kind).label) for kind in signs.undelivered_kinds),
            now=now,
        ),
        _lockdown_item(signs.stopped_parts, now),
    ]


def _worker_items(signs: HealthSigns, now: datetime) -> tuple[HealthItem, HealthItem]:
    """The signs of life of the worker and of intake."""
    is_missed = is_worker_missed(signs.heartbeat, now, signs.silence)
    worker = HealthItem(
        "worker",
        _("Worker last seen"),
        is_missed,
        signs.heartbeat,
        _(
            "The worker is not running: no mail leaves, and nothing is published. Have the server’s administrators "
            "start it."
        ),
        age=timesince(signs.heartbeat, now) if signs.heartbeat else "",
        # Its process has begun, and none of its jobs.
        is_unknown=signs.heartbeat is None,
    )
    intake = HealthItem(
        "intake",
        _("Intake last seen"),
        is_intake_missed(signs.intake_heartbeat, now),
        signs.intake_heartbeat,
        _("Intake is not running: reports do not reach the queue. Have the server’s administrators start it.")
        if is_missed
        else _(
            "Intake is not running: after some minutes the worker takes reports in, once a minute and after its other "
            "jobs. Have the server’s administrators start intake."
        ),
        age=timesince(signs.intake_heartbeat, now) if signs.intake_heartbeat else "",
    )
    return worker, intake


def _lockdown_item(stopped: Mapping[str, str], now: datetime) -> HealthItem:
    """The lockdown of sign-in ends all sessions, so staff pages usually show only that of the public pages."""
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


def modes_item(modes: tuple[RunningMode, ...], now: datetime) -> HealthItem:
    """A banner alone is no reason for the item to be late."""
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
