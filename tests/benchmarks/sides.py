"""The two sides of the comparison: the shipped stack, and bare Django on the same PostgreSQL server."""

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice, repeat
from pathlib import Path

import django.conf
from psycopg import connect
from psycopg.conninfo import make_conninfo

from reports import receipts, tokens
from tests.benchmarks import crowd
from tests.proofs.stack import HOSTS, ROOT, Stack

HOST = HOSTS["public"]
# The head that the web server forwards for a browser on a page of the same host, with a connection for each request.
PROXIED = {"Host": HOST, "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin", "Connection": "close"}
PORTAL = "bz"
LANDING, FORM, STATUS = f"/{PORTAL}/en/", f"/{PORTAL}/en/report/", f"/{PORTAL}/en/status/"
# An address of usual length, a different one for each report.
ADDRESS = "https://images.example.org/gallery/2026/11/placeholder-{number}.html?page=2"
# The rate limit is not what is measured here.
NO_BRAKE = {f"{of}{what}": str(10**9) for of in ("PORTAL_", "") for what in ("REPORTS_A_MINUTE", "REPORTS_AT_ONCE")}

# A function from a number to at least that many requests for one page.
type Requests = Callable[[int], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Side:
    """`pid` is that of its gunicorn; `stored` counts its reports in the database."""

    name: str
    pid: int
    connect: crowd.Connect
    pages: dict[str, Requests]
    stored: Callable[[], int]


@contextmanager
def running_sides(folder: Path, *, workers: int) -> Iterator[tuple[Stack, Side, Side]]:
    """Both sides running. Without the worker: what staff do about a report is no part of taking it."""
    stack = Stack(folder, workers=workers, environment=NO_BRAKE)
    with stack.running(("public",), worker=False):
        # So that this process can make tokens like the public surface's.
        django.conf.settings.configure(SECRET_KEY=stack.environment_of("public")["SECRET_KEY"], SECRET_KEY_FALLBACKS=[])
        try:
            yield stack, _our_side(stack), _bare_side(stack)
        finally:
            stack.stop_process("bare")


def _our_side(stack: Stack) -> Side:
    # Chromium sends this origin from a page with `Referrer-Policy: no-referrer`.
    sent = PROXIED | {"Origin": "null"}
    codes: list[str] = []

    def reports(number: int) -> list[bytes]:
        fresh = [tokens.new_token(PORTAL) for _ in range(number)]
        codes[:] = [receipts.code_from_nonce(bytes.fromhex(token.split(":")[1])) for token in fresh[:16]]
        return [
            crowd.build_request("POST", FORM, sent, {"token": token, "addresses": ADDRESS.format(number=each)})
            for each, token in enumerate(fresh)
        ]

    def look_ups(number: int) -> Iterator[bytes]:
        return islice(cycle([crowd.build_request("POST", STATUS, sent, {"code": code}) for code in codes]), number)

    return Side(
        name="ours",
        pid=stack.processes["public"].pid,
        connect=crowd.connector_to(str(stack.folder / "run" / "public.sock")),
        pages={
            "landing": _repeat_request(crowd.build_request("GET", LANDING, PROXIED)),
            "form": _repeat_request(crowd.build_request("GET", FORM, PROXIED)),
            "report": reports,
            "status": look_ups,
        },
        stored=lambda: _count_rows(stack, stack.database["dbname"], "reports_submission"),
    )


def _bare_side(stack: Stack) -> Side:
    database, listens = "bare", stack.folder / "run" / "bare.sock"
    with stack.connect() as owner:
        owner.execute(f"CREATE DATABASE {database}")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(stack.folder / "home"),
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.bare.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": HOST,
        "DATABASE_HOST": stack.database["host"],
        "DATABASE_PORT": stack.database["port"],
        "DATABASE_NAME": database,
        "WEB_CONCURRENCY": str(stack.workers),
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    stack.start_process("bare-migrate", migrate, environment)
    if stack.processes.pop("bare-migrate").wait() != 0:
        raise RuntimeError((stack.folder / "logs" / "bare-migrate.log").read_text())
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.py")]
    stack.start_process("bare", [*gunicorn, "--bind", f"unix:{listens}", "tests.benchmarks.bare.wsgi"], environment)
    connect = crowd.connector_to(str(listens))
    stack.wait_for("bare", lambda: listens.exists())

    form = crowd.build_request("GET", "/report/", PROXIED)
    page = crowd.send_requests(connect, repeat(form), connections=1, seconds=0).last.decode()
    cookie = re.search(r"(?i)set-cookie: (csrftoken=[^;]+)", page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if not cookie or not token:
        raise RuntimeError("The bare form has no token.")
    sent = PROXIED | {"Origin": f"https://{HOST}", "Cookie": cookie[1]}

    def reports(path: str) -> Requests:
        fields = {"csrfmiddlewaretoken": token[1]}
        return lambda number: [
            crowd.build_request("POST", path, sent, {**fields, "addresses": ADDRESS.format(number=each)})
            for each in range(number)
        ]

    return Side(
        name="bare",
        pid=stack.processes["bare"].pid,
        connect=connect,
        pages={
            "landing": _repeat_request(crowd.build_request("GET", "/", PROXIED)),
            "form": _repeat_request(form),
            "report": reports("/report/"),
            "report, redirect only": reports("/report/redirected/"),
        },
        stored=lambda: _count_rows(stack, database, "bare_barereport"),
    )


def _repeat_request(request: bytes) -> Requests:
    return lambda number: repeat(request, number)


def _count_rows(stack: Stack, database: str, table: str) -> int:
    with connect(make_conninfo(user="postgres", **{**stack.database, "dbname": database}), autocommit=True) as owner:
        row = owner.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0
