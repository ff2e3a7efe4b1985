"""One run: reports at several paces, half of them of one site, beside intake, analysts, notices, figures, an export."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, sleep

from tests.benchmarks import crowd, processes, sides
from tests.benchmarks.bare_process import BareProcess
from tests.benchmarks.whole.installation import filled_stack
from tests.benchmarks.whole.watch import Watch, watching
from tests.proofs.result import Figure, at_most, equal_to, plain_figure
from tests.proofs.stack import Stack

# No report has to wait before it is stored, no second review is drawn, and no claim ends.
SETTINGS = {**sides.NO_BRAKE, "SECOND_REVIEW_PERCENT": "0", "CLAIM_MINUTES": "480"}
DESKS, PAUSE_SECONDS = 3, 0.2
FORM_PAGE = crowd.build_request("GET", sides.FORM, sides.PROXIED)
DETAILS = f"/{sides.PORTAL}/en/details/"
FLOOD = "https://flood.example/album/{number}"
# One report in so many has details that say that a child is in danger.
DANGER_ONE_IN = 50
# A pace below the shipped brake (REPORTS_A_MINUTE of two processes) leaves nothing waiting.
BRAKE = 40
MINUTE = 60.0
LONGEST_DRAIN = 15 * MINUTE
PROVIDERS = "To <abuse@example.org>"
TOKENS = """
from reports import receipts, tokens
for _ in range({number}):
    token = tokens.new_token("{portal}")
    code = receipts.code_from_nonce(bytes.fromhex(token.split(":")[1]))
    print("TOKEN", token, receipts.derive_credentials(code).receipt_id)
"""
DESK = "from tests.benchmarks.whole import desk; desk.work({number}, {seconds}, {pause})"
STORED = "SELECT count(*) FROM reports_submission WHERE kind = 'report' AND receipt_id = ANY(%s::uuid[])"
SIGHTED = "SELECT count(DISTINCT report_id), count(*) FROM analysts_sighting WHERE report_id = ANY(%s::uuid[])"
# Without those that the planning of reminders opens meanwhile, which gather until their time.
NOTICES = """
    SELECT count(*) FILTER (WHERE state <> 'sent' AND scheduled_at <= now()), count(*) FILTER (WHERE state = 'sent'),
        coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - made_at)), 0)::float8,
        coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - made_at)), 0)::float8
    FROM analysts_notice WHERE made_at >= %s
"""
EXPORT = "SELECT state, written, total FROM analysts_export ORDER BY at DESC LIMIT 1"


def measure_whole(folder: Path, *, incidents: int, paces: Sequence[int], seconds: float) -> Iterator[Figure]:
    """All figures of one run at this size: each pace for so many seconds, and then until nothing waits."""
    receipts: list[str] = []
    with filled_stack(folder, incidents, SETTINGS) as stack, BareProcess() as bare:
        yield plain_figure("calibration: bare Django's form in process", bare.measure(), "ms")
        for mail in (stack.folder / "mail").glob("*.eml"):
            mail.unlink()
        stack.start_surface("public")
        # A process answers its first request later than others.
        crowd.send_requests(_connect_to(stack), repeat(FORM_PAGE), connections=8, seconds=1)
        stack.start_intake()
        stack.start_worker()
        began = datetime.now(UTC)
        with watching(stack) as watch, ThreadPoolExecutor(DESKS) as pool:
            desks = [pool.submit(_work_at_desk, stack, number, len(paces) * seconds) for number in range(DESKS)]
            for pace in paces:
                sent = _prepare_reports(stack, round(pace * seconds))
                receipts += [receipt for _token, receipt in sent]
                yield from _send_reports(stack, watch, sent, pace)
            yield from _describe_desks(desks)
        busy = (
            1000
            * processes.processor_seconds(processes.process_family(stack.processes["intake"].pid))
            / max(1, len(receipts))
        )
        yield plain_figure("intake: its own processor time a report, its start included", round(busy, 1), "ms")
        yield from _look_for_losses(stack, receipts)
        yield from _describe_notices(stack, began)
        yield _describe_export(stack)
        with stack.connect() as database:
            row = database.execute("SELECT count(*) FROM analysts_dailyfigure").fetchone()
        yield plain_figure("figures by day counted", row[0] if row else 0)
        yield plain_figure("calibration: bare Django's form in process, afterwards", bare.measure(), "ms")


def _connect_to(stack: Stack) -> crowd.Connect:
    return crowd.connector_to(str(stack.folder / "run" / "public.sock"))


def _prepare_reports(stack: Stack, number: int) -> list[tuple[str, str]]:
    """The tokens of so many forms, and the receipts' ids."""
    command = TOKENS.format(number=number, portal=sides.PORTAL)
    environment = {"SECRET_KEY": stack.environment_of("public")["SECRET_KEY"]}
    printed = stack.manage("shell", "--verbosity", "0", "--command", command, environment=environment)
    return re.findall(r"TOKEN (\S+) (\S+)", printed)


