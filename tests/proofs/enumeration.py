"""Whether the time of an answer reveals to a stranger which accounts and receipts exist, or to a partner's system which
addresses are known; and whether the states that are published later do.

Known and unknown are asked for in random order, straight at gunicorn's sockets, where nothing in between blurs a
difference. The figure is the area under the curve of a test by time alone (Mann-Whitney U): 0.5 is a coin, 1 certainty.

It is judged by its own standard error, not by a fixed bound, which would call a small real difference equal. A figure
further than SURPRISING standard errors from 0.5 is looked at again with LOOK_AGAIN times as many new answers, and all
looks are judged together by TOO_FAR: a second look alone would forget what the first one saw. Without any difference
one look in 22 is surprising, and one comparison in 900 fails.

For receipts a difference is known: the rows of an existing one are read. It must not exceed RECEIPT_LEFT, which
SECURITY.md states.
"""

import math
import random
import re
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from reports import receipts
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.partners import add_partner, ask_state, send_report
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import HOSTS, Stack
from tests.proofs.visitor import HttpVisitor, Page

SHOWS = "neither answers nor times tell which accounts exist or addresses are known, nor times which receipts exist"
PROMISES = (3,)
COVERS = INSTALLATION

# Measured attempts on one name; after them the name waits, known or not (analysts.accounts.sign_in.delays.FREE).
LOOKED_AT = 3
WARM_UP = 20
SURPRISING, TOO_FAR, LOOK_AGAIN = 2.0, 3.0, 2
# About 0.03 of the 4 milliseconds of an answer: an existing receipt takes longer in at most 53 of 100 comparisons.
RECEIPT_LEFT = 0.03
PASSWORD = "wrong horse battery"

# Addresses that are known, reports asked about on each day, and days from now on which states are published.
KNOWN_ADDRESSES, ASKED = 20, 20
LATER_DAYS = (1, 2, 3, 10)
INTAKE_SECONDS = 1800

# Names of equal length, so that pages have no other difference.
KNOWN, UNKNOWN = "known%05d", "other%05d"
# Accounts with the password hash of an existing one.
ADD_ACCOUNTS = """
    INSERT INTO analysts_user (
        username, password, name, email, role, language, is_active, unconfirmed, session_round, all_portals,
        unchanged_since
    )
    SELECT 'known' || lpad(number::text, 5, '0'), password, '', '', role, '', true, false, 0, false, unchanged_since
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
    stack = Stack(folder, workers=1, demo_reports=1)
    with stack.running(tuple(HOSTS), web=False, worker=False):
        yield from account_figures(stack, samples)
        yield from code_figures(stack, samples)
        yield from address_figures(stack, samples)


def account_figures(stack: Stack, samples: int) -> Iterator[Figure]:
    number = -(-samples // LOOKED_AT)
    # Names that were tried wait, so a second look needs others.
    names = [[form % each for each in range(1, (1 + LOOK_AGAIN) * number + 1)] for form in (KNOWN, UNKNOWN)]
    with stack.connect() as connection:
        connection.execute(ADD_ACCOUNTS, [len(names[0])])
    visitor = at_socket(stack, "staff")
    token = visitor.get("/accounts/login/").field("csrfmiddlewaretoken")

    def attempt(name: str) -> Page:
        fields = {"csrfmiddlewaretoken": token, "login": name, "password": PASSWORD}
        return visitor.post("/accounts/login/", fields, {"Origin": f"https://{HOSTS['staff']}"})

    for each in range(WARM_UP):
        attempt(f"nobody{each}")

    def look(times: int) -> Times:
        start = 0 if times == 1 else number
        known, unknown = (each[start : start + times * number] * LOOKED_AT for each in names)
        return time_answers(attempt, known, unknown)

    yield from comparison_figures("wrong password", look, status=200)
    with stack.connect() as connection:
        connection.execute("UPDATE analysts_delay SET until = now() + interval '14 minutes'")

    def look_at_waiting(times: int) -> Times:
        known, unknown = (each[:number] * (LOOKED_AT * times) for each in names)
        return time_answers(attempt, known, unknown)

    yield from comparison_figures("name that has to wait", look_at_waiting, status=429)


def code_figures(stack: Stack, samples: int) -> Iterator[Figure]:
    visitor = at_socket(stack, "public")
    known = [visitor.report(f"https://example.org/placeholder/{each}").receipt for each in range(20)]

    def look_up(code: str) -> Page:
        return visitor.post("/bz/en/status/", {"code": code})

    def look(times: int) -> Times:
        number = samples * times
        unknown = [receipts.code_from_nonce(secrets.token_bytes(receipts.NONCE_BYTES)) for _ in range(number)]
        for code in islice(cycle(known + unknown[:5]), WARM_UP):
            look_up(code)
        return time_answers(look_up, list(islice(cycle(known), number)), unknown)

    first = look(1)
    yield plain_figure("receipts looked up, known and unknown", len(first.known) + len(first.unknown))
    yield from time_figures("receipt: known against unknown, by time", first, look, left=RECEIPT_LEFT)


def address_figures(stack: Stack, samples: int) -> Iterator[Figure]:
    """Whether a partner can tell an address that was reported and decided from another one."""
    known_addresses = [f"https://known{_letters(each)}.example.org/placeholder" for each in range(KNOWN_ADDRESSES)]
    public, visitor = at_socket(stack, "public"), at_socket(stack, "sources")
    for address in known_addresses:
        public.report(address)
    call_inside(stack, "intake.take_in", seconds=INTAKE_SECONDS)
    decided = call_inside(stack, "verdicts.decide", "senior", KNOWN_ADDRESSES * 3, seconds=INTAKE_SECONDS)
    yield at_least("partner: addresses decided before", decided, KNOWN_ADDRESSES)
    with stack.connect() as owner:
        key = add_partner(owner, "bz")
    references: dict[bool, list[str]] = {True: [], False: []}

    def send(address: str) -> Page:
        reference = f"reference-{secrets.token_hex(8)}"
        references[address in known_addresses].append(reference)
        return send_report(visitor, key, {"external_reference": reference, "addresses": [address]})

    def look(times: int) -> Times:
        number = samples * times
        places = random.sample(range(26**3), number)
        unknown = [f"https://other{_letters(each)}.example.org/placeholder" for each in places]
        for address in islice(cycle((known_addresses[0], unknown[0])), WARM_UP):
            send(address)
        return time_answers(send, list(islice(cycle(known_addresses), number)), unknown)

    yield from comparison_figures("partner's report", look, status=200)
    call_inside(stack, "intake.take_in", seconds=INTAKE_SECONDS)
    yield from state_figures(stack, visitor, key, references)


def _letters(number: int) -> str:
    """Three letters for a number: addresses that differ in digits alone are folded as a flood."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))


