"""Two partners' systems, one of them hostile, send reports to a real surface whose processes are killed meanwhile.

SOURCES_ITEMS=10000 sends so many; the suite sends fewer. The honest one runs the reference client of the docs.
"""

import importlib.util
import json
import os
import random
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.utils import timezone

from countries import api_keys
from portal_site.database import roles
from tests.rig.installation import ROOT, Installation, set_up

NUMBER = int(os.environ.get("SOURCES_ITEMS", "240"))
CLIENT = ROOT / "docs" / "reference" / "sources-client.py"
A_PART = 100 if NUMBER >= 1000 else 20
PARTNERS = ("Honest", "Hostile")
ADD = """
from countries.models import Portal, Source, SourceKey
portal = Portal.objects.order_by("pk").first()
source = Source.objects.create(name={name!r}, kind="hotline", portal=portal, quota=100_000)
SourceKey.objects.create(
    source=source, prefix={prefix!r}, digest=bytes.fromhex({digest!r}), opened_on={day!r}, expires_on={until!r}
)
"""
COUNTS = """
import json
from analysts.assessment.intake.run import take_in
from analysts.models import Report
from reports.models import Arrival, SourceItem, Submission
while take_in():
    pass
items = SourceItem.objects.filter(source__name={name!r})
print(json.dumps({{
    "items": items.count(),
    "envelopes": Submission.objects.filter(receipt__source_item__in=items).count(),
    "reports": Report.objects.filter(source__name={name!r}).count(),
    "addresses": Report.objects.filter(source__name={name!r}).values("sightings__incident").distinct().count(),
    "waiting": Arrival.objects.count(),
}}))
"""


def load_client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sources_client", CLIENT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.A_PART, module.LONGEST_PAUSE, module.ATTEMPTS = A_PART, 1.0, 200  # type: ignore[attr-defined]
    return module


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with set_up() as made:
        yield made


@pytest.fixture(scope="module")
def surface(installed: Installation) -> Iterator[str]:
    with installed.serving("sources", role=roles.SOURCES) as url:
        yield url


@pytest.fixture(scope="module")
def keys(installed: Installation) -> dict[str, str]:
    secrets = {name: api_keys.make_secret("srcs_") for name in PARTNERS}
    today = timezone.now().date()
    for name, secret in secrets.items():
        installed.run(
            ADD.format(
                name=name,
                prefix=api_keys.prefix_of(secret),
                digest=api_keys.hash_secret(secret).hex(),
                day=str(today),
                until=str(today + timedelta(days=30)),
            )
        )
    return secrets


def lines_of(name: str, number: int, **fields: object) -> list[bytes]:
    return [
        json.dumps(
            {
                "external_reference": f"ref-{place}",
                "addresses": [f"https://{name.lower()}-{place}.example.org/a"],
                **fields,
            }
        ).encode()
        for place in range(number)
    ]


def workers_of(url: str) -> Sequence[int]:
    """The worker processes of the surface that listens at `url`."""
    port = url.rsplit(":", 1)[1]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = path.read_bytes()
            if b"gunicorn" in command and f":{port}".encode() in command:
                children = (path.parent / "task" / path.parent.name / "children").read_text().split()
                if children:
                    return [int(child) for child in children]
    return []


def kill_while(installed: Installation, url: str, is_busy: Any) -> int:
    """Kill the workers again and again, each time after some requests were stored: the same on slow machines."""
    chance, killed, stored = random.Random(7), 0, 0
    while is_busy():
        time.sleep(chance.uniform(0.05, 0.3))
        with installed.connect() as database:
            [[now]] = database.execute("SELECT count(*) FROM reports_sourcerequest").fetchall()
        if now < stored + chance.choice((2, 3, 5)):
            continue
        stored = now
        for worker in workers_of(url):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                killed += 1
    return killed


def send_hostile(url: str, secret: str, lines: list[bytes]) -> None:
    """Each part several times at once: under its own name, under other names, and altered."""
    client = load_client()
    parts = [b"\n".join(part) for part in client.parts_of(lines)]
    altered = [part.replace(b'"danger": true', b'"danger": false') for part in parts]
    requests = [(body, f"{place}-{name}") for place, body in enumerate(parts) for name in ("a", "a", "b", "b", "c")]
    requests += [(body, f"{place}-altered") for place, body in enumerate(altered)]
    random.Random(9).shuffle(requests)
    with ThreadPoolExecutor(4) as pool:
        # Answered in one way or another: an altered part may come first and be the one that is taken.
        list(pool.map(lambda request: client.ask(f"{url}/api/v1/reports", secret, *request), requests))


def counts_of(installed: Installation, name: str) -> dict[str, int]:
    return dict(json.loads(installed.run(COUNTS.format(name=name)).splitlines()[-1]))


def test_nothing_is_lost_or_doubled_though_one_partner_is_hostile_and_processes_die(
    installed: Installation, surface: str, keys: dict[str, str]
) -> None:
    each = NUMBER // 2
    client = load_client()
    with ThreadPoolExecutor(2) as pool:
        honest = pool.submit(client.send, surface, keys["Honest"], lines_of("honest", each))
        hostile = pool.submit(send_hostile, surface, keys["Hostile"], lines_of("hostile", each, danger=True))
        killed = kill_while(installed, surface, lambda: not (honest.done() and hostile.done()))
        assert honest.result() == 0
        hostile.result()
    assert killed > 0
    # Once more, whole: nothing is added.
    assert client.send(surface, keys["Honest"], lines_of("honest", each)) == 0
    for name in PARTNERS:
        assert counts_of(installed, name) == {
            "items": each,
            "envelopes": each,
            "reports": each,
            "addresses": each,
            "waiting": 0,
        }


def test_surface_answers_its_paths_alone_and_has_no_way_to_the_tables(
    installed: Installation, surface: str, keys: dict[str, str]
) -> None:
    for path, status in (("/", 404), ("/bz/en/", 404), ("/admin/", 404), ("/api/url-list/", 404), ("/api/v1/", 404)):
        assert answer_to(surface + path, keys["Honest"]) == status, path
    assert answer_to(f"{surface}/health/ready/", "") == 200
    assert answer_to(f"{surface}/api/v1/reports/ref-0", "srcs_wrong") == 401
    with installed.connect(roles.SOURCES) as database:
        for table in ("reports_submission", "countries_sourcekey", "analysts_incident"):
            with pytest.raises(Exception, match="permission denied"):
                database.execute(f"SELECT 1 FROM {table}")


def answer_to(url: str, secret: str) -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
