"""A flood on one portal, and people who report in the midst of it: all of them are taken, and they are found first.

Two kinds of machine send the junk: half of it is posted and not looked at again; the other half comes from a program
written for these pages, which waits as long as the page asks and answers the questions. People read the form, type,
wait and answer, and report addresses that no other person reports: half of them another page of a site that the junk
names too, as if the junk were sent to bury exactly that report. Everything is in English, so that what people
understand is few lines.

Junk whose words change at random is not folded without a person. An analyst folds it by hand, in one act, before the
order of claims is read.
"""

import http.client
import random
import re
import string
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure
from tests.proofs.stack import Stack
from tests.proofs.visitor import HttpVisitor, Page

SHOWS = "In a flood every person's report is taken, none is shut out, and they are found before the flood"
PROMISES = (7,)
COVERS = INSTALLATION

FORM = "/zm/en/report/"
MACHINES = 12
# Seconds a person takes for a page: above the limit of the pages for people, below what people really take.
HUMAN = (3.0, 8.0)
# Seconds over which people arrive, once the flood is under way.
PEOPLE_COME = 120.0
PATIENCE_SECONDS = 900
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Sites of the junk below.
SITES = ("flood.example", "deluge.example", "site1.example")
PLACES = ("first", "second", "third", "last")

# Intakes that run at once, as two workers would; they never wait for each other's receipts.
INTAKES = 2
# Seconds, on a machine that has other work.
LONGEST_INTAKE = 900
# The site of the junk whose words change at random.
FOLD = """
from analysts.assessment import actions
from analysts.assessment.actions.folding import foldable_incidents
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import Incident, User
from countries.models import Portal
analyst = User.objects.create(username="folds", role="analyst")
analyst.portals.add(Portal.objects.get(slug="zm"))
found = Incident.objects.filter(site_fingerprint=compute_fingerprint("site", "torrent.example")).first()
number = foldable_incidents(analyst, found).count() if found else 0
if number:
    actions.fold_flood(by=analyst, incident=found, reason="invented", number=number)
print("FOLDED", number)
"""
TAKE_IN = """
import time
from analysts.assessment.intake import run as intake
taken = 0
while now := intake.take_in():
    taken += now
print("TAKEN", taken, time.process_time())
"""


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    junk, people = (10_000, 100) if full else (300, 5)
    # The shipped settings; in the short form smaller ones, so that 300 are a flood too.
    permits = (
        {"PORTAL_REPORTS_AT_ONCE": "300", "REPORTS_AT_ONCE": "3000"}
        if full
        else {"PORTAL_REPORTS_AT_ONCE": "20", "WAIT_SECONDS": "2"}
    )
    with Stack(folder, environment=permits).running(["public"], worker=False) as stack:
        began = time.monotonic()
        flood = Flood(stack, people)
        flood.send(junk)
        yield plain_figure("junk sent", junk, f"in {time.monotonic() - began:.0f} s")
        yield plain_figure("junk stored", len(flood.junk))
        yield equal_to("people's reports taken", len(flood.reports), people)
        yield plain_figure("people asked a question", flood.asked)
        yield plain_figure("from the button to the receipt, the longest", max(flood.seconds), "s")
        yield plain_figure("from the button to the receipt, the middle one", median(flood.seconds), "s")
        yield at_least("machines and people asked to wait", flood.waited, 1)
        taken, seconds, processor = _take_in(stack)
        yield equal_to("reports taken in", taken, len(flood.junk) + people)
        yield plain_figure(f"intake, {INTAKES} at once", taken / seconds, "reports a second")
        yield plain_figure("intake, its own processor time", 1000 * processor / taken, "ms a report")
        buried = _count_folded_reports(stack, flood.reports)
        yield equal_to("people's reports that are folded, half of them of flooded sites", buried, 0)
        folded = int(re.findall(r"FOLDED (\d+)", _run(stack, FOLD))[0])
        yield plain_figure("junk of random words, folded by an analyst in one act", folded)
        places, kept = _claim_order(stack, flood)
        yield equal_to("people's reports in the queue", len(places), people)
        yield plain_figure("junk that is not folded, the first few of each kind", kept)
        yield at_most("place of the last person's report in the order of claims", max(places), people + kept)
        yield equal_to("junk folded", _count_folded(stack), len(flood.junk) - kept)


