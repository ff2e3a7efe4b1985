"""The surroundings of examples: a world that is built once, a copy of it for each, and chance that repeats."""

import logging
import random
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from analysts.accounts import alarms
from analysts.assessment import actions
from analysts.assessment.flood import folding as floods
from analysts.codes.recipient_kinds import RouteStep
from analysts.incidents.contents import opening
from analysts.models import Incident, Notice, NoticeState
from analysts.takedown.notices import manual_actions, redaction_review, sending
from analysts.takedown.routing import actions as routing
from analysts.takedown.tracing import actions as tracing
from countries.public import published
from reports import installation_keys, keys
from reports.models import KeyClass
from reports.notices import AnswerKind, RecipientAnswer
from tests.acts.incidents import ILLEGAL
from tests.life.crash import run_commit_hooks
from tests.life.desk_rows import NOT_ILLEGAL, UNSEEN
from tests.life.jobs import send_due_notices
from tests.life.questions import KeptAnswers
from tests.life.rows import Arguments
from tests.life.takedown_rows import METHODS
from tests.life.world import COUNTRIES, PROVIDERS, TEXTS, World
from tests.rig.fixtures import record_keys

A_MOMENT = timedelta(seconds=1)
# What partners' systems send gets its hour and day from the database.
HOUR_OF_WORLD = """
CREATE OR REPLACE FUNCTION reports_current_hour() RETURNS timestamp with time zone
LANGUAGE sql SET search_path TO 'pg_catalog'
AS $$ SELECT date_trunc('hour', current_setting('life.now')::timestamptz, 'UTC') $$
"""


@dataclass(slots=True)
class PreparedWorld:
    """Rows in the transaction of the test, files in `folder`, and what Python knows of both."""

    world: World
    folder: Path
    chance: random.Random
    chance_after: Any
    clock: time_machine.Traveller

    def open_copy(self, opened: ExitStack) -> World:
        """Begin an example, and end everything about it with `opened`."""
        self.chance.setstate(self.chance_after)
        world = deepcopy(self.world)
        opened.enter_context(patch.object(sending, "post_letter", world.post_letter))
        opened.enter_context(patch.object(alarms, "send_automatic_mail", world.send_alarm))
        folder = Path(tempfile.mkdtemp(prefix="life-"))
        opened.callback(shutil.rmtree, folder)
        opened.enter_context(_files_in(shutil.copytree(self.folder, folder / "files")))
        opened.enter_context(_rolled_back())
        opened.enter_context(_ended_alone())
        _empty_caches()
        self.move_clock(world, world.now + A_MOMENT)
        return world

    def move_clock(self, world: World, now: datetime) -> None:
        world.now = now
        self.clock.move_to(now)
        world.answers.forget_times()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('life.now', %s, false)", [now.isoformat()])


@contextmanager
def prepare_world() -> Iterator[PreparedWorld]:
    """Build the world of which each example gets a copy. Within the transaction of a test."""
    now = timezone.now().replace(month=2, day=20, hour=9, minute=5, second=0, microsecond=0)
    chance = random.Random(20)
    with ExitStack() as opened:
        for name in ("os.urandom", "random._urandom"):
            opened.enter_context(patch(name, chance.randbytes))
        # Two reports are a flood, and one danger report of it is believed, so that few steps reach both.
        opened.enter_context(patch.object(floods, "ALIKE", 2))
        opened.enter_context(patch.object(floods, "IN_DANGER", 1))
        # The database follows the clock of the world.
        opened.enter_context(patch.object(Now, "as_postgresql", _now_of_world))
        # A process that ends leaves its cursors open.
        opened.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", ".*ServerCursor", ResourceWarning)
        # The mail server fails on purpose.
        logging.disable(logging.CRITICAL)
        opened.callback(logging.disable, logging.NOTSET)
        clock = opened.enter_context(time_machine.travel(now, tick=False))
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="life-")))
        sent = {"ALERT_EMAILS": ["duty@example.org"], "PUBLIC_URL": "https://report.example.org"}
        opened.enter_context(override_settings(**sent))
        opened.enter_context(_rolled_back())
        _empty_caches()
        prepared = PreparedWorld(World(now), folder, chance, None, clock)
        with _files_in(folder):
            prepared.move_clock(prepared.world, now)
            with connection.cursor() as cursor:
                cursor.execute(HOUR_OF_WORLD)
            _build_world(prepared)
        prepared.world.answers = KeptAnswers()
        prepared.chance_after = chance.getstate()
        yield prepared


