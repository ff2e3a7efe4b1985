"""The state machine: people report, staff act, jobs run, time passes, and things fail."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import ClassVar

from django.db import transaction
from django.test import override_settings
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.control import should_note
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from analysts.accounts import coverage
from analysts.models import Notice, NoticeState, Question, RouteRule, User
from countries.models import Portal, PortalState
from countries.public import published
from reports.notices import AnswerKind
from tests.life.clock import JUMPS
from tests.life.crash import crash_at, draw_statement, run_commit_hooks
from tests.life.example import A_MOMENT, PreparedWorld
from tests.life.figures import FIGURES
from tests.life.invariants import INVARIANTS, has_own_view
from tests.life.jobs import JOBS, JobRow
from tests.life.reply_choice import choose_answer
from tests.life.reporting import choose_text, texts_closed_this_hour
from tests.life.rows import Arguments, Chance, VerbRow, takes_now
from tests.life.verbs import VERBS
from tests.life.world import DETAILS, MOODS, Details

# Acts of one step, and how many rows are tried until that many have something to act on.
ACTIONS_PER_STEP = 5
TRIES = 60
MOST_PEOPLE = 3
# The share of acts by any person on any row, most of which must be refused.
SHARE_OF_WILD = 0.06
# Each example prefers a share of the rarer verbs, so that all are used in some.
PREFERRED_SHARE, PREFERRED = 0.2, 8
# The answers that are kept between steps are compared with fresh ones after so many, and after the last.
COMPARED_EVERY = 50
JOB_WEIGHTS = list(accumulate(job.often for job in JOBS))
SEEDS = st.integers(0, 2**32 - 1)


class LifeMachine(RuleBasedStateMachine):
    """Each example is one transaction, which is rolled back; its keyring is a folder of its own.

    A subclass has the world that all its examples begin with.

    Everything random in the product is drawn from one generator, so that a failure is replayed exactly. All choices of
    a step follow from one number that hypothesis draws, because hypothesis itself prefers the first rows of a table.
    """

    prepared: ClassVar[PreparedWorld]

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        self.steps = self.checks = 0
        self.world = self.prepared.open_copy(self.opened)
        self.verb_weights: list[int] = []
        self.is_sound = True
        FIGURES.examples += 1

    def teardown(self) -> None:
        try:
            if self.is_sound:
                self.nothing_was_missed()
        finally:
            FIGURES.note_incidents()
            self.opened.close()

    @initialize(percent=st.sampled_from([0, 0, 50, 100]), seed=SEEDS)
    def begin(self, percent: int, seed: int) -> None:
        """The share of verdicts with a second review is drawn, and the verbs that are preferred."""
        chance = random.Random(seed)
        self.verb_weights = list(accumulate(_weight_of(row, chance) for row in VERBS))
        self.opened.enter_context(override_settings(SECOND_REVIEW_PERCENT=percent))
        if chance.random() < 0.2:
            RouteRule.objects.all().delete()

    @rule(seed=SEEDS)
    def step(self, seed: int) -> None:
        """One kind of step. All its choices follow from the seed and the number of the step."""
        self.steps += 1
        chance = random.Random(f"{seed} {self.steps}")
        if any(not user.is_active for user in self.world.people) and chance.random() < 0.2:
            # Without its people, an example reaches nothing more.
            self.change_people(chance)
            return
        chance.choices(KINDS, weights=[kind.often for kind in KINDS])[0].take(self, chance)

    # --- People ---------------------------------------------------------------------------------------

    def report(self, chance: random.Random) -> None:
        """A reporter names a page, often one whose incident is closed."""
        details = chance.choice([None, None, DETAILS[1], *DETAILS])
        self._send(chance, choose_text(self.world, chance), details, is_taken_in=chance.random() < 0.6)

    def _send(self, chance: random.Random, text: str, details: Details | None, *, is_taken_in: bool) -> None:
        if live := [portal for portal in self.world.portals if self._is_open(portal.pk)]:
            portal = chance.choice(live)
            note(f"report {text!r} {details}")
            self._do("report", lambda: self.world.send_report(portal, text, details))
            if self.world.worker_is_up and is_taken_in:
                self._run(JOBS[0])

    def send_from_partner(self, chance: random.Random) -> None:
        """A partner's system sends a report, often of a closed incident, and the same request again."""
        text, is_danger = choose_text(self.world, chance), chance.random() < 0.2
        if "://" in text:
            note(f"partner {text!r}")
            self._do("partner's report", lambda: self.world.send_from_partner(text, is_danger=is_danger))

    def send_more(self, chance: random.Random) -> None:
        """Reporters add details, answer questions and ask for another look; recipients reply."""
        question = Question.objects.filter(answered=False).order_by("pk").first()
        # A recipient may reply more than once.
        sent = list(Notice.objects.filter(state=NoticeState.SENT).order_by("pk"))
        notice = chance.choice(sent) if sent else None
        open_now = [report for report in self.world.sent if report.code and self._is_open(report.portal.pk)]
        if notice is not None and chance.random() < 0.6:
            often = (AnswerKind.REMOVED, AnswerKind.GRANTED, AnswerKind.NOT_OURS, AnswerKind.CONTESTED)
            answer = choose_answer(chance, notice.answerer(), notice.numbers(), first=often)
            self._do("reply", lambda: self.world.reply_to_notice(notice, answer))
        elif question is not None and self._is_open(question.report.portal_id):
            self._do("answer", lambda: self.world.answer_question(question))
        elif open_now:
            report, details = chance.choice(open_now), chance.choice(DETAILS)
            if self.world.may_ask_again(report):
                self._do("again", lambda: self.world.ask_again(report))
                return
            self._do("details", lambda: self.world.send_details(report, details))

    def _is_open(self, portal: int) -> bool:
        published.clear_cache()
        return Portal.objects.filter(pk=portal, state__in=[PortalState.LIVE, PortalState.RESTRICTED]).exists()

    def act(self, chance: random.Random) -> None:
        """People use verbs, mostly on rows that allow them. Closed incidents are often reported again at once."""
        self._act(chance, is_crash=False)
        if (texts := texts_closed_this_hour(self.world)) and chance.random() < 0.5:
            self._send(chance, chance.choice(texts), None, is_taken_in=True)

    def act_and_crash(self, chance: random.Random) -> None:
        """The process ends at some statement of a verb, or before the hooks that run after its commit."""
        self._act(chance, is_crash=True)

    def _act(self, chance: random.Random, *, is_crash: bool) -> None:
        left = 1 if is_crash else ACTIONS_PER_STEP
        for _ in range(TRIES):
            row = chance.choices(VERBS, cum_weights=self.verb_weights)[0]
            drawn = Chance(chance, is_wild=chance.random() < SHARE_OF_WILD)
            by, arguments = self._choose(row, drawn)
            if arguments is None:
                continue
            self._call(row, by, arguments, crash_at_number=draw_statement(chance) if is_crash else 0)
            left -= 1
            if not left:
                return

    def _choose(self, row: VerbRow, drawn: Chance) -> tuple[User, Arguments | None]:
        """A person and arguments: of those who may, the first in a drawn order for whom there is something to do."""
        may = [user for user in self.world.people if user.role in row.roles and user.is_active]
        pool = self.world.people if drawn.is_wild or not may else may
        people = drawn.random.sample(pool, k=len(pool))
        for by in people[: 1 if drawn.is_wild else MOST_PEOPLE]:
            arguments = row.make(self.world, by, drawn)
            if arguments is not None:
                return by, arguments
        return people[0], None

    def _call(self, row: VerbRow, by: User, arguments: Arguments, *, crash_at_number: int) -> None:
        fence = arguments["incident"].fence if "fence" in arguments else None
        words = {**arguments, "by": by, **({"now": self.world.now} if takes_now(row.verb) else {})}

        def call() -> None:
            with transaction.atomic():
                row.current(**words)

        if should_note():
            note(f"{by} {row.name} {dict(arguments)}"[:240])
        try:
            self._do(row.name, call, crash_at_number=crash_at_number)
        except row.refusals as refused:
            FIGURES.refused[row.name] += 1
            note(f"  refused: {refused}")
            self.world.refresh_people()
            self.is_sound = True
            return
        if not crash_at_number:
            assert by.role in row.roles, f"{by.role} may not {row.name}"
            assert fence is None or row.name.endswith(".merge") or arguments["fence"] == fence, "an old claim counted"
        self.world.refresh_people()

    def change_people(self, chance: random.Random) -> None:
        """An administrator switches accounts off, of a whole portal even, or on again, as the admin site does."""
        known = [user for user in self.world.people if not user.unconfirmed]
        away = [user for user in known if not user.is_active]
        portal = chance.choice(self.world.portals).pk
        team = [user for user in self.world.analysts() if portal in user.portal_ids]
        chosen = away or (team if chance.random() < 0.6 else [chance.choice(known)])
        for user in chosen:
            note(f"switch {user} {'off' if user.is_active else 'on'}")
            self._do("switch an account", partial(self._switch, user))
        self.world.refresh_people()

    @transaction.atomic
    def _switch(self, user: User) -> None:
        user.is_active = not user.is_active
        user.save(update_fields=["is_active"])
        coverage.note_coverage(now=self.world.now)

    # --- Jobs and time --------------------------------------------------------------------------------

    def run_jobs(self, chance: random.Random) -> None:
        """The worker runs some of its jobs."""
        if self.world.worker_is_up:
            for job in chance.choices(JOBS, cum_weights=JOB_WEIGHTS, k=3):
                self._run(job)

    def run_job_and_crash(self, chance: random.Random) -> None:
        """The worker ends at some statement of a job: within a transaction, or between two."""
        job = chance.choices(JOBS, cum_weights=JOB_WEIGHTS)[0]
        if self.world.worker_is_up:
            self._run(job, crash_at_number=draw_statement(chance))

    def _run(self, job: JobRow, *, crash_at_number: int = 0) -> None:
        note(f"job {job.name}")
        self._do(f"job {job.name}", lambda: job.run(self.world), crash_at_number=crash_at_number)

    def pass_time(self, chance: random.Random) -> None:
        """Time passes, mostly minutes and hours; the daily command runs in each new month, and on some days."""
        names = list(JUMPS)
        name = chance.choices(names, weights=[16, 16, 12, 12, 8, *[1] * (len(names) - 5)])[0]
        before = self.world.now
        self.prepared.move_clock(self.world, JUMPS[name](before))
        days = (self.world.now.date() - before.date()).days
        is_due = self.world.now.month != before.month or (days and chance.random() < 0.2)
        note(f"clock {self.world.now}")
        self._do(f"clock {name}", lambda: is_due and JOBS[-1].run(self.world))

    def weather(self, chance: random.Random) -> None:
        """The worker goes down or comes back, and the mail server's mood changes."""
        self.world.worker_is_up = chance.random() < 0.85
        self.world.mood = chance.choices(list(MOODS), weights=[5, 3, 2, 2])[0]

    # --- Steps ----------------------------------------------------------------------------------------

    def _do(self, name: str, act: Callable[[], object], *, crash_at_number: int = 0) -> None:
        """One step of the model, after which everything must hold."""
        FIGURES.steps[name] += 1
        self.is_sound = False
        accepted = len(self.world.accepted)
        # 0 is never reached: only the mail server's mood can end the process then.
        with crash_at(crash_at_number) as point:
            act()
        if point.reached:
            FIGURES.crashes[name] += 1
            self.world.note_unsent(self.world.accepted[accepted:])
            note("  crash")
        else:
            run_commit_hooks()
        self.everything_holds()
        self.is_sound = True
        # No two acts are at the same time.
        self.prepared.move_clock(self.world, self.world.now + A_MOMENT)

    def everything_holds(self) -> None:
        self.world.answers.forget_what_changed()
        for holds in INVARIANTS:
            holds(self.world)
            FIGURES.checked += 1
        self.checks += 1
        if self.checks % COMPARED_EVERY == 0:
            self.world.answers.compare()

    def nothing_was_missed(self) -> None:
        """The queries of each step give the same answers without what was kept."""
        self.world.answers.compare()
        for user in self.world.people:
            has_own_view(user, self.world)


def _weight_of(row: VerbRow, chance: random.Random) -> int:
    return row.often * PREFERRED if row.often < PREFERRED and chance.random() < PREFERRED_SHARE else row.often


@dataclass(frozen=True, slots=True)
class StepKind:
    """`often`: how often it is chosen, compared with the others."""

    take: Callable[[LifeMachine, random.Random], None]
    often: int


KINDS = (
    StepKind(LifeMachine.act, 30),
    StepKind(LifeMachine.run_jobs, 16),
    StepKind(LifeMachine.pass_time, 15),
    StepKind(LifeMachine.act_and_crash, 8),
    StepKind(LifeMachine.report, 8),
    StepKind(LifeMachine.send_from_partner, 2),
    StepKind(LifeMachine.send_more, 9),
    StepKind(LifeMachine.run_job_and_crash, 5),
    StepKind(LifeMachine.weather, 5),
    StepKind(LifeMachine.change_people, 2),
)
