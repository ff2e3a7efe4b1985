"""The cost of a request, of strangers, partners and staff: processor time, memory, password checks, connections."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from portal_site.database import roles
from tests.benchmarks.processes import memory_kilobytes, process_family
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.enumeration import Direct
from tests.proofs.inside.cost_limits import FLOOR_BYTES, FLOOR_DECODINGS, MOST_TIMES, lowest_floor
from tests.proofs.partners import add_partner
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure
from tests.proofs.stack import HOSTS, NO_WAITING, ROOT, Stack

SHOWS = "No request of anyone costs many times an ordinary one, and strangers who sign in keep no colleague out."
PROMISES = (7,)
COVERS = INSTALLATION

PORTAL, LANGUAGE, ELSEWHERE = "bz", "en", "zm"
# A form that was done, and one that needs a confirmation or shows its result.
ANSWERED = (200, 204, 302)
REFUSED = {
    "POST admin/(?P<url>.*)$": "no such page",
    "POST admin/incidents/<uuid:incident_id>/look-up-network/": "the installation has no network file",
}
# Of requests; others have more.
LEAST_KINDS = {"sources": 6}
PASSWORD = "wrong horse battery"
# As many as an audit sent, at once.
STRANGERS = 160
# Longest wait of a colleague, and of a request that finds no connection, in seconds.
MOST_WAIT = 5.0
SAMPLE_SECONDS = 0.05
# For all requests of one surface, of which there are thousands.
MOST_SECONDS = 3 * 3600


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    with Stack(folder, environment=NO_WAITING, demo_reports=1).running((), web=False, worker=False) as stack:
        yield from _request_figures(stack, full=full)
        yield from _sign_in_figures(stack)
        yield from _connection_figures(stack)


# --- Each kind of request -----------------------------------------------------------------------------


def _request_figures(stack: Stack, *, full: bool) -> Iterator[Figure]:
    public = {"SURFACE": "public", "KEYRING": str(stack.folder / "public-server")}
    arguments = (PORTAL, LANGUAGE, full)
    yield plain_figure("floor below which nothing is a finding, processor time", lowest_floor() * 1000, "ms")
    yield plain_figure("floor: times the decoding of a body of half a megabyte", FLOOR_DECODINGS)
    yield plain_figure("floor below which nothing is a finding, memory", FLOOR_BYTES // 1024, "kB")
    measure_surface: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "public": lambda: call_inside(
            stack, "cost.measure_public", *arguments, False, role=roles.PUBLIC, environment=public, seconds=MOST_SECONDS
        ),
        "sources": lambda: _measure_partner(stack, full=full),
        "staff": lambda: call_inside(stack, "cost.measure_staff", full, seconds=MOST_SECONDS),
        # By the owner of the database: the forms' preconditions are more than the staff role may do at once.
        "staff's forms": lambda: _measure_signed_in(stack, "measure_forms", full=full),
        "staff's pages": lambda: _measure_signed_in(stack, "measure_pages", full=full),
    }
    for surface, measure in measure_surface.items():
        kinds = measure()
        yield from _surface_figures(surface, kinds, least=LEAST_KINDS.get(surface, 10))
        if surface == "staff's forms":
            refused = {kind["kind"] for kind in kinds if kind["status"] not in ANSWERED} - REFUSED.keys()
            yield equal_to(
                f"{surface}: ordinary requests that were refused", "; ".join(sorted(refused)) or "none", "none"
            )
    seeded = call_inside(
        stack, "cost.measure_public", *arguments, True, role=roles.PUBLIC, environment=public, seconds=MOST_SECONDS
    )
    slow = [entry for kind in seeded for entry in kind["over"]]
    yield at_least("control: costs found with the pattern that an audit found", len(slow), 1)
    yield plain_figure("control: the first of them", slow[0] if slow else "none")


def _measure_partner(stack: Stack, *, full: bool) -> list[dict[str, Any]]:
    with stack.connect() as owner:
        # More than anyone gives a partner, so that each request is stored.
        owner.execute("ALTER TABLE countries_source DROP CONSTRAINT source_quota_bounded")
        key = add_partner(owner, PORTAL, quota=10_000_000)
    environment = {name: stack.environment_of("sources")[name] for name in ("SURFACE", "KEYRING", "ALLOWED_HOSTS")}
    found: list[dict[str, Any]] = call_inside(
        *(stack, "cost_sources.measure_sources", key, full),
        role=roles.SOURCES,
        environment=environment,
        seconds=MOST_SECONDS,
    )
    with stack.connect() as owner:
        # Nothing waits for intake: staff's forms begin with a report that it takes in.
        owner.execute("DELETE FROM reports_arrival")
    return found


def _measure_signed_in(stack: Stack, function: str, *, full: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call_inside(
        stack, f"cost_staff.{function}", PORTAL, ELSEWHERE, full, role="postgres", seconds=MOST_SECONDS
    )
    return found


def _surface_figures(surface: str, kinds: list[dict[str, Any]], *, least: int) -> Iterator[Figure]:
    yield at_least(f"{surface}: kinds of request", len(kinds), least)
    yield plain_figure(f"{surface}: requests", sum(kind["requests"] for kind in kinds))
    slowest = max(kinds, key=lambda kind: kind["most_seconds"])
    yield plain_figure(f"{surface}: most processor time of a request", slowest["most_seconds"] * 1000, "ms")
    yield plain_figure(
        f"{surface}: which, and its ordinary one",
        f"{slowest['kind']}, {slowest['slowest']}; {slowest['seconds'] * 1000:.1f} ms",
    )
    largest = max(kinds, key=lambda kind: kind["most_bytes"])
    yield plain_figure(f"{surface}: most memory of a request", largest["most_bytes"] // 1024, "kB")
    over = [f"{kind['kind']}: {entry}" for kind in kinds for entry in kind["over"]]
    yield equal_to(
        f"{surface}: requests above {MOST_TIMES} times the ordinary one and the floor",
        "; ".join([str(len(over)), *over[:6]]),
        "0",
    )
    failed = [f"{kind['kind']}: {entry}" for kind in kinds for entry in kind["failed"]]
    yield equal_to(f"{surface}: answers of 500 and above", "; ".join([str(len(failed)), *failed[:6]]), "0")


# --- Sign-in ------------------------------------------------------------------------------------------


@dataclass
class CrowdAnswers:
    """Status and seconds of each attempt, by lane."""

    strangers: list[tuple[int, float]] = field(default_factory=list)
    known: list[tuple[int, float]] = field(default_factory=list)
    passkey: list[tuple[int, float]] = field(default_factory=list)


def _sign_in_figures(stack: Stack) -> Iterator[Figure]:
    """STRANGERS with invented names at once, again and again, while a colleague signs in whose browser is known."""
    stack.start_surface("staff")
    colleague = _direct(stack)
    password = stack.accounts()["analyst"]
    colleague.sign_in("analyst", password)
    # The pages are loaded in every worker.
    for _ in range(20):
        _direct(stack).get("/accounts/login/")
    family = process_family(stack.processes["staff"].pid)
    at_rest = _memory_mebibytes(family)
    answers = CrowdAnswers()
    with _sampling(lambda: _memory_mebibytes(family)) as samples:
        _send_crowd(stack, colleague, password, answers)
    alive = [pid for pid in family if Path(f"/proc/{pid}").exists()]
    statuses = [status for status, _ in answers.strangers]
    unit = re.search(r"(?m)^MemoryMax=(\d+)G$", (ROOT / "deploy/systemd/portals-.service.d/sandbox.conf").read_text())
    most = int(unit[1]) * 1024 if unit else 0
    yield plain_figure("sign-in: strangers at once, twice", STRANGERS)
    yield plain_figure("sign-in: their passwords that were checked", statuses.count(200))
    yield plain_figure("sign-in: asked to try again (503)", statuses.count(503))
    others = Counter(status for status in statuses if status not in (200, 503))
    yield equal_to("sign-in: other answers", str(dict(others)), "{}")
    yield plain_figure("sign-in: memory of all processes before", at_rest, "MiB")
    yield at_most("sign-in: the most during it, by samples; the unit's limit", max(samples), most, "MiB")
    yield equal_to("sign-in: processes that ended", len(family) - len(alive), 0)
    yield equal_to(
        "sign-in: attempts of a colleague in a known browser that failed",
        sum(status != 302 for status, _ in answers.known),
        0,
    )
    yield at_most("sign-in: the longest of them", round(max(each for _, each in answers.known), 2), MOST_WAIT, "s")
    yield at_most(
        "sign-in: the longest start of a passkey sign-in",
        round(max(each for _, each in answers.passkey), 2),
        MOST_WAIT,
        "s",
    )
    stack.stop_process("staff")


def _send_crowd(stack: Stack, colleague: Direct, password: str, answers: CrowdAnswers) -> None:
    start = threading.Barrier(STRANGERS + 1)

    def intrude(number: int) -> None:
        stranger = _direct(stack)
        stranger.get("/accounts/login/")
        start.wait(120)
        for _ in range(2):
            answers.strangers.append(_timed(lambda: _attempt(stranger, f"invented-{number}", PASSWORD)))
        stranger.close()

    with ThreadPoolExecutor(STRANGERS) as pool:
        crowd = [pool.submit(intrude, number) for number in range(STRANGERS)]
        start.wait(120)
        while not all(each.done() for each in crowd) or not answers.known:
            # In a session of its own each time, in the browser that is known.
            colleague.cookies.pop("__Host-session", None)
            answers.known.append(_timed(lambda: _attempt(colleague, "analyst", password)))
            answers.passkey.append(_timed(lambda: _direct(stack).get("/accounts/mfa/webauthn/login/").status))
        for each in crowd:
            each.result()


def _attempt(visitor: Direct, username: str, password: str) -> int:
    # A new connection each time, as from the web server: gunicorn closes one that is idle for two seconds.
    visitor.close()
    try:
        return visitor.post_form("/accounts/login/", {"login": username, "password": password}).status
    except (OSError, HTTPException):
        return 0


def _timed(ask: Callable[[], int]) -> tuple[int, float]:
    began = time.monotonic()
    status = ask()
    return status, time.monotonic() - began


def _direct(stack: Stack, surface: str = "staff") -> Direct:
    """A client at gunicorn's socket, so that the web server holds nothing back."""
    headers = {"X-Forwarded-Proto": "https"}
    return Direct(host=HOSTS[surface], port=0, headers=headers, path=stack.folder / "run" / f"{surface}.sock")


