"""`manage.py lockdown` drilled: under load, and with one part of the system after the other broken."""

import http.client
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

from portal_site.database import roles
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.ledger import Ledger
from tests.proofs.reporters import Reporters
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure
from tests.proofs.stack import NO_WAITING, Stack
from tests.proofs.visitor import HttpVisitor, Page

SHOWS = "A lockdown ends every session and stops sign-in, letters, feed and public role, also with half the system down"
PROMISES = (2, 3, 6)
COVERS = INSTALLATION

PATH, INBOX = "/admin/", "/admin/inbox/"
# Seconds for a command that an administrator waits for; the start of Python is most of it.
PATIENCE = 60
# Seconds for a letter that is due or an alarm, and for letters that waited: lost jobs are looked for each minute.
LETTER_SECONDS = 90
RELEASE_SECONDS = 240
# A portal that no reporter of this proof uses.
OTHER_PORTAL = "zm"
# Statements of the public role; each must be refused during a lockdown.
TRIED: tuple[LiteralString, ...] = (
    "SELECT count(*) FROM countries_portal",
    "SELECT reports_key_is_open('words-2026-01-00000000')",
    "SELECT reports_look_up('00000000-0000-0000-0000-000000000000')",
    "INSERT INTO reports_receipt (id) VALUES ('00000000-0000-0000-0000-000000000000')",
    "SELECT count(*) FROM reports_submission",
    "SELECT count(*) FROM audit_auditevent",
)


@dataclass(frozen=True, slots=True)
class Drill:
    """One broken part. `exits` is what the command must end with, `says` what its output must contain."""

    name: str
    broken: Callable[[Stack], AbstractContextManager[object]]
    exits: int
    says: str


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    with Stack(folder, demo_reports=6, environment=NO_WAITING).running() as stack:
        passwords = stack.accounts()
        names = list(passwords) if full else list(passwords)[:3]
        people = {name: _signed_in(stack, name, passwords[name]) for name in names}
        yield equal_to("control: sessions that work before it", _working(people), len(people))
        yield from _lockdown_under_load(stack, people, passwords, full=full)
        yield from _effects_held(stack)
        for drill in DRILLS if full else DRILLS[:3]:
            yield from _drill_figures(stack, drill, names[0], passwords[names[0]])
        yield from _database_down(stack)
        said = stack.manage("verify_audit")
        yield equal_to("faults of the audit log after all that", "No fault" in said or said.strip(), True)


def _lockdown_under_load(
    stack: Stack, people: dict[str, HttpVisitor], passwords: dict[str, str], *, full: bool
) -> Iterator[Figure]:
    ledger = Ledger()
    reporters = Reporters(stack, ledger, count=8 if full else 2)
    with reporters.at_work():
        ledger.wait_for_more(200 if full else 10)
        began = time.monotonic()
        said = stack.manage("lockdown", "--sign-in", "--public", role="postgres")
        yield at_most("seconds of a lockdown under load", time.monotonic() - began, PATIENCE)
        yield equal_to("steps done", said.count("\ndone ") + said.startswith("done "), 5)
        stored = _count_envelopes(stack)
        yield from _stopped_figures(stack, people, passwords)
        yield equal_to("envelopes stored since", _count_envelopes(stack) - stored, 0)
        again = stack.manage("lockdown", "--sign-in", "--public", role="postgres")
        yield equal_to("a second run reports the time of the first", _times(again), _times(said))
        call_inside(stack, "intake.take_in")
        yield equal_to("envelopes that intake left over meanwhile", call_inside(stack, "intake.take_in"), 0)
        stack.manage("lockdown", "--lift", role="postgres")
        ledger.wait_for_more(100 if full else 5)
    found = ledger.compare(stack)
    yield plain_figure("answers 503 with the text kept, sent again", reporters.refused[503])
    yield equal_to("refusals that lost what was typed", reporters.text_lost, 0)
    yield at_least("envelopes acknowledged", found.acknowledged, 300 if full else 15)
    yield equal_to("acknowledged and lost", found.lost, 0)
    name = next(iter(people))
    yield equal_to("sessions from before that work after it was lifted", _working(people), 0)
    yield equal_to("sign-in once it was lifted", _can_sign_in(stack, name, passwords[name]), True)


def _count_envelopes(stack: Stack) -> int:
    with stack.connect() as owner:
        rows = owner.execute("SELECT count(*) FROM reports_submission").fetchone()
    return int(rows[0]) if rows else 0


