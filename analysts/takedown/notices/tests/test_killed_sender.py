"""Repeatedly kills workers while the mail server is down, rejects, hangs or drops: no notice is lost, no step doubled.

Runs the shipped workers under the staff role on a real PostgreSQL, with mail over TLS. Clocks are moved ahead.
`python -m tests.benchmarks.letters` runs it with 10,000 letters.
"""

import csv
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from xarf import schema_validator

from analysts.models import Channel, Chase, Notice, NoticeItem, NoticeState, Purpose, User
from analysts.models.notice import NoticeQuerySet
from analysts.takedown.notices import manual_actions, texts
from analysts.tests.moody_mail import Mood, MoodyServer
from analysts.tests.notices import host, planned, referred
from audit.chain import verify_chain
from audit.models import AuditEvent
from countries.models import Portal
from portal_site.database import roles
from tests.proofs import certificates
from tests.rig.manage import start_manage

NOTICES = int(os.environ.get("LETTERS", "24"))
# Two at once, so that they also compete with each other.
WORKERS = 2
# A round that takes longer has hung.
PATIENCE_SECONDS = 120 + NOTICES // 2
# Between two looks at the rows, which take longer the more letters there are.
LOOK_SECONDS = 0.005 + NOTICES / 100_000
# Workers are killed so many times while the server works, each time after at most so many letters.
KILLS, MOST_BEFORE_KILL = 2 + NOTICES // 500, 8 + NOTICES // 100
# Hours; longer than any retry delay in this test and than a killed attempt blocks its notice.
LATER = 0.5
QUEUE = "procrastinate_jobs, procrastinate_periodic_defers, procrastinate_events, procrastinate_workers"


@dataclass
class House:
    """The workers of an installation. `clock`: how many hours their clock and the queue are moved ahead."""

    server: MoodyServer
    folder: Path
    clock: float = 0
    kills: int = 0
    # Notices that a working server accepted from workers that were killed before they could commit.
    before_commit: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def start(self) -> ForkServerProcess:
        server = connection.get_connection_params()
        url = f"postgres://{roles.STAFF}@/{server['dbname']}?host={quote(server['host'], safe='')}"
        # As shipped, apart from the shorter polling interval.
        worker = ["procrastinate", "worker", "--delete-jobs", "successful", "--fetch-job-polling-interval", "0.1"]
        log = self.folder / "worker.log"
        environment = {
            **os.environ,
            "DATABASE_URL": f"{url}&port={server['port']}" if server.get("port") else url,
            "SURFACE": "staff",
            "KEYRING": str(settings.KEYRING),
            "PUBLIC_URL": "https://report.hotline.example",
            "MAIL_HOST": "localhost",
            "MAIL_PORT": str(self.server.port),
            "MAIL_FROM": "portals@hotline.example",
            "MAIL_SECONDS": "1",
            "SSL_CERT_FILE": str(certificates.authority_path(self.folder / "tls")),
            "PYTHONWARNINGS": "ignore",
        }
        return start_manage(*worker, environment=environment, stdout=log, stderr=log, hours=self.clock)

    def work_until(self, done: Callable[[], bool]) -> None:
        """Run workers `LATER` hours later and kill them as soon as `done` returns true."""
        self.clock += LATER
        heard = len(self.server.taken)
        workers = [self.start() for _ in range(WORKERS)]
        try:
            began = moved = time.monotonic()
            while not done():
                if (now := time.monotonic()) > moved + 0.1:
                    self.move_queue()
                    moved = now
                    assert all(worker.is_alive() for worker in workers), self.log()
                    assert now < began + PATIENCE_SECONDS, self.log()
                time.sleep(LOOK_SECONDS)
        finally:
            for worker in workers:
                worker.kill()
            for worker in workers:
                worker.join()
        self.kills += WORKERS
        if self.server.mood is Mood.WELL:
            unsent = Notice.objects.exclude(state=NoticeState.SENT).filter(attempts__gt=0)
            told_yes = {str(letter["Message-ID"]) for letter in self.server.taken[heard:]}
            self.before_commit += unsent.filter(message_id__in=told_yes).count()

    def move_queue(self) -> None:
        """Make jobs due: the queue uses PostgreSQL's clock, which is not moved."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"
                " AND scheduled_at > now() AND scheduled_at <= now() + make_interval(secs => %s)",
                [self.clock * 3600],
            )

    def kill_after_attempts(self) -> None:
        self._kill_after(attempts)

    def kill_after_letters(self) -> None:
        self._kill_after(lambda: len(self.server.taken))

    def _kill_after(self, count: Callable[[], int]) -> None:
        """Kill the workers after a random number of events, not a time, so that slow machines run the same test."""
        wanted = count() + self.chance.randrange(1, MOST_BEFORE_KILL + 1)
        self.work_until(lambda: count() >= wanted)

    def log(self) -> str:
        return (self.folder / "worker.log").read_text()[-3000:]


def attempts() -> int:
    return int(Notice.objects.aggregate(all=Sum("attempts"))["all"])


def all_sent() -> bool:
    return not Notice.objects.exclude(state=NoticeState.SENT).exists()


def dead() -> NoticeQuerySet:
    return Notice.objects.filter(state=NoticeState.DEAD)


def again() -> NoticeQuerySet:
    return Notice.objects.filter(purpose=Purpose.AGAIN)


def chases_at_work() -> int:
    """The number of running chase jobs, including those whose worker was killed."""
    return asked("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND queueing_lock = 'chase'")


def cut_short() -> int:
    """The number of jobs whose worker was killed. They are never cleaned up, which must not matter."""
    return asked("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")


def asked(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def said(letter: EmailMessage) -> tuple[str, str, str]:
    """The body of the letter, the single address in its table, and its machine-readable report; "" without one."""
    body, *reports, table = letter.iter_parts()
    (row,) = csv.DictReader(table.get_content().splitlines())
    return body.get_content(), row["address"], reports[-1].get_content().decode() if reports else ""


@pytest.fixture
def house(transactional_db: None, tmp_path: Path) -> Iterator[House]:
    certificates.make_certificates(tmp_path / "tls", [])
    server = MoodyServer(tmp_path / "tls")
    _empty_queue()
    yield House(server, tmp_path)
    server.stop()
    _empty_queue()


def _empty_queue() -> None:
    """Empty the queue's tables, which the test runner does not flush."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {QUEUE} CASCADE")