@dataclass
class Flood:
    """`send` returns when everyone has a receipt or the programs that give up gave up. Filled from many threads."""

    stack: Stack
    people: int
    junk: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    # For people: from first pressing the button to the receipt.
    seconds: list[float] = field(default_factory=list)
    asked: int = 0
    waited: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _under_way: threading.Event = field(default_factory=threading.Event, repr=False)

    def send(self, junk: int) -> None:
        chance = random.Random(7)
        texts = [junk_text(number, chance) for number in range(junk)]
        chance.shuffle(texts)
        with ThreadPoolExecutor(MACHINES + self.people) as pool:
            sending = [pool.submit(self._machine, texts[index::MACHINES]) for index in range(MACHINES)]
            sending += [pool.submit(self._person, number) for number in range(self.people)]
            for each in sending:
                each.result()

    def _machine(self, texts: list[str]) -> None:
        visitor = self.stack.visitor()
        halted: list[tuple[float, str, Page]] = []
        for number, text in enumerate(texts):
            if number * 4 >= len(texts):
                self._under_way.set()
            page = _post_form(visitor, {"token": _get_form(visitor).field("token"), "addresses": text})
            if not self._stored(page, self.junk) and number % 2:
                halted.append((time.monotonic() + _wait_seconds(page), text, page))
            while halted and halted[0][0] < time.monotonic():
                self._press(visitor, halted)
        while halted:
            time.sleep(max(0.0, halted[0][0] - time.monotonic()))
            self._press(visitor, halted)
        visitor.close()

    def _press(self, visitor: HttpVisitor, halted: list[tuple[float, str, Page]]) -> None:
        """Send the longest-waiting form again; it is queued again if it is still not stored."""
        _, text, page = halted.pop(0)
        page = _post_form(visitor, _form_fields(page, text))
        if not self._stored(page, self.junk):
            halted.append((time.monotonic() + _wait_seconds(page), text, page))

    def _person(self, number: int) -> None:
        chance = random.Random(number)
        self._under_way.wait()
        time.sleep(chance.uniform(0, PEOPLE_COME) if self.people > 20 else 0)
        text = real_text(number)
        visitor = self.stack.visitor()
        form = _get_form(visitor)
        time.sleep(chance.uniform(*HUMAN))
        pressed = time.monotonic()
        page, asked = _post_form(visitor, {"token": form.field("token"), "addresses": text}), False
        while not self._stored(page, self.reports) and time.monotonic() < pressed + PATIENCE_SECONDS:
            asked = asked or bool(_question_of(page))
            time.sleep(chance.uniform(*HUMAN) if _question_of(page) else _wait_seconds(page))
            page = _post_form(visitor, _form_fields(page, text))
        visitor.close()
        with self._lock:
            self.seconds.append(time.monotonic() - pressed)
            self.asked += asked

    def _stored(self, page: Page, receipts: list[str]) -> bool:
        if page.status not in (200, 429):
            raise RuntimeError(f"{FORM} was answered with {page.status}.")
        with self._lock:
            self.waited += page.status == 429
            if page.receipt:
                receipts.append(page.receipt)
        return bool(page.receipt)


def junk_text(number: int, chance: random.Random) -> str:
    """Junk of one of five floods: numbered pages, made-up names, numbered sites, a numbered text, random words."""
    made_up = "".join(chance.choices(string.ascii_lowercase, k=8))
    match number % 5:
        case 0:
            return f"https://flood.example/album/{number}"
        case 1:
            return f"https://deluge.example/v/{made_up}{number}{made_up}"
        case 2:
            return f"https://site{number}.example/watch"
        case 3:
            return f"Someone showed it to me in group {number}, please look."
        case _:
            return f"https://torrent.example/{made_up}"


def real_text(number: int) -> str:
    """A report that only this person makes: every second of a site that the junk names, every tenth has no address."""
    name = "".join(string.ascii_lowercase[int(digit)] for digit in str(number))
    if number % 10 == 0:
        return f"Someone called {name} in a game wrote to me."
    site = SITES[number % len(SITES)] if number % 2 else f"{name}-real.example"
    return f"https://{site}/{name}/page"


