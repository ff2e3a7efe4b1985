"""One run of the installation: it is started, driven through all kinds of request, and recorded."""

import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from tests.proofs import web_server
from tests.proofs.partners import add_partner
from tests.proofs.privacy import difference, kinds, writes
from tests.proofs.privacy.calls import CallRecorder
from tests.proofs.privacy.difference import RunRecord
from tests.proofs.privacy.kinds import RequestKind
from tests.proofs.privacy.markers import Markers
from tests.proofs.privacy.notifications import NotificationQueue
from tests.proofs.privacy.scene import Scene
from tests.proofs.stack import HOSTS, Stack

# Reporters of the second run: a telephone's browser, and words of another length in the same class of sizes.
OTHER_BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X; {}) AppleWebKit/605.1.15 Mobile Safari/604.1"
OTHER_WORDS = "other words {} here"
RUN_MINUTES = 14
LAST_JOBS = ("take_in_replies", "expire_claims", "publish", "count_figures")
ENGLISH = """
SELECT slug FROM countries_portal AS portal WHERE state = 'live'
AND EXISTS (SELECT FROM countries_portaltext WHERE portal_id = portal.id AND language = 'en') ORDER BY slug
"""


def wait_for_the_hour() -> None:
    """Begin only where a whole run is within one hour: rows are counted by the hour, and keys end with a month."""
    left = 60 - datetime.now(UTC).minute
    if left < RUN_MINUTES:
        time.sleep(left * 60)


def run_again(markers: Markers, first: RunRecord, *, is_control: bool) -> RunRecord:
    """Run another installation: with other reporters, or as a control with the same and other keys."""
    wait_for_the_hour()
    reporters = Markers(markers.seed) if is_control else Markers(browser=OTHER_BROWSER, words=OTHER_WORDS)
    with (
        tempfile.TemporaryDirectory(prefix="portals-proof-", ignore_cleanup_errors=True) as name,
        recorded_scene(Path(name), reporters) as (scene, recorder),
    ):
        with drive(scene, full=True, new_keys=is_control) as (_before, answers), scene.stack.connect() as owner:
            record = difference.read_run(scene.stack.folder, owner, first.since)
        for answer in filter(None, answers):
            record.add("answers not meant", {"answer": answer})
        recorder.wait()
        difference.add_calls(record, recorder, places_of_calls(scene.stack))
    return record


@contextmanager
def recorded_scene(folder: Path, markers: Markers) -> Iterator[tuple[Scene, CallRecorder]]:
    with tempfile.TemporaryDirectory(prefix="portals-calls-") as records:
        recorder = CallRecorder(Path(records))
        environment = {"PUBLISH_EVERY": "minute"}
        stack = Stack(folder, demo_reports=1, environment=environment, wrap_command=recorder.wrap_command)
        yield Scene(stack, markers), recorder


@contextmanager
def drive(scene: Scene, *, full: bool, new_keys: bool = False) -> Iterator[tuple[writes.WrittenState, list[str]]]:
    """Run the installation and all kinds of request in it. The state before, and the answer of each kind."""
    stack = scene.stack
    queue = NotificationQueue(stack)
    with closing(queue), stack.running((), web=False, worker=False):
        if new_keys:
            _exchange_keys(stack)
        _set_the_scene(scene)
        with stack.connect() as owner:
            writes.watch_tables(owner)
            before = writes.read_state(stack.folder, owner)
        queue.hold()
        for surface in HOSTS:
            stack.start_surface(surface)
            # With the rows of now in their paths: later ones have ids drawn at random.
            scene.routes(surface)
        stack.start_web()
        scene.queue = queue
        answers = [_do_kind(each, scene) for each in kinds.load_kinds(full=full)]
        if full:
            # As in any run: otherwise it depends on the moment which reports the workers have processed.
            scene.await_intake()
            scene.run_jobs(*LAST_JOBS)
        yield before, answers


def _do_kind(kind: RequestKind, scene: Scene) -> str:
    """The answer; "" where it is an accepted one. Afterwards connections and notifications are looked at."""
    answer = kind.done(scene)
    # Some kinds leave the database stopped for a moment.
    with suppress(psycopg.Error), scene.stack.connect() as owner:
        writes.note_sessions(owner)
        scene.queue.note(owner)
    return answer


def _exchange_keys(stack: Stack) -> None:
    """New keys of digests, and new secrets of both surfaces."""
    for name in ("fingerprint.key", "reply-links.key"):
        (stack.folder / "keyring" / "private" / name).write_text(f"{secrets.token_hex(32)}\n")
    # As little random as those of the first run: the checks say so.
    secret = f"both surfaces of a proof, and another secret: {secrets.randbelow(10**6)}"
    stack.environment = {**stack.environment, "SECRET_KEY": secret}


def _set_the_scene(scene: Scene) -> None:
    """Create one portal in each state that answers differently. No claim of the demonstration ends during the run."""
    with scene.stack.connect() as owner:
        slugs = [row[0] for row in owner.execute(ENGLISH)]
        scene.portals = dict(zip(("live", "other", "restricted", "suspended"), slugs, strict=False))
        owner.execute(
            "UPDATE countries_portal SET state = 'restricted', access_phrase = 'open to few' WHERE slug = %s",
            [scene.portals["restricted"]],
        )
        owner.execute("UPDATE countries_portal SET state = 'suspended' WHERE slug = %s", [scene.portals["suspended"]])
        scene.partner_key = add_partner(owner, scene.portals["live"])
        owner.execute("UPDATE analysts_incident SET claimed_until = claimed_until + interval '1 hour'")


def places_of_calls(stack: Stack) -> Mapping[str, str]:
    """The values of the names in the rules of system calls."""
    return {
        "folder": str(stack.folder),
        "python": sys.executable,
        "nginx": web_server.find_nginx(),
        "mail": stack.mail.environment()["MAIL_PORT"],
    }
