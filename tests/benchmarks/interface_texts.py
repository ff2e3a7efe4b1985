r"""The cost of approved interface texts in a GET: processor time of a landing page and a form, with and without them.

    python -m tests.benchmarks.interface_texts                       # two minutes
    python -m tests.benchmarks.interface_texts --rounds 2 --gets 300  # a glance

One process of the public surface, asked through WSGI, on an embedded PostgreSQL of its own. Both sides are asked in
turn, in alternating order: one reads 2,000 approved texts of three languages, the other does not read them at all
(a patch made here). The approved texts are the shipped ones, so that both sides send the same pages. A GET and a
renewal of the memory are measured apart, the fastest round of each, which other work on the machine disturbs least.
Times of a busy machine differ by more than LIMIT, so calls of functions are counted too, which no other work disturbs.
A process without a moment to spare renews every RENEW_AFTER seconds: each GET pays its share of that, PostgreSQL's part
with it. Ends with 1 where calls and renewals together cost a GET more than LIMIT per cent more.
"""

import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from types import FrameType
from typing import TypedDict
from unittest.mock import patch

from tests.benchmarks.incidents.installation import running_installation

LIMIT = 2.0
TEXTS = 2_000
LANGUAGES = ("fr", "sw", "ur")
PORTAL = "bz"
PAGES = {"landing": "", "form": "report/"}
SIDES = ("with", "without")
RENEWALS = 60
WARM_UP = 20


class Costs(TypedDict):
    """Milliseconds of processor time by side, a figure a round: of a GET by page; of a renewal, PostgreSQL's with it.

    period: milliseconds between two renewals.
    calls: of functions, for one GET of each language, by page and side.
    """

    pages: dict[str, dict[str, list[float]]]
    renewals: dict[str, list[float]]
    period: float
    calls: dict[str, dict[str, int]]


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.interface_texts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--gets", type=int, default=2_000, help="of each page and language, a round and side")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portals-interface-texts-") as folder, running_installation(Path(folder)):
        fill_installation()
        # A process can read the settings of one surface only; this one has no private key.
        os.environ |= {"SURFACE": "public", "KEYRING": str(Path(folder) / "keyring-of-public")}
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            costs = apart.submit(measure_costs, options.rounds, options.gets).result()
    dearest = print_costs(costs)
    if dearest > LIMIT:
        raise SystemExit(1)


def fill_installation() -> None:
    """A portal in the languages, and the approved texts: all that the product has, and made-up ones up to TEXTS."""
    from countries.models import ApprovedText  # noqa: PLC0415 - models need the installation
    from countries.tests.factories import open_portal  # noqa: PLC0415 - the same
    from countries.words.sources import read_source_texts, shipped_translations, source_digest  # noqa: PLC0415 - same

    open_portal(PORTAL, "Belize", *LANGUAGES)
    rows = [
        ApprovedText(
            language=tag,
            digest=text.digest,
            context=text.context,
            singular=text.singular,
            plural=text.plural,
            forms=list(shipped_translations(tag)[text.digest]),
        )
        for tag in LANGUAGES
        for text in read_source_texts()
        if text.digest in shipped_translations(tag)
    ]
    for number in range(TEXTS - len(rows)):
        words = f"placeholder {number}"
        tag = LANGUAGES[number % len(LANGUAGES)]
        rows.append(ApprovedText(language=tag, digest=source_digest("", words, ""), singular=words, forms=[words]))
    ApprovedText.objects.bulk_create(rows)


def measure_costs(rounds: int, gets: int) -> Costs:
    import django  # noqa: PLC0415 - reads the settings of this process

    django.setup()
    from countries.public import published  # noqa: PLC0415 - models need the settings

    ask = _asker()
    pages: dict[str, dict[str, list[float]]] = {page: {side: [] for side in SIDES} for page in PAGES}
    renewals: dict[str, list[float]] = {side: [] for side in SIDES}
    calls: dict[str, dict[str, int]] = {page: {} for page in PAGES}
    for turn in range(rounds + 1):
        for side in SIDES if turn % 2 else reversed(SIDES):
            with _side(side):
                # The clock does not move: nothing is renewed meanwhile.
                with patch.object(published, "monotonic", lambda: 0.0):
                    for page, path in PAGES.items():
                        paths = [f"/{PORTAL}/{tag}/{path}" for tag in LANGUAGES]
                        took = _measure_gets(ask, paths, gets)
                        calls[page][side] = _count_calls(ask, paths)
                        # The first turn warms both up.
                        if turn:
                            pages[page][side].append(took)
                renewals[side].append(_measure_renewals())
    return {"pages": pages, "renewals": renewals, "period": published.RENEW_AFTER * 1000, "calls": calls}