def _stopped_figures(stack: Stack, people: dict[str, HttpVisitor], passwords: dict[str, str]) -> Iterator[Figure]:
    yield equal_to("sessions that still work", _working(people), 0)
    entered = [name for name in people if _can_sign_in(stack, name, passwords[name])]
    yield equal_to("people who can sign in, of all roles", ", ".join(entered) or "none", "none")
    visitor = stack.visitor()
    yield equal_to("the portal's page, with its contacts", visitor.get("/bz/en/").status, 200)
    yield equal_to("what monitoring gets", visitor.get("/health/ready/").status, 503)
    refused = 0
    with stack.connect(roles.PUBLIC) as database:
        for statement in TRIED:
            try:
                database.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                refused += 1
    yield equal_to("statements refused to the public role, of those tried", refused, len(TRIED))
    lifted = stack.run_manage("lockdown", "--lift")
    yield equal_to("the staff's role lifts it", lifted.returncode, 1)


# --- What leaves without a person -------------------------------------------------------------------------------------


def _effects_held(stack: Stack) -> Iterator[Figure]:
    """A letter made due by hand and a member's key, before, during and after; an alarm leaves throughout."""
    secret = call_inside(stack, "held.make_member_key")
    yield equal_to("control: the feed answers a member's key with", _fetch_feed(stack, secret).status, 200)
    letter = call_inside(stack, "held.make_letter_due")
    yield equal_to("control: a letter that is due leaves", _wait_for(lambda: _has_left(stack, letter)), True)
    stack.manage("lockdown", "--sign-in", role="postgres")
    letter = call_inside(stack, "held.make_letter_due")
    mails = _count_mails(stack, "duty@example.org")
    call_inside(stack, "held.suspend_portal", OTHER_PORTAL)
    alarmed = _wait_for(lambda: _count_mails(stack, "duty@example.org") > mails)
    yield equal_to("an alarm to staff leaves during the lockdown", alarmed, True)
    yield from _held_figures(stack, letter, secret, "sign-in stopped")
    stack.manage("lockdown", "--lift", "--sign-in", role="postgres")
    yield from _held_figures(stack, letter, secret, "sign-in alone lifted")
    stack.manage("lockdown", "--lift", role="postgres")
    yield equal_to("lifted: the feed answers a member's key with", _fetch_feed(stack, secret).status, 200)
    left = _wait_for(lambda: _has_left(stack, letter), seconds=RELEASE_SECONDS)
    yield equal_to("lifted: the letter that waited leaves", left, True)


