"""The walk of `tests.proofs.failover`, in a network of its own: prints a figure a line, as JSON."""

import itertools
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from portal_site.database import embedded
from tests.proofs.calling import call_inside
from tests.proofs.cluster import NETWORK, ROOT, Cluster, DatabaseMachine, switch_loopback_on
from tests.proofs.ledger import Ledger
from tests.proofs.reporters import Reporters
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure
from tests.proofs.stack import Stack

# Writes are back within this time, without a person.
LIMIT_SECONDS = 30
# Before the watch would report them (HEARTBEAT_LATE).
WORK_SECONDS = 120
# systemd starts a process that ended again (RestartSec=5).
RESTART_SECONDS = 5
# "tend", of analysts.retention.erasure.
RUN_LOCK = 0x74656E64
INCIDENTS = 4_000
ANALYSTS = 2
PATIENCE_SECONDS = 180


@dataclass
class Load:
    """Reports and verdicts, each with the second of its acknowledgement."""

    stack: Stack
    ledger: Ledger
    report_times: list[float] = field(default_factory=list)
    restarts: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[Reporters]:
        reporters = Reporters(self.stack, self.ledger, count=3, patience=PATIENCE_SECONDS)
        jobs = [self._watch_reports, self._supervise, *(self._decide(number) for number in range(ANALYSTS))]
        threads = [threading.Thread(target=job, daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        try:
            with reporters.at_work():
                yield reporters
        finally:
            self._end_file.touch()
            self._end.set()
            for thread in threads:
                thread.join()

    def verdicts(self) -> list[tuple[str, str, float]]:
        """Assessment, incident, second of each that was acknowledged."""
        lines = [
            line.split() for path in self.stack.folder.glob("verdicts-*") for line in path.read_text().splitlines()
        ]
        return [(line[0], line[1], float(line[2])) for line in lines if len(line) == 3]

    def gap_figures(self, name: str, since: float) -> Iterator[Figure]:
        """The longest time without an acknowledged report, and without a verdict, from then until now."""
        now = time.monotonic()
        verdicts = [second for _, _, second in self.verdicts()]
        for kind, seconds in (("report", self.report_times), ("verdict", verdicts)):
            times = [since, *sorted(second for second in seconds if second > since), now]
            gap = max(later - earlier for earlier, later in itertools.pairwise(times))
            title = f"{name}: longest time without an acknowledged {kind}"
            yield at_most(title, round(gap, 1), LIMIT_SECONDS, "s")

    def count(self) -> int:
        return len(self.ledger) + len(self.verdicts())

    def wait_for_more(self, cluster: Cluster, reports: int = 20, verdicts: int = 10) -> None:
        wanted = len(self.ledger) + reports, len(self.verdicts()) + verdicts
        cluster.wait_until(
            "reports and verdicts are acknowledged",
            lambda: (len(self.ledger) >= wanted[0]) and (len(self.verdicts()) >= wanted[1]),
        )

    @property
    def _end_file(self) -> Path:
        return self.stack.folder / "end"

    def _watch_reports(self) -> None:
        before = 0
        while not self._end.wait(0.02):
            if (count := len(self.ledger)) > before:
                before = count
                self.report_times.append(time.monotonic())

    def _supervise(self) -> None:
        """As systemd does (Restart=always)."""
        start = {"intake": self.stack.start_intake, "worker": self.stack.start_worker}
        while not self._end.wait(RESTART_SECONDS):
            for name, start_again in start.items():
                if self.stack.processes[name].poll() is not None:
                    self.restarts += 1
                    start_again()

    def _decide(self, number: int) -> Callable[[], None]:
        notes = str(self.stack.folder / f"verdicts-{number}")
        arguments = (f"claimer-{number}", notes, str(self._end_file))
        return lambda: call_inside(self.stack, "verdicts.keep_deciding", *arguments, seconds=3600)


@dataclass
class SideWriter:
    """Writes to one machine from within, for as long as the block lasts: what it acknowledges alone."""

    machine: DatabaseMachine
    acknowledged: list[int] = field(default_factory=list)
    attempts: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator["SideWriter"]:
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._end.set()
            thread.join()

    def _work(self) -> None:
        while not self._end.wait(0.1):
            with suppress(psycopg.Error), self.machine.connect() as database:
                rows = database.execute("SELECT pg_is_in_recovery()").fetchall()
                if not rows[0][0]:
                    self.attempts += 1
                    number = time.monotonic_ns()
                    database.execute("INSERT INTO side_writes VALUES (%s)", [number])
                    self.acknowledged.append(number)


@dataclass
class FailoverWalk:
    stack: Stack
    cluster: Cluster
    load: Load

    def lose_primary(
        self, name: str, strike: Callable[[DatabaseMachine], None], mend: Callable[[DatabaseMachine], None]
    ) -> Iterator[Figure]:
        old = self.cluster.wait_for_all()
        holder = psycopg.connect(host=old.address, user="postgres", dbname="portals", autocommit=True)
        holder.execute("SELECT pg_advisory_lock(%s)", [RUN_LOCK])
        others = [machine for machine in self.cluster.machines if machine is not old]
        began, wall = time.monotonic(), time.time()
        strike(old)
        with SideWriter(old).at_work() as side:
            self.cluster.wait_until("another machine is the primary", lambda: self.cluster.primary(others) is not None)
            switched = time.monotonic() - began
            self.load.wait_for_more(self.cluster)
            gaps = list(self.load.gap_figures(name, began))
            yield plain_figure(f"{name}: until another machine is the primary", round(switched, 1), "s")
            yield from gaps
            yield equal_to(f"{name}: the nightly run of the keys on the new primary", self._tend_keys(), "done")
            yield at_most(
                f"{name}: until the jobs and intake work again", self._wait_for_work(began, wall), WORK_SECONDS, "s"
            )
            mend(old)
            self.cluster.wait_for_all()
        yield plain_figure(f"{name}: writes tried on the former primary meanwhile", side.attempts)
        yield equal_to(f"{name}: written on two sides", len(side.acknowledged), 0)
        holder.close()

    def lose_etcd(self) -> Iterator[Figure]:
        primary = self.cluster.wait_for_all()
        leader = self.cluster.etcd_leader()
        began = time.monotonic()
        leader.kill_program("etcd")
        # Longer than a lease.
        time.sleep(25)
        self.load.wait_for_more(self.cluster)
        yield from self.load.gap_figures("one etcd lost, its leader", began)
        yield equal_to("one etcd lost, its leader: the primary", self.cluster.wait_for_primary().name, primary.name)
        leader.start_etcd()
        self.cluster.wait_for_all()

    def lose_two_etcd(self) -> Iterator[Figure]:
        self.cluster.wait_for_all()
        lost = self.cluster.machines[:2]
        began = time.monotonic()
        for machine in lost:
            machine.kill_program("etcd")
        self.cluster.wait_until("no machine takes writes", lambda: self.cluster.primary() is None)
        yield at_most(
            "two etcd lost: until no machine takes writes", round(time.monotonic() - began, 1), LIMIT_SECONDS, "s"
        )
        time.sleep(2)
        before = self.load.count()
        primaries = 0
        for _ in range(10):
            time.sleep(0.5)
            primaries += self.cluster.primary() is not None
        yield equal_to(
            "two etcd lost: acknowledged in the next 5 s",
            self.load.count() - before,
            0,
        )
        yield equal_to("two etcd lost: times that a machine took writes", primaries, 0)
        began = time.monotonic()
        for machine in lost:
            machine.start_etcd()
        self.load.wait_for_more(self.cluster, 1, 1)
        yield at_most(
            "two etcd back: until the next report and the next verdict",
            round(time.monotonic() - began, 1),
            LIMIT_SECONDS,
            "s",
        )
        self.cluster.wait_for_all()

    def control(self) -> Iterator[Figure]:
        """Without synchronous replication, a primary that is cut off acknowledges what is then lost."""
        self.cluster.change_config(synchronous_mode=False, synchronous_mode_strict=False)
        old = self.cluster.wait_for_primary()

        def is_asynchronous() -> bool:
            with suppress(psycopg.Error), old.connect() as database:
                return database.execute("SHOW synchronous_standby_names").fetchall() == [("",)]
            return False

        self.cluster.wait_until("the primary waits for no standby", is_asynchronous)
        old.set_cable(connected=False)
        others = [machine for machine in self.cluster.machines if machine is not old]
        with SideWriter(old).at_work() as side:
            self.cluster.wait_until("another machine is the primary", lambda: self.cluster.primary(others) is not None)
        old.set_cable(connected=True)
        self.cluster.wait_until("the former primary is a standby", lambda: old.role() == "standby")
        stored = {number for (number,) in self.query("SELECT number FROM side_writes")}
        yield at_least(
            "control without synchronous replication: acknowledged and lost", len({*side.acknowledged} - stored), 1
        )

    def outcome(self, reporters: Reporters) -> Iterator[Figure]:
        found = self.load.ledger.compare(self.stack)
        yield at_least("envelopes acknowledged", found.acknowledged, 200)
        yield equal_to("acknowledged and lost", found.lost, 0)
        yield equal_to("stored twice", found.doubled, 0)
        yield equal_to("stored with another text", found.altered, 0)
        yield equal_to("refusals that lost what was typed", reporters.text_lost, 0)
        yield equal_to("texts that were never acknowledged", reporters.unsure, 0)
        verdicts = self.load.verdicts()
        stored = {
            (str(number), str(incident))
            for number, incident in self.query("SELECT id, incident_id FROM analysts_assessment")
        }
        yield at_least("verdicts acknowledged", len(verdicts), 100)
        yield equal_to("verdicts acknowledged and lost", sum((row[0], row[1]) not in stored for row in verdicts), 0)
        [(doubled,)] = self.query(
            "SELECT count(*) FROM (SELECT FROM analysts_assessment GROUP BY incident_id, round, stage"
            " HAVING count(*) > 1) AS several"
        )
        yield equal_to("incidents with two verdicts of one review", doubled, 0)
        [(events,)] = self.query("SELECT count(*) FROM audit_auditevent WHERE action = 'incident.assess'")
        yield equal_to("verdicts without their audit event, or the other way round", abs(events - len(stored)), 0)
        self.stack.manage("verify_audit")
        yield equal_to("the audit chain", "no fault", "no fault")
        yield plain_figure("times that the worker or intake was started again", self.load.restarts)

    def query(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        with self.stack.connect() as database:
            return database.execute(query, values).fetchall()

    def _tend_keys(self) -> str:
        try:
            self.stack.manage("tend_keys")
        except RuntimeError as error:
            return str(error)[-200:]
        return "done"

    def _wait_for_work(self, began: float, wall: float) -> float:
        def beats() -> bool:
            with suppress(psycopg.Error):
                rows = self.query("SELECT count(*) FROM analysts_workerheartbeat WHERE at > to_timestamp(%s)", wall + 1)
                return rows == [(2,)]
            return False

        self.cluster.wait_until("the jobs and intake work", beats)
        return round(time.monotonic() - began, 1)


def walk(folder: Path, *, full: bool) -> Iterator[Figure]:
    switch_loopback_on()
    stack = Stack(folder / "installation")
    try:
        stack.set_up()
        call_inside(stack, "claims.queue_up", INCIDENTS if full else 2000, ANALYSTS, role="postgres")
        with stack.connect() as database:
            database.execute("CREATE TABLE side_writes (number bigint)")
        data = stack.folder / "postgres"
        place = ("-h", stack.database["host"], "-p", stack.database["port"], "-U", "postgres")
        embedded.run_program("psql", *place, "-f", str(ROOT / "deploy" / "many" / "roles.sql"), cluster=data)
        with (data / "pg_hba.conf").open("a") as file:
            file.write(
                f"host all all {NETWORK}.0/24 trust\nhost replication portals_replication {NETWORK}.0/24 trust\n"
            )
        embedded.release_server(stack.folder)
        with Cluster(folder / "machines").running(data) as cluster:
            stack.use_cluster([machine.address for machine in cluster.machines])
            stack.start_surface("public")
            stack.start_intake()
            stack.start_worker()
            stack.start_web()
            load = Load(stack, Ledger())
            yield from _walk_all(FailoverWalk(stack, cluster, load), full=full)
    finally:
        stack.stop()


def _walk_all(walk: FailoverWalk, *, full: bool) -> Iterator[Figure]:
    with walk.load.running() as reporters:
        walk.load.wait_for_more(walk.cluster)
        yield from walk.lose_primary("power lost", DatabaseMachine.kill, DatabaseMachine.switch_on)
        if full:
            cut, connect = (lambda machine, on=on: machine.set_cable(connected=on) for on in (False, True))
            yield from walk.lose_primary("cable cut", cut, connect)
            yield from walk.lose_primary("frozen, then woken", DatabaseMachine.freeze, DatabaseMachine.wake)
            yield from walk.lose_etcd()
            yield from walk.lose_two_etcd()
    yield from walk.outcome(reporters)
    yield from walk.control()


if __name__ == "__main__":
    for figure in walk(Path(sys.argv[1]), full=sys.argv[2] == "full"):
        print(json.dumps(asdict(figure)), flush=True)
