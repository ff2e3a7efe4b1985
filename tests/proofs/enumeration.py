"""Whether the time of an answer reveals to a stranger which accounts and receipts exist.

Known and unknown are asked for in random order, straight at gunicorn's sockets, where nothing in between blurs a
difference. The figure is the area under the curve of a test by time alone (Mann-Whitney U): 0.5 is a coin, 1 certainty.
"""

import random
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from reports import receipts
from tests.proofs.result import Figure, equal_to, plain_figure
from tests.proofs.stack import HOSTS, Stack
from tests.proofs.visitor import HttpVisitor, Page

SHOWS = "neither answers nor their times tell which accounts exist, nor do times tell which receipts do"
PROMISES = (3,)

# Measured attempts on one name; after them the name waits, known or not (analysts.accounts.delays.FREE).
LOOKED_AT = 3
WARM_UP = 20
PASSWORD = "wrong horse battery"

# Names of equal length, so that pages have no other difference.
KNOWN, UNKNOWN = "known%05d", "other%05d"
# Accounts with the password hash of an existing one.
ADD_ACCOUNTS = """
    INSERT INTO analysts_user (username, password, name, email, role, language, is_active, unconfirmed, session_round)
    SELECT 'known' || lpad(number::text, 5, '0'), password, '', '', role, '', true, false, 0
    FROM analysts_user, generate_series(1, %s) AS number WHERE username = 'welfare'
"""


@dataclass
class Direct(HttpVisitor):
    """A client at gunicorn's socket, in place of the web server."""

    path: Path = Path()

    def socket(self) -> socket.socket:
        opened = socket.socket(socket.AF_UNIX)
        opened.connect(str(self.path))
        return opened


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    samples = 800 if full else 120
    # More than three standard errors of a random figure.
    margin = 0.05 if full else 0.15
    stack = Stack(folder, workers=1, demo_reports=1)
    with stack.running(web=False, worker=False):
        yield from account_figures(stack, samples, margin)
        yield from code_figures(stack, samples, margin)


def account_figures(stack: Stack, samples: int, margin: float) -> Iterator[Figure]:
    number = -(-samples // LOOKED_AT)
    with stack.connect() as connection:
        connection.execute(ADD_ACCOUNTS, [number])
    visitor = at_socket(stack, "staff")
    token = visitor.get("/accounts/login/").field("csrfmiddlewaretoken")

    def attempt(name: str) -> Page:
        fields = {"csrfmiddlewaretoken": token, "login": name, "password": PASSWORD}
        return visitor.post("/accounts/login/", fields, {"Origin": f"https://{HOSTS['staff']}"})

    for each in range(WARM_UP):
        attempt(f"nobody{each}")
    known, unknown = ([form % each for each in range(1, number + 1)] for form in (KNOWN, UNKNOWN))
    yield from comparison_figures("wrong password", attempt, known * LOOKED_AT, unknown * LOOKED_AT, margin, status=200)
    with stack.connect() as connection:
        connection.execute("UPDATE analysts_delay SET until = now() + interval '14 minutes'")
    yield from comparison_figures(
        "name that has to wait", attempt, known * LOOKED_AT, unknown * LOOKED_AT, margin, status=429
    )


def code_figures(stack: Stack, samples: int, margin: float) -> Iterator[Figure]:
    visitor = at_socket(stack, "public")
    known = [visitor.report(f"https://example.org/placeholder/{each}").receipt for each in range(20)]

    def look_up(code: str) -> Page:
        return visitor.post("/bz/en/status/", {"code": code})

    unknown = [receipts.code_from_nonce(secrets.token_bytes(receipts.NONCE_BYTES)) for _ in range(samples)]
    for code in islice(cycle(known + unknown[:5]), WARM_UP):
        look_up(code)
    times = time_answers(look_up, list(islice(cycle(known), samples)), unknown)
    yield plain_figure("receipts looked up, known and unknown", len(times.known) + len(times.unknown))
    yield time_figure("receipt: known against unknown, by time", times, margin)


def at_socket(stack: Stack, surface: str) -> Direct:
    path = stack.folder / "run" / f"{surface}.sock"
    return Direct(HOSTS[surface], 0, headers={"X-Forwarded-Proto": "https"}, path=path)


# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each answer, and the answers without the parts that differ from request to request."""

    known: list[float]
    unknown: list[float]
    known_answers: set[tuple[int, str]]
    unknown_answers: set[tuple[int, str]]


def time_answers(ask: Callable[[str], Page], known: Sequence[str], unknown: Sequence[str]) -> Times:
    """Request all of them in random order."""
    asked = [(name, True) for name in known] + [(name, False) for name in unknown]
    random.shuffle(asked)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    answers: dict[bool, set[tuple[int, str]]] = {True: set(), False: set()}
    for name, is_known in asked:
        began = time.perf_counter()
        page = ask(name)
        seconds[is_known].append(time.perf_counter() - began)
        answers[is_known].add((page.status, plain_page(page, name)))
    return Times(seconds[True], seconds[False], answers[True], answers[False])


def plain_page(page: Page, name: str) -> str:
    """The page without its token, the typed text, and the waiting time."""
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", page.text)
    return re.sub(r"in \d+ (second|minute)s?", "", text.replace(name, ""))


def comparison_figures(
    what: str, ask: Callable[[str], Page], known: Sequence[str], unknown: Sequence[str], margin: float, *, status: int
) -> Iterator[Figure]:
    times = time_answers(ask, known, unknown)
    yield plain_figure(f"{what}: answers, known and unknown names", len(times.known) + len(times.unknown))
    answers = times.known_answers | times.unknown_answers
    yield equal_to(
        f"{what}: status", " ".join(str(each) for each in sorted({code for code, _ in answers})), str(status)
    )
    yield equal_to(f"{what}: different answers", len(answers), 1)
    yield time_figure(f"{what}: known against unknown, by time", times, margin)


def time_figure(name: str, times: Times, margin: float) -> Figure:
    value = probability_greater(times.known, times.unknown)
    return Figure(
        name, round(value, 3), f"must be {0.5 - margin:.2f} to {0.5 + margin:.2f}", abs(value - 0.5) <= margin
    )


def probability_greater(one: Sequence[float], other: Sequence[float]) -> float:
    """How likely a value of `one` is the greater, ties counted as half: Mann-Whitney U by ranks."""
    ranked = sorted([*((value, True) for value in one), *((value, False) for value in other)])
    rank_sum, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        # Ranks count from 1; equal values share their mean rank.
        rank_sum += (at + 1 + end) / 2 * sum(mine for _, mine in ranked[at:end])
        at = end
    return (rank_sum - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))