def _held_figures(stack: Stack, letter: str, secret: str, when: str) -> Iterator[Figure]:
    # Longer than the control's letter took, and tried once more as a job would.
    call_inside(stack, "held.release_letter", letter)
    left = _wait_for(lambda: _has_left(stack, letter), seconds=LETTER_SECONDS // 3)
    yield equal_to(f"{when}: a letter that is due leaves", left, False)
    answer = _fetch_feed(stack, secret)
    yield equal_to(f"{when}: the feed answers a member's key with", answer.status, 503)
    yield equal_to(f"{when}: entries in that answer", answer.text.count("address"), 0)


def _fetch_feed(stack: Stack, secret: str) -> Page:
    return stack.visitor("staff").get("/api/url-list/", Authorization=f"Bearer {secret}")


def _has_left(stack: Stack, letter: str) -> bool:
    with stack.connect() as owner:
        row = owner.execute("SELECT state FROM analysts_notice WHERE id = %s", [letter]).fetchone()
    return row is not None and row[0] == "sent"


def _count_mails(stack: Stack, to: str) -> int:
    return sum(f"To <{to}>" in path.read_text("utf-8", "replace") for path in (stack.folder / "mail").glob("*.eml"))


def _wait_for(happens: Callable[[], bool], *, seconds: int = LETTER_SECONDS) -> bool:
    end = time.monotonic() + seconds
    while not happens() and time.monotonic() < end:
        time.sleep(1)
    return happens()


# --- One part broken after the other ----------------------------------------------------------------------------------


@contextmanager
def _all_processes_killed(stack: Stack) -> Iterator[None]:
    """Surfaces, workers and web server; they are started again afterwards."""
    for name in list(stack.processes):
        stack.kill_process(name)
    yield
    for surface in ("public", "staff"):
        stack.start_surface(surface)
    stack.start_intake()
    stack.start_worker()
    stack.start_web()


@contextmanager
def _audit_log_blocked(stack: Stack) -> Iterator[None]:
    """A transaction holds the audit log, so that no event can be appended."""
    with stack.connect() as database, database.transaction():
        database.execute("LOCK TABLE audit_auditevent IN EXCLUSIVE MODE")
        yield


@contextmanager
def _account_row_held(stack: Stack) -> Iterator[None]:
    """An attacker with the staff's role holds the row of an account, so that the update of all waits."""
    with stack.connect(roles.STAFF) as database, database.transaction():
        database.execute("SELECT id FROM analysts_user ORDER BY id LIMIT 1 FOR UPDATE")
        yield


@contextmanager
def _audit_log_full(stack: Stack) -> Iterator[None]:
    """An audit log that accepts no event."""
    with stack.connect() as database:
        database.execute("ALTER TABLE audit_auditevent ADD CONSTRAINT drill CHECK (action !~ 'lockdown') NOT VALID")
        try:
            yield
        finally:
            database.execute("ALTER TABLE audit_auditevent DROP CONSTRAINT drill")


@contextmanager
def _keyring_gone(stack: Stack) -> Iterator[None]:
    kept = stack.folder / "keyring.kept"
    shutil.move(stack.folder / "keyring", kept)
    try:
        yield
    finally:
        shutil.move(kept, stack.folder / "keyring")


@contextmanager
def _public_role_busy(stack: Stack) -> Iterator[None]:
    """An open transaction of the public role that holds what it can; the lockdown ends its connection."""
    with suppress(psycopg.errors.AdminShutdown), stack.connect(roles.PUBLIC) as database:
        database.execute("BEGIN")
        database.execute("LOCK TABLE countries_portal IN ACCESS SHARE MODE")
        yield


DRILLS = (
    Drill("every process but the database is dead", _all_processes_killed, 0, "done    public"),
    Drill("the audit log is blocked", _audit_log_blocked, 1, "Not in the audit log"),
    Drill("an account's row is held", _account_row_held, 1, "systemctl stop portals-staff.socket"),
    Drill("the audit log accepts no event", _audit_log_full, 1, "Not in the audit log"),
    Drill("the keyring is gone", _keyring_gone, 0, "done    sessions"),
    Drill("the public role holds locks", _public_role_busy, 0, "done    public"),
    Drill("nothing is broken", lambda _stack: nullcontext(), 0, "done    public"),
)


def _drill_figures(stack: Stack, drill: Drill, name: str, password: str) -> Iterator[Figure]:
    person = _signed_in(stack, name, password)
    with drill.broken(stack):
        began = time.monotonic()
        done = stack.run_manage("lockdown", "--sign-in", "--public", role="postgres")
        seconds = time.monotonic() - began
    yield equal_to(f"{drill.name}: the command ends with", done.returncode, drill.exits)
    yield equal_to(f"{drill.name}: it says what became of it", drill.says in done.stdout or done.stdout, True)
    yield at_most(f"{drill.name}: seconds", seconds, PATIENCE)
    yield equal_to(f"{drill.name}: sign-in", _can_sign_in(stack, name, password), False)
    yield equal_to(f"{drill.name}: the session from before works", _working({name: person}), 0)
    with stack.connect(roles.PUBLIC) as database:
        try:
            database.execute(TRIED[0])
            refused = False
        except psycopg.errors.InsufficientPrivilege:
            refused = True
    yield equal_to(f"{drill.name}: the public role is refused", refused, True)
    stack.manage("lockdown", "--lift", role="postgres")
    yield equal_to(f"{drill.name}: sign-in once lifted", _can_sign_in(stack, name, password), True)


def _database_down(stack: Stack) -> Iterator[Figure]:
    stack.crash_postgres()
    began = time.monotonic()
    done = stack.run_manage("lockdown", "--sign-in", "--public", role="postgres")
    seconds = time.monotonic() - began
    yield equal_to("the database is down: the command ends with", done.returncode, 1)
    yield at_most("the database is down: seconds", seconds, PATIENCE)
    by_hand = all(f"systemctl stop portals-{name}.socket" in done.stdout for name in ("staff", "public"))
    yield equal_to("the database is down: it says what to do by hand", by_hand or done.stdout + done.stderr, True)
    stack.start_postgres()


# --- What visitors and staff see --------------------------------------------------------------------------------------


def _signed_in(stack: Stack, name: str, password: str) -> HttpVisitor:
    visitor = stack.visitor("staff")
    visitor.sign_in(name, password)
    return visitor


def _ask(visitor: HttpVisitor) -> Page:
    """One page of the staff; asked again where the web server's connection was closed meanwhile."""
    try:
        return visitor.get(PATH)
    except (OSError, http.client.HTTPException):
        return visitor.get(PATH)


def _working(people: dict[str, HttpVisitor]) -> int:
    return sum(_is_signed_in(_ask(visitor)) for visitor in people.values())


def _is_signed_in(page: Page) -> bool:
    """Whether it is a page for this person; that of a recipient leads to the inbox."""
    return page.status == 200 or page.headers.get("location") == INBOX


def _can_sign_in(stack: Stack, name: str, password: str) -> bool:
    visitor = stack.visitor("staff")
    visitor.sign_in(name, password)
    return _working({name: visitor}) == 1


def _times(said: str) -> str:
    return ", ".join(line for line in said.splitlines() if ": stopped since " in line)