def _build_world(prepared: PreparedWorld) -> None:
    """Three pages are illegal: the hosts of two get a notice, one by mail and one by hand, and one has no route yet.
    Another was cleared and reported again. A flood waits. A letter about three other pages has left and was answered.
    The letter about one page waits for a look at it."""
    world = prepared.world
    _make_keys(world)
    world.begin()
    for text in (TEXTS[0], *TEXTS[2:8], *TEXTS[9:], TEXTS[0]):
        world.send_report(world.portals[0], text, None)
    world.send_report(world.portals[1], TEXTS[1], None)
    world.take_in()
    with override_settings(SECOND_REVIEW_PERCENT=0, SECOND_REVIEW_VERDICTS=[]):
        _send_letter(prepared)
        _notify_host(world, _decide(world, TEXTS[10], UNSEEN[0]), PROVIDERS[0])
        _notify_host(world, _decide(world, TEXTS[0], ILLEGAL), PROVIDERS[0])
        _notify_host(world, _decide(world, TEXTS[7], ILLEGAL), PROVIDERS[2])
        _trace(world, _decide(world, TEXTS[6], ILLEGAL), PROVIDERS[0])
        _decide(world, TEXTS[1], NOT_ILLEGAL[1])
    world.send_report(world.portals[1], TEXTS[1], None)
    world.take_in()
    run_commit_hooks()
    world.refresh_people()


def _send_letter(prepared: PreparedWorld) -> None:
    """Send a letter about three pages. Its host writes of one that it is elsewhere, and contests another; a senior
    analyst doubts the third."""
    world = prepared.world
    incidents = [_decide(world, TEXTS[9], ILLEGAL, place) for place in range(3)]
    for incident in incidents:
        _notify_host(world, incident, PROVIDERS[0])
    notice = Notice.objects.get(state=NoticeState.GATHERING)
    manual_actions.send_now(by=world.senior, notice=notice, now=world.now)
    with patch.object(sending, "post_letter", world.post_letter):
        send_due_notices(world)
    prepared.move_clock(world, world.now + timedelta(hours=1))
    for number, kind in enumerate((AnswerKind.NOT_OURS, AnswerKind.CONTESTED), 1):
        world.reply_to_notice(notice, RecipientAnswer(kind, numbers=(number,)))
    doubted = Incident.objects.get(notice_items__notice=notice, notice_items__number=3)
    actions.reopen(by=world.senior, incident=doubted, now=world.now)
    actions.claim(by=world.senior, incident=doubted, now=world.now)


def _decide(world: World, text: str, decision: Arguments, place: int = 0) -> Incident:
    """Decide about one of the addresses of the text."""
    sent = next(each for each in world.sent if each.text == text)
    incident = Incident.objects.filter(sightings__report=sent.receipt_id).order_by("pk")[place]
    held = actions.claim(by=world.senior, incident=incident, now=world.now)
    actions.assess(by=world.senior, incident=held, fence=held.fence, now=world.now, **decision)
    return held


def _trace(world: World, incident: Incident, provider: str) -> None:
    """Three methods agree about the hosting."""
    for method in METHODS:
        tracing.trace(
            by=world.senior,
            incident=incident,
            method=method,
            country=COUNTRIES[2],
            provider=provider,
            at=world.now,
            now=world.now,
        )


def _notify_host(world: World, incident: Incident, provider: str) -> None:
    """The steps up to a notice: the hosting, the redaction, and the route."""
    act: dict[str, Any] = {"by": world.senior, "incident": incident, "now": world.now}
    _trace(world, incident, provider)
    address = opening.unseal_address(incident)
    assert address is not None
    redaction_review.confirm_redaction(**act, address=address.normalised)
    routing.confirm_route(**act, steps=[RouteStep.NOTICE_HOST, RouteStep.URL_LIST], reason="As agreed.", recipients={})


@contextmanager
def _files_in(folder: Path) -> Iterator[None]:
    (folder / "keys").mkdir(exist_ok=True)
    with override_settings(KEYRING=folder / "keys", ANCHOR_FILE=str(folder / "anchors")):
        yield


@contextmanager
def _rolled_back() -> Iterator[None]:
    example = transaction.atomic()
    # Durable transactions of the product are allowed within, as within a test's own.
    example._from_testcase = True  # type: ignore[attr-defined] # private, as in django.test
    with example:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setseed(0.5)")
            # Prepared statements are planned once.
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        yield
        connection.run_on_commit = []
        transaction.set_rollback(True)


@contextmanager
def _ended_alone() -> Iterator[None]:
    """A crash rolls back the transaction that it ends, and not the example.

    Blocks of Django itself, of `delete` and `bulk_create` for instance, make no savepoint within another.
    """
    depth, enter = len(connection.atomic_blocks), transaction.Atomic.__enter__

    def enter_with_savepoint(block: transaction.Atomic) -> None:
        if len(connection.atomic_blocks) == depth:
            block.savepoint = True
        enter(block)

    with patch.object(transaction.Atomic, "__enter__", enter_with_savepoint):
        yield


def _now_of_world(self: Now, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
    return self.as_sql(compiler, connection, template="current_setting('life.now')::timestamptz", **extra)


def _empty_caches() -> None:
    published.clear_cache()
    cache.clear()


def _make_keys(world: World) -> None:
    month = world.now.date().replace(day=1)
    ids = [keys.create(key_class, month) for key_class in KeyClass]
    for key_id in ids:
        keys.publish(key_id)
    installation_keys.create_missing_keys()
    record_keys(ids)