def answer_to(question: str) -> str:
    """The answer of a person who reads the question."""
    listed = question.partition(": ")[2].rstrip("?").split(", ")
    if " plus " in question:
        return str(sum(NUMBERS.index(word) + 1 for word in re.findall(r"\w+", question) if word in NUMBERS))
    if "number" in question:
        return str((max if "largest" in question else min)(map(int, listed)))
    return listed[next(place for place, name in enumerate(PLACES) if f"the {name} of" in question)]


def _question_of(page: Page) -> str:
    label = re.search(r'<label for="id_reply">([^<]*)<', page.text)
    return label[1] if label else ""


def _wait_seconds(page: Page) -> float:
    return float(page.headers["retry-after"])


def _form_fields(page: Page, text: str) -> dict[str, str]:
    """The fields of the page's form; checks that a waiting page kept the text."""
    if text not in page.text:
        raise RuntimeError("A waiting page lost what was typed.")
    fields = {"token": page.field("token"), "wait": page.field("wait"), "addresses": text}
    return fields | ({"reply": answer_to(_question_of(page))} if _question_of(page) else {})


def _get_form(visitor: HttpVisitor) -> Page:
    return _ask_with_retry(visitor, None)


def _post_form(visitor: HttpVisitor, fields: dict[str, str]) -> Page:
    return _ask_with_retry(visitor, fields)


def _ask_with_retry(visitor: HttpVisitor, fields: dict[str, str] | None) -> Page:
    """Retry once where a kept connection was closed in the meantime; the same form twice is one report."""
    for _ in range(4):
        try:
            return visitor.get(FORM) if fields is None else visitor.post(FORM, fields)
        except (OSError, http.client.HTTPException) as error:
            broken = error
    raise broken


def _take_in(stack: Stack) -> tuple[int, float, float]:
    """(receipts taken in, seconds, seconds of the processor) of the real intake, until nothing is left."""
    began = time.monotonic()
    with ThreadPoolExecutor(INTAKES) as pool:
        command = ("shell", "--verbosity", "0", "--command", TAKE_IN)
        running = [pool.submit(stack.manage, *command, seconds=LONGEST_INTAKE) for _ in range(INTAKES)]
        printed = [each.result() for each in running]
    figures = [text.partition("TAKEN ")[2].split() for text in printed]
    took = time.monotonic() - began
    return sum(int(taken) for taken, _ in figures), took, sum(float(seconds) for _, seconds in figures)


def _run(stack: Stack, command: str) -> str:
    return stack.manage("shell", "--verbosity", "0", "--command", command)


def _count_folded_reports(stack: Stack, receipts: list[str]) -> int:
    people = list(_report_ids(stack, receipts))
    with stack.connect() as database:
        row = database.execute(
            """
            SELECT count(*) FROM analysts_incident AS incident
            JOIN analysts_sighting AS sighting ON sighting.incident_id = incident.id
            WHERE incident.priority = 0 AND sighting.report_id = ANY(%s::uuid[])
            """,
            [people],
        ).fetchone()
    return int(row[0]) if row else 0


def _claim_order(stack: Stack, flood: Flood) -> tuple[list[int], int]:
    """(places of people's reports in the order of claims, from 1; how much junk has an own priority)"""
    with stack.connect() as database:
        rows = database.execute(
            """
            SELECT sighting.report_id::text, incident.priority
            FROM analysts_incident AS incident JOIN analysts_sighting AS sighting ON sighting.incident_id = incident.id
            WHERE incident.state = 'waiting'
            ORDER BY incident.priority DESC, incident.waiting_since, incident.id
            """
        ).fetchall()
    people = _report_ids(stack, flood.reports)
    places = [place for place, (report, _) in enumerate(rows, 1) if report in people]
    return places, sum(priority > 0 for report, priority in rows if report not in people)


def _report_ids(stack: Stack, receipts: list[str]) -> set[str]:
    """The report ids of receipts, which only the product's own code can derive."""
    command = f"""
from reports.receipts import derive_credentials, parse_code
for code in {receipts!r}:
    print("ID", derive_credentials(parse_code(code)).receipt_id)
"""
    return set(re.findall(r"ID ([0-9a-f-]{36})", _run(stack, command)))


def _count_folded(stack: Stack) -> int:
    with stack.connect() as database:
        row = database.execute("SELECT count(*) FROM analysts_incident WHERE priority = 0").fetchone()
    return int(row[0]) if row else 0
