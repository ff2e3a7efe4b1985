"""Processor time of the public pages in this process, as ratios to bare Django's form in the same run: `make bench`.

The ratios of the last release are in docs/figures/public-costs.json; a page that costs a tenth more than there ends
the command with 1. `make bench RECORD=1` writes them again. PostgreSQL's time is not in it (see tests.benchmarks.load).
"""

import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from shutil import copytree
from statistics import median
from time import process_time
from urllib.parse import urlencode

import django
from django.core.management import call_command
from django.test import Client

from portal_site.environment import PROJECT
from tests.benchmarks.bare_process import BareProcess
from tests.benchmarks.circumstances import note_circumstances
from tests.benchmarks.incidents.installation import running_installation

RECORDED = PROJECT / "docs" / "figures" / "public-costs.json"
ROUNDS, REQUESTS = 7, 100
# Above the recorded ratio, so that a page is not refused for what differs between two runs.
ALLOWED = 1.1
FORM = "/bz/en/report/"
ADDRESS = "https://images.example.org/gallery/2026/11/placeholder-{number}.html?page=2"

type Page = Callable[[int], int]


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.benchmarks.public_costs", description=__doc__)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    circumstances = note_circumstances()
    # The limit of reports a minute is not what is measured.
    os.environ |= dict.fromkeys(("PORTAL_REPORTS_A_MINUTE", "PORTAL_REPORTS_AT_ONCE"), str(10**9))
    with tempfile.TemporaryDirectory(prefix="portals-public-costs-") as folder, running_installation(Path(folder)):
        call_command("create_keys", stdout=StringIO())
        call_command("load_catalogue", live=True, stdout=StringIO())
        # A process has the pages of one surface only.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            ratios = apart.submit(measure_ratios, Path(folder)).result()
    recorded = json.loads(RECORDED.read_text())["ratios"] if RECORDED.exists() else {}
    for page, ratio in ratios.items():
        print(f"{page:<12} {ratio:6.3f} x bare Django's form   (recorded: {recorded.get(page, 'nothing')})")
    if options.record:
        RECORDED.write_text(json.dumps({**circumstances, "ratios": ratios}, indent=1) + "\n")
        return 0
    dearer = [page for page, ratio in ratios.items() if ratio > ALLOWED * recorded.get(page, 0)]
    if dearer:
        print(f"Dearer than recorded: {', '.join(dearer)}.")
    return len(dearer) and 1


def measure_ratios(folder: Path) -> dict[str, float]:
    """By page, the median of the rounds, each of which asks bare Django too. The first round warms up."""
    # A public server has no private key.
    copytree(folder / "keyring" / "public", folder / "public-server" / "public")
    os.environ |= {"SURFACE": "public", "KEYRING": str(folder / "public-server")}
    django.setup()
    ratios = {}
    with BareProcess() as bare:
        for name, page in _build_pages().items():
            rounds = [_milliseconds(page, turn * REQUESTS) / bare.measure() for turn in range(ROUNDS + 1)]
            ratios[name] = round(median(rounds[1:]), 3)
    return ratios


def _build_pages() -> dict[str, Page]:
    """The needs of a request of each page, prepared: the tokens of reports, the code of a receipt."""
    from countries.public import published  # noqa: PLC0415 - needs the installation
    from reports import receipts, tokens  # noqa: PLC0415

    published.warm_cache()
    fresh = [tokens.new_token("bz") for _ in range((ROUNDS + 1) * REQUESTS)]
    code = receipts.code_from_nonce(bytes.fromhex(fresh[0].split(":")[1]))
    client = Client(headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})

    def post(path: str, **fields: str) -> int:
        return client.post(path, urlencode(fields), content_type="application/x-www-form-urlencoded").status_code

    return {
        "form": lambda number: client.get(FORM).status_code,
        "landing": lambda number: client.get("/bz/en/").status_code,
        "report": lambda number: post(FORM, token=fresh[number], addresses=ADDRESS.format(number=number)),
        "status": lambda number: post("/bz/en/status/", code=code),
    }


def _milliseconds(page: Page, since: int) -> float:
    began = process_time()
    for number in range(since, since + REQUESTS):
        if (status := page(number)) != 200:
            raise RuntimeError(f"Answered with {status}.")
    return (process_time() - began) / REQUESTS * 1000


if __name__ == "__main__":
    sys.exit(main())
