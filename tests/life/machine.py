"""The state machine: people report, staff act, jobs run, time passes, and things fail."""

import random
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from analysts.assessment import actions, floods
from analysts.models import User
from analysts.takedown.notices import sending
from audit.permissions import Denied
from countries.public import published
from reports import keys
from reports.models import KeyClass
from tests.life.clock import JUMPS
from tests.life.invariants import INVARIANTS
from tests.life.jobs import JOBS, JobRow
from tests.life.verbs import ILLEGAL, VERBS, Arguments, VerbRow
from tests.life.world import DETAILS, MOODS, TEXTS, World
from tests.rig.fixtures import record_keys

# Verbs that one step tries, until some of them are not refused.
TRIES = 25
ACTS_A_STEP = 3
# The share of acts by a person in any role, most of which must be refused.
SHARE_OF_ANYBODY = 0.1


class LifeMachine(RuleBasedStateMachine):
    """Each example is one transaction, which is rolled back; its keyring is a folder of its own.

    Everything random in the product is drawn from one generator, so that a failure is replayed exactly.
    """

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        self.steps = 0
        self.world = World(now=timezone.now().replace(minute=5, second=0, microsecond=0))
        chance = random.Random(20)
        for name in ("os.urandom", "random._urandom"):
            self.opened.enter_context(patch(name, chance.randbytes))
        # Two reports are a flood, and one danger report of it is believed, so that few steps reach both.
        self.opened.enter_context(patch.object(floods, "ALIKE", 2))
        self.opened.enter_context(patch.object(floods, "IN_DANGER", 1))
        self.opened.enter_context(patch.object(sending, "post_letter", self.world.post_letter))
        self.clock = self.opened.enter_context(time_machine.travel(self.world.now, tick=False))
        keyring = Path(tempfile.mkdtemp(prefix="life-"))
        self.opened.callback(shutil.rmtree, keyring)
        self.opened.enter_context(override_settings(KEYRING=keyring, PUBLIC_URL="https://report.example.org"))
        example = transaction.atomic()
        # Durable transactions of the product are allowed within, as within a test's own.
        example._from_testcase = True  # type: ignore[attr-defined] # private, as in django.test
        self.opened.enter_context(example)
        self.opened.callback(transaction.set_rollback, True)
        self._make_keys()
        published.clear_cache()
        self.world.begin()

    def _make_keys(self) -> None:
        month = self.world.now.date().replace(day=1)
        ids = [keys.create(key_class, month) for key_class in KeyClass]
        for key_id in ids:
            keys.publish(key_id)
        keys.create_fingerprint_key()
        keys.create_handoff_key()
        record_keys(ids)

    def teardown(self) -> None:
        self.opened.close()

    @initialize(percent=st.sampled_from([0, 100]), data=st.data())
    def begin(self, percent: int, data: st.DataObject) -> None:
        """A page is found illegal and a flood waits. Every further verdict needs a second review, or none does."""
        world = self.world
        for text in (TEXTS[0], *TEXTS[2:5]):
            world.send_report(world.portals[0], text, None)
        world.send_report(world.portals[1], data.draw(st.sampled_from(TEXTS)), None)
        world.take_in()
        ana = world.people[0]
        with override_settings(SECOND_REVIEW_PERCENT=0, SECOND_REVIEW_VERDICTS=[]):
            held = actions.claim(by=ana, incident=world.incidents()[0], now=world.now)
            actions.assess(by=ana, incident=held, fence=held.fence, now=world.now, **ILLEGAL)
        self.opened.enter_context(override_settings(SECOND_REVIEW_PERCENT=percent))

    @rule(data=st.data())
    def report(self, data: st.DataObject) -> None:
        portal = data.draw(st.sampled_from(self.world.portals), "portal")
        details = data.draw(st.sampled_from([None, *DETAILS]), "details")
        self.world.send_report(portal, data.draw(st.sampled_from(TEXTS), "text"), details)

    @precondition(lambda self: self.world.sent)
    @rule(data=st.data())
    def send_details(self, data: st.DataObject) -> None:
        sent = data.draw(st.sampled_from(self.world.sent), "report")
        self.world.send_details(sent, data.draw(st.sampled_from(DETAILS), "details"))

    @rule(seed=st.integers(0, 2**32 - 1))
    def act(self, seed: int) -> None:
        """People use any verbs on rows of any portal; what is refused is followed by another try.

        All choices of a step follow from its number and one that hypothesis draws: hypothesis itself prefers the first
        rows of a table.
        """
        self.steps += 1
        chance, left = random.Random(f"{seed} {self.steps}"), ACTS_A_STEP
        for _ in range(TRIES):
            row = chance.choice(VERBS)
            may = [user for user in self.world.people if user.role in row.roles]
            by = chance.choice(self.world.people if chance.random() < SHARE_OF_ANYBODY else may)
            arguments = row.make(self.world, by, chance.choice)
            if arguments is not None and self._is_done(row, by, arguments):
                self.everything_holds()
                left -= 1
            if not left:
                return

    def _is_done(self, row: VerbRow, by: User, arguments: Arguments) -> bool:
        try:
            with transaction.atomic():
                row.verb(by=by, now=self.world.now, **arguments)
        except (Denied, ValidationError) as refused:
            event(f"{row.name} refused: {type(refused).__name__}")
            return False
        assert by.role in row.roles, f"{by.role} may not {row.name}"
        note(f"{by} {row.name} {dict(arguments)}")
        event(row.name)
        return True

    @precondition(lambda self: self.world.worker_is_up)
    @rule(job=st.sampled_from(JOBS))
    def run_job(self, job: JobRow) -> None:
        job.run(self.world)

    @rule(name=st.sampled_from(list(JUMPS)))
    def pass_time(self, name: str) -> None:
        self.world.now = JUMPS[name](self.world.now)
        self.clock.move_to(self.world.now)
        # The daily command runs apart from the worker; without it nothing could be sealed in a new month.
        JOBS[-1].run(self.world)

    @rule(is_up=st.booleans())
    def worker(self, is_up: bool) -> None:
        self.world.worker_is_up = is_up

    @rule(mood=st.sampled_from(list(MOODS)))
    def mail_server(self, mood: str) -> None:
        self.world.mood = mood

    @invariant()
    def everything_holds(self) -> None:
        for holds in INVARIANTS:
            holds(self.world)