def state_figures(stack: Stack, visitor: Direct, key: str, references: dict[bool, list[str]]) -> Iterator[Figure]:
    """What a partner learns on the days that follow, about reports of known addresses and of others."""
    known, unknown = references[True], references[False]

    def ask(reference: str) -> Page:
        # gunicorn closes a connection that is idle while states are published.
        visitor.close()
        return ask_state(visitor, key, reference)

    states = Counter[str]()
    for day in LATER_DAYS:
        call_inside(stack, "intake.publish_on", day, seconds=INTAKE_SECONDS)
        states.update(ask(reference).text for reference in (*known[-ASKED:], *unknown[-ASKED:]))
    yield equal_to(
        f"partner: different answers about {2 * ASKED} reports in the batches of {len(LATER_DAYS)} days", len(states), 1
    )
    yield from comparison_figures(
        "partner's question", lambda times: time_answers(ask, known * times, unknown * times), status=200
    )
    # Those of known addresses are first in the queue, and are not said to be closed by a verdict of the same hour.
    decided = call_inside(stack, "verdicts.decide", "senior", KNOWN_ADDRESSES + ASKED, seconds=INTAKE_SECONDS)
    call_inside(stack, "intake.publish_on", LATER_DAYS[-1] + 1, seconds=INTAKE_SECONDS)
    answers = [ask(reference) for reference in unknown]
    yield at_least(
        f"partner, control: reports that are closed after {decided} decisions",
        sum("closed" in each.text for each in answers),
        1,
    )
    yield equal_to("partner: different sizes of answers about a state", len({len(each.body) for each in answers}), 1)


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


def comparison_figures(what: str, look: Callable[[int], Times], *, status: int) -> Iterator[Figure]:
    times = look(1)
    yield plain_figure(f"{what}: answers, known and unknown names", len(times.known) + len(times.unknown))
    answers = times.known_answers | times.unknown_answers
    yield equal_to(
        f"{what}: status", " ".join(str(each) for each in sorted({code for code, _ in answers})), str(status)
    )
    yield equal_to(f"{what}: different answers", len(answers), 1)
    yield from time_figures(f"{what}: known against unknown, by time", times, look)


def time_figures(name: str, first: Times, look: Callable[[int], Times], *, left: float = 0) -> Iterator[Figure]:
    """The figure of a first look, and where it is surprising, that of all looks together, which then decides.

    `look`: takes so many times as many new answers. `left`: the difference that is known and stated.
    """
    around = f"0.5 ± {left}" if left else "0.5"
    if is_within([first], SURPRISING, left):
        yield Figure(name, describe_times([first]), f"must be within {SURPRISING} standard errors of {around}", True)
        return
    yield Figure(name, describe_times([first]), f"over {SURPRISING} standard errors from {around}: looked at again")
    looks = [first, look(LOOK_AGAIN)]
    goal = f"must be within {TOO_FAR} standard errors of {around}"
    yield Figure(f"{name}, both looks", describe_times(looks), goal, is_within(looks, TOO_FAR, left))


def describe_times(looks: Sequence[Times]) -> str:
    value, error = pool_looks(looks)
    differences = ", ".join(f"{(median(each.known) - median(each.unknown)) * 1000:+.2f} ms" for each in looks)
    return f"{value:.3f}, standard error {error:.3f}; medians differ by {differences}"


def is_within(looks: Sequence[Times], standard_errors: float, left: float = 0) -> bool:
    value, error = pool_looks(looks)
    return abs(value - 0.5) <= left + standard_errors * error


def pool_looks(looks: Sequence[Times]) -> tuple[float, float]:
    """The figure and its standard error of several looks, each with the weight of its answers.

    Answers are compared within a look only: between looks, the machine may have become faster.
    """
    numbers = [len(each.known) + len(each.unknown) for each in looks]
    weights = [number / sum(numbers) for number in numbers]
    value = sum(
        weight * probability_greater(each.known, each.unknown) for weight, each in zip(weights, looks, strict=True)
    )
    return value, math.hypot(*(weight * standard_error(each) for weight, each in zip(weights, looks, strict=True)))


def standard_error(times: Times) -> float:
    """Of `probability_greater` where there is no difference."""
    known, unknown = len(times.known), len(times.unknown)
    return math.sqrt((known + unknown + 1) / (12 * known * unknown))


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