@contextmanager
def _side(side: str) -> Iterator[None]:
    """Within it, this process reads the approved texts, or never does."""
    from countries.public import published  # noqa: PLC0415 - models need the settings
    from countries.words import overlay  # noqa: PLC0415 - the same

    published.clear_cache()
    if side == "with":
        yield
        return
    overlay.clear_texts()
    with patch.object(published, "renew_texts", lambda: 0):
        yield
    published.clear_cache()


def _asker() -> Callable[[str], int]:
    """A function that asks for a page as the web server does, and returns its bytes. Raises RuntimeError unless 200."""
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - needs the settings
    from django.test import RequestFactory  # noqa: PLC0415 - the same

    application = get_wsgi_application()
    factory = RequestFactory(headers={"accept-encoding": "gzip"})

    def ask(path: str) -> int:
        statuses: list[str] = []
        environ = factory.get(path, secure=True).environ | {"wsgi.input": BytesIO(), "wsgi.errors": sys.stderr}
        answer = application(environ, lambda status, _headers, _error=None: statuses.append(status))  # type: ignore[arg-type] # nothing is written by it
        size = sum(map(len, answer))
        if hasattr(answer, "close"):
            answer.close()
        if statuses != ["200 OK"]:
            raise RuntimeError(f"{path} answered {statuses}.")
        return size

    return ask


def _measure_gets(ask: Callable[[str], int], paths: list[str], gets: int) -> float:
    """Milliseconds of processor time of this process for each GET, renewals included."""
    for path in paths:
        for _ in range(WARM_UP):
            ask(path)
    began = process_time()
    for path in paths:
        for _ in range(gets):
            ask(path)
    return (process_time() - began) / (gets * len(paths)) * 1000


def _count_calls(ask: Callable[[str], int], paths: list[str]) -> int:
    """How many functions are called and left for one GET of each path, in C too."""
    events = 0

    def count(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal events
        events += 1

    sys.setprofile(count)
    for path in paths:
        ask(path)
    sys.setprofile(None)
    return events


def _measure_renewals() -> float:
    """Milliseconds of processor time of a renewal where nothing changed, in this process and in PostgreSQL."""
    from django.db import connection  # noqa: PLC0415 - needs the settings

    from countries.public import published  # noqa: PLC0415 - models need the settings
    from tests.benchmarks import processes  # noqa: PLC0415 - beside the others

    reading = published._load_first()
    pids = [connection.connection.info.backend_pid]
    began = process_time() + processes.processor_seconds(pids)
    for _ in range(RENEWALS):
        reading = published._renew_reading(reading)
    return (process_time() + processes.processor_seconds(pids) - began) / RENEWALS * 1000


def print_costs(costs: Costs) -> float:
    """Print all, and return by how many per cent the dearest page became dearer."""
    renewal = {side: min(took) for side, took in costs["renewals"].items()}
    print(f"renewal: {renewal['with']:.2f} ms with the texts, {renewal['without']:.2f} ms without")
    changes = []
    for page, sides in costs["pages"].items():
        get = {side: min(took) for side, took in sides.items()}
        calls = costs["calls"][page]
        whole = {side: calls[side] * (1 + renewal[side] / costs["period"]) for side in SIDES}
        changes.append((whole["with"] / whole["without"] - 1) * 100)
        print(
            f"{page}: {get['with']:.4f} ms with the texts, {get['without']:.4f} ms without; {calls['with']} and"
            f" {calls['without']} calls; with its share of renewals {changes[-1]:+.2f} %"
        )
    return max(changes)


if __name__ == "__main__":
    main()