def _memory_mebibytes(pids: list[int]) -> int:
    """Their cost together; pages that several share count once."""
    total = 0
    for pid in pids:
        try:
            total += memory_kilobytes(pid)
        except OSError:
            continue
    return total // 1024


class _sampling:
    """Samples a value in a thread; `with _sampling(ask) as samples`."""

    def __init__(self, ask: Callable[[], int]) -> None:
        self.ask = ask
        self.samples: list[int] = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> list[int]:
        self.thread.start()
        return self.samples

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def _run(self) -> None:
        while True:
            self.samples.append(self.ask())
            if self.ended.wait(SAMPLE_SECONDS):
                return


# --- Connections --------------------------------------------------------------------------------------


def _connection_figures(stack: Stack) -> Iterator[Figure]:
    """The public role may open no connection: a report waits for one, and is refused with its text if none comes."""
    stack.start_surface("public")
    visitor = _direct(stack, "public")
    path = f"/{PORTAL}/{LANGUAGE}/report/"
    text = "https://example.org/waits"
    with stack.connect() as owner:

        def allow(number: int) -> None:
            owner.execute(f"ALTER ROLE {roles.PUBLIC} CONNECTION LIMIT {number}")
            owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [roles.PUBLIC])

        token = visitor.get(path).field("token")
        allow(0)
        # Environment of the proofs: a wait of one second.
        opener = threading.Timer(0.5, allow, [-1])
        opener.start()
        began = time.monotonic()
        page = visitor.post(path, {"token": token, "addresses": text})
        waited = time.monotonic() - began
        opener.join()
        yield equal_to("connections: report that found none at first", page.status, 200)
        yield at_most("connections: its wait", round(waited, 2), MOST_WAIT, "s")
        allow(0)
        began = time.monotonic()
        page = visitor.post(path, {"token": visitor.get(path).field("token"), "addresses": text})
        yield equal_to("connections: report that found none at all", page.status, 503)
        yield equal_to("connections: its text is kept", text in page.text, True)
        yield at_most("connections: its wait for the refusal", round(time.monotonic() - began, 2), MOST_WAIT, "s")
        allow(-1)
    stack.stop_process("public")