def test_killed_workers_and_a_dead_mail_server_lose_and_double_nothing(belize: Portal, ana: User, house: House) -> None:
    made = timezone.now()
    texts.load_shipped_texts(now=made)
    for number in range(NOTICES):
        # Every other one takes machine-readable reports.
        channel = (Channel.EMAIL, Channel.XARF)[number % 2]
        to = host(f"Host {number}", by=ana, defang=False, channel=channel, email=f"abuse@host-{number}.example")
        assert planned(referred(belize, ana, to, f"https://example.org/{number}", now=made), by=ana, now=made)
    # Notices gather for an hour.
    house.clock = 1

    # The mail server is not running yet.
    house.kill_after_attempts()
    assert house.server.taken == []
    house.server.mood = Mood.REFUSES
    house.server.start()
    house.work_until(lambda: dead().count() >= 3)
    assert house.server.taken == []
    for notice in dead():
        manual_actions.try_again(by=ana, notice=notice)
    for mood in (Mood.HANGS, Mood.DROPS):
        house.server.mood = mood
        house.kill_after_letters()
    assert not Notice.objects.filter(state=NoticeState.SENT).exists()
    house.server.mood = Mood.WELL
    for _ in range(KILLS):
        house.kill_after_letters()
    assert 0 < Notice.objects.filter(state=NoticeState.SENT).count() < NOTICES
    house.work_until(all_sent)
    first = len(house.server.taken)

    # A day later the reminders are due; the chase run and the workers are killed meanwhile.
    house.clock += 24
    before = chases_at_work()
    house.work_until(lambda: chases_at_work() > before or again().exists())
    house.work_until(lambda: again().count() == NOTICES)
    # Reminders gather for an hour as well.
    house.clock += 1
    house.kill_after_letters()
    house.work_until(all_sent)

    arrived = house.server.ids()
    notices = {notice.message_id: notice for notice in Notice.objects.select_related("recipient")}
    repeats = arrived.total() - len(arrived)
    lost = notices.keys() - arrived.keys()
    print(  # noqa: T201 - figures, with -s
        f"\n{len(notices)} notices; {house.kills} kills of workers, {cut_short()} jobs cut short,"
        f" {house.before_commit} letters between the yes and the commit;"
        f" {attempts()} attempts; {arrived.total()} letters arrived, {first} of them of first notices;"
        f" {repeats} came again, with the same Message-ID; {len(lost)} notices lost"
    )
    assert lost == set()
    assert arrived.keys() == notices.keys()
    assert repeats > 0
    assert cut_short() > 0
    assert asked("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == 0
    # Letters with the same Message-ID are identical.
    letters = {(letter["Message-ID"], letter["To"], *said(letter)) for letter in house.server.taken}
    assert len(letters) == len(arrived)
    assert {(name, to) for name, to, *_ in letters} == {
        (notice.message_id, notice.recipient.email) for notice in notices.values()
    }
    reports = [(address, json.loads(report)) for *_names, address, report in letters if report]
    assert len(reports) == NOTICES
    assert [
        address for address, report in reports if schema_validator.validate(report) or report["url"] != address
    ] == []
    # Each address appears in one first notice and one reminder.
    purposes = Counter((address, notices[name].purpose) for name, _to, _body, address, _report in letters)
    assert purposes == {
        (f"https://example.org/{number}", purpose): 1
        for number in range(NOTICES)
        for purpose in (Purpose.FIRST, Purpose.AGAIN)
    }
    steps = Counter(NoticeItem.objects.values_list("referral", "interval"))
    assert (len(steps), set(steps.values())) == (2 * NOTICES, {1})
    assert set(NoticeItem.objects.values_list("dropped", flat=True)) == {""}
    assert set(Chase.objects.values_list("interval", flat=True)) == {1}
    events = Counter(AuditEvent.objects.filter(action="notice.sent").values_list("object_id", flat=True))
    assert events == {str(notice.pk): 1 for notice in notices.values()}
    assert verify_chain().faults == []