def _send_reports(stack: Stack, watch: Watch, sent: Sequence[tuple[str, str]], pace: int) -> Iterator[Figure]:
    """Those of danger have been stored before: their details come in between the others."""
    connect = _connect_to(stack)
    dangers, others = sent[::DANGER_ONE_IN], [row for at, row in enumerate(sent) if at % DANGER_ONE_IN]
    crowd.send_when_due(connect, [(0.0, _build_report(token, receipt)) for token, receipt in dangers])
    watch.waiting.clear()
    watch.danger.clear()
    start = monotonic()
    due = [(number / pace, _build_report(*row)) for number, row in enumerate(others)]
    for number, (token, receipt) in enumerate(dangers):
        at = number * DANGER_ONE_IN / pace
        due.append((at, _build_post(DETAILS, {"token": token, "facts": "child_in_danger"})))
        watch.expected[receipt] = start + at
    due.sort(key=lambda row: row[0])
    answers = crowd.send_when_due(connect, due)
    name = f"at {pace} reports a second"
    yield equal_to(f"{name}: acknowledged of {len(due)}, details of danger included", answers.statuses[200], len(due))
    yield plain_figure(f"{name}: answered, p50", round(answers.milliseconds(50), 1), "ms")
    yield plain_figure(f"{name}: answered, p99", round(answers.milliseconds(99), 1), "ms")
    waiting = watch.waiting[:: max(1, len(watch.waiting) // 10)]
    yield plain_figure(f"{name}: waiting for intake, in ten steps", ", ".join(map(str, waiting)))
    idle = round(watch.wait_until_idle(LONGEST_DRAIN), 1)
    drained = f"{name}: after the last one, until nothing waits"
    yield at_most(drained, idle, MINUTE, "s") if pace < BRAKE else plain_figure(drained, idle, "s")
    yield plain_figure(
        f"{name}: taken in, from the first to the last", round(len(due) / (answers.seconds + idle), 1), "/s"
    )
    slowest = round(max(watch.danger, default=0.0), 1)
    yield at_most(f"{name}: danger in the queue, the slowest of {len(watch.danger)}", slowest, MINUTE, "s")


def _build_report(token: str, receipt: str) -> bytes:
    """Every second one, by its receipt, is of one site."""
    address = (FLOOD if int(receipt[-1], 16) % 2 else sides.ADDRESS).format(number=receipt)
    return _build_post(sides.FORM, {"token": token, "addresses": address})


def _build_post(path: str, fields: Mapping[str, str]) -> bytes:
    return crowd.build_request("POST", path, sides.PROXIED | {"Origin": "null"}, fields)


def _work_at_desk(stack: Stack, number: int, seconds: float) -> dict[str, list[float]]:
    command = DESK.format(number=number, seconds=seconds, pause=PAUSE_SECONDS)
    printed = stack.manage("shell", "--verbosity", "0", "--command", command, seconds=round(seconds + LONGEST_DRAIN))
    times: dict[str, list[float]] = json.loads(printed.partition("DESK ")[2])
    return times


def _describe_desks(desks: Sequence[Future[dict[str, list[float]]]]) -> Iterator[Figure]:
    times = [desk.result() for desk in desks]
    for action in times[0]:
        taken = [*chain.from_iterable(desk.get(action, []) for desk in times)]
        yield plain_figure(f"{action}: number", len(taken))
        if len(taken) > 1:
            yield plain_figure(f"{action}: p50", round(median(taken), 1), "ms")
            yield plain_figure(f"{action}: p99", round(quantiles(taken, n=100)[98], 1), "ms")


def _look_for_losses(stack: Stack, receipts: list[str]) -> Iterator[Figure]:
    with stack.connect() as database:
        stored = database.execute(STORED, [receipts]).fetchone() or (0,)
        sighted = database.execute(SIGHTED, [receipts]).fetchone() or (0, 0)
    number = len(receipts)
    yield equal_to("reports stored, each once", stored[0], number)
    yield equal_to("reports in the queue or beyond", sighted[0], number)
    yield equal_to("incidents that name them, none twice", sighted[1], number)


def _describe_notices(stack: Stack, began: datetime) -> Iterator[Figure]:
    end = monotonic() + LONGEST_DRAIN
    with stack.connect() as database:
        while (row := database.execute(NOTICES, [began]).fetchone()) and row[0] and monotonic() < end:
            sleep(1)
    unsent, number, half, slow = row or (0, 0, 0.0, 0.0)
    mails = [path.read_bytes() for path in (stack.folder / "mail").glob("*.eml")]
    yield equal_to("notices that did not leave", unsent, 0)
    yield equal_to("mails to providers, one for each notice", sum(PROVIDERS.encode() in mail for mail in mails), number)
    yield plain_figure("notices, from the button to the mail server, p50", round(half, 1), "s")
    yield plain_figure("notices, from the button to the mail server, p99", round(slow, 1), "s")


def _describe_export(stack: Stack) -> Figure:
    end = monotonic() + LONGEST_DRAIN
    with stack.connect() as database:
        while (row := database.execute(EXPORT).fetchone()) and row[1] < row[2] and monotonic() < end:
            sleep(1)
    state, written, total = row or ("none", 0, 0)
    return equal_to(f"rows exported of {total:,}, {state}", written, total)
