"""The surroundings of one example: a transaction, a keyring, a stopped clock, and chance that repeats."""

import logging
import random
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from analysts.accounts import alarms
from analysts.assessment import floods
from analysts.takedown.notices import sending
from countries.public import published
from reports import keys
from reports.models import KeyClass
from tests.life.world import World
from tests.rig.fixtures import record_keys


def open_example(opened: ExitStack) -> tuple[World, time_machine.Traveller]:
    """Begin a world, and end everything about it with `opened`. Returns it with its clock."""
    now = timezone.now().replace(month=2, day=20, hour=9, minute=5, second=0, microsecond=0)
    world = World(now=now, began=now)
    chance = random.Random(20)
    for name in ("os.urandom", "random._urandom"):
        opened.enter_context(patch(name, chance.randbytes))
    # Two reports are a flood, and one danger report of it is believed, so that few steps reach both.
    opened.enter_context(patch.object(floods, "ALIKE", 2))
    opened.enter_context(patch.object(floods, "IN_DANGER", 1))
    # The mail server fails on purpose.
    logging.disable(logging.CRITICAL)
    opened.callback(logging.disable, logging.NOTSET)
    opened.enter_context(patch.object(sending, "post_letter", world.post_letter))
    opened.enter_context(patch.object(alarms, "send_mail", world.send_alarm))
    clock = opened.enter_context(time_machine.travel(now, tick=False))
    folder = Path(tempfile.mkdtemp(prefix="life-"))
    opened.callback(shutil.rmtree, folder)
    (folder / "keys").mkdir()
    kept = {"KEYRING": folder / "keys", "ANCHOR_FILE": str(folder / "anchors")}
    sent = {"ALERT_EMAILS": ["duty@example.org"], "PUBLIC_URL": "https://report.example.org"}
    opened.enter_context(override_settings(**kept, **sent))
    example = transaction.atomic()
    # Durable transactions of the product are allowed within, as within a test's own.
    example._from_testcase = True  # type: ignore[attr-defined] # private, as in django.test
    opened.enter_context(example)
    opened.callback(transaction.set_rollback, True)
    with connection.cursor() as cursor:
        # Statistics of the tables are unknown here, so PostgreSQL would compile cheap queries for long.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SELECT setseed(0.5)")
    _make_keys(world)
    published.clear_cache()
    cache.clear()
    world.begin()
    return world, clock


def _make_keys(world: World) -> None:
    month = world.now.date().replace(day=1)
    ids = [keys.create(key_class, month) for key_class in KeyClass]
    for key_id in ids:
        keys.publish(key_id)
    keys.create_fingerprint_key()
    keys.create_reply_link_key()
    keys.create_handoff_key()
    record_keys(ids)
