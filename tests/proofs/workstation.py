"""Batches for the isolated workstation: drawn, walked by keyboard without network, returned; lost, late and doubled.

The short form leaves out the hostile page, which tests/journeys/test_workstation_page.py asks over HTTP, and the lost
and the late batch, which analysts/handoff/tests/test_batches.py asks of the code.
"""

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

from tests.proofs.batch_desk import BatchDesk
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.isolated_machine import PASSPHRASE, IsolatedMachine
from tests.proofs.isolated_walk import CHROMIUM, Walked
from tests.proofs.privacy.search import Needles
from tests.proofs.result import Figure, NotPossibleHere, at_least, at_most, equal_to, plain_figure
from tests.proofs.stack import NO_WAITING, Stack
from tests.proofs.written import Written, of_word
from workstation.locked_store import LockedStore
from workstation.sealed_file import FileFault, OpenBatch, open_batch, unseal_line, write_results

SHOWS = (
    "A batch is assessed on a workstation without network by keyboard alone; a thief of it, or of its files, reads none"
)
PROMISES = (6,)
COVERS = (*INSTALLATION, "workstation")

PORTAL, ELSEWHERE = "bz", "zm"
ROLES = ("analyst", "senior", "administrator")
# Left in the queue for a lost and a late batch.
LEFT = 3
MOST_KEYS = 8
# Seconds of the page's own time; the person's comes on top.
MOST_SECONDS = 5
# Findings of an analyst, in turn. An empty one is skipped.
PLAN: list[dict[str, str]] = [
    {"verdict": "illegal", "severity": "A", "age_band": "11-13", "sex": "both"},
    {"verdict": "not_assessed", "reason": "content_not_found"},
    {"verdict": "illegal", "severity": "C", "age_band": "14-15", "sex": "girls"},
    {"verdict": "not_assessed", "reason": "password_protected"},
    {},
]
DECIDED = "SELECT incident_id, verdict, severity, by_id FROM analysts_assessment ORDER BY 1, 2"


@dataclass(frozen=True)
class WalkMarkers:
    """Random words: in every address and description, and in the analyst's note."""

    reported: str = field(default_factory=lambda: "reported" + secrets.token_hex(8))
    noted: str = field(default_factory=lambda: "noted" + secrets.token_hex(8))

    def needles(self, leak: str) -> Needles:
        words = {"reported": self.reported, "noted": self.noted, "leak": leak}
        return Needles(needle for name, word in words.items() for needle in of_word(word, name))


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    if not Path(CHROMIUM).exists():
        raise NotPossibleHere("Chromium is not installed: make browser")
    number = 50 if full else 5
    markers, machine = WalkMarkers(), IsolatedMachine(folder / "machine")
    machine.folder.mkdir()
    with Stack(folder / "server", workers=1, environment=NO_WAITING).running(worker=False) as stack:
        people = call_inside(stack, "people.everybody", PORTAL, ELSEWHERE, role="postgres")
        desks = {
            role: BatchDesk(stack, name, password) for name, password, role, here in people if here and role in ROLES
        }
        _send_reports(stack, markers, number + LEFT)
        yield equal_to("envelopes that intake left over", call_inside(stack, "intake.take_in"), 0)
        analyst, senior, administrator = (desks[role] for role in ROLES)
        workstation = _register(stack, machine, analyst, administrator)
        batch = analyst.draw(workstation, number)
        file = machine.batch_path(batch)
        file.write_bytes(analyst.download(batch))
        walked = machine.walk(batch, plan=PLAN, note=markers.noted, outside=stack.ports["staff"], is_attacked=full)
        yield from _walk_figures(walked, number)
        if full:
            yield from _hostile_figures(walked)
        results = file.with_suffix(".results").read_bytes()
        yield from _theft_figures(stack, machine, markers, batch, results, number)
        yield from _import_figures(stack, analyst, batch, results, number)
        if full:
            yield from _lease_figures(stack, machine, workstation, analyst, senior)
        machine.run("erase", str(file), typed=f"{PASSPHRASE}\n")
        left = [path.name for path in (machine.folder / "home" / ".workstation").iterdir()]
        kept = ", ".join(sorted(left))
        yield equal_to(
            "files of the workstation once the batch is erased", kept, "workstation.keys, workstation.public"
        )
        stack.manage("verify_audit")


def _send_reports(stack: Stack, markers: WalkMarkers, number: int) -> None:
    """Reports of one address each, on sites of their own, so that none is folded into a flood."""
    visitor = stack.visitor()
    for place in range(number):
        site = secrets.token_hex(5)
        page = visitor.report(f"https://{site}.example/{markers.reported}-{place}", portal=PORTAL)
        details = {"token": page.field("token"), "description": f"Placeholder words {markers.reported}, {site}"}
        if visitor.post(f"/{PORTAL}/en/details/", details).status != 200:
            raise RuntimeError("Details were not taken.")
    visitor.close()


def _register(stack: Stack, machine: IsolatedMachine, analyst: BatchDesk, administrator: BatchDesk) -> str:
    """The id of the workstation, registered by an administrator with the keys that it made."""
    shown = re.findall(r"[A-Za-z0-9+/]{43}=", analyst.visitor.get("/admin/batches/").text)
    signing, sealing = machine.set_up(shown[0])
    sent = {"name": "Room 3", "public_key": signing, "sealing_key": sealing}
    if administrator.visitor.post_form("/admin/workstations/", sent).status != 302:
        raise RuntimeError("The workstation was not registered.")
    return str(_ask(stack, "SELECT id FROM analysts_workstation"))


def _ask(stack: Stack, query: LiteralString, *values: object) -> object:
    """The first value of the first row."""
    with stack.connect() as database:
        row = database.execute(query, values).fetchone()
    return row[0] if row else None


# --- The walk ---------------------------------------------------------------------------------------------------------


def _walk_figures(walked: Walked, number: int) -> Iterator[Figure]:
    incidents = walked["incidents"]
    keys, seconds = [each["keys"] for each in incidents], [each["seconds"] for each in incidents]
    yield equal_to("incidents walked by keyboard", len(incidents), number)
    yield equal_to("the network's port is reached from there", walked["reached_outside"], False)
    elsewhere = ", ".join(walked["listens_elsewhere"]) or "none"
    yield equal_to("sockets of the workstation's process on any other address than loopback", elsewhere, "none")
    yield at_most("keys of an incident, at most", max(keys), MOST_KEYS)
    yield plain_figure("keys of an incident, on average", sum(keys) / len(keys))
    yield plain_figure("keys before the first and after the last", walked["keys_before_and_after"])
    yield at_most("seconds of an incident, at most, without the person's", max(seconds), MOST_SECONDS)
    yield plain_figure("seconds of an incident, on average, without the person's", sum(seconds) / len(seconds))
    address = walked["shown"]
    yield equal_to("the address on the clipboard is the one shown", walked["copied"] == address != "", True)
    yield equal_to("arguments of the configured program", len(walked["handed"]) - 1, 1)
    yield equal_to("the address it got is the one shown", walked["handed"][1:] == [address], True)
    yield equal_to("complaints of the browser", "; ".join(walked["complaints"]) or "none", "none")


def _hostile_figures(walked: Walked) -> Iterator[Figure]:
    tries = walked["tries"]
    yield at_least("attempts of a visited page that knows the secret", tries["attempts"], 10)
    yield equal_to("of them, read something", tries["read"], 0)
    yield equal_to("drafts that changed", tries["changed"], 0)
    yield at_least("control: read something, of a server without the checks", tries["read unchecked"], 1)
    yield at_least("control: incidents changed by it", tries["changed unchecked"], 1)


# --- Thieves ----------------------------------------------------------------------------------------------------------


def _theft_figures(
    stack: Stack, machine: IsolatedMachine, markers: WalkMarkers, batch: str, results: bytes, number: int
) -> Iterator[Figure]:
    """The bytes of the medium and of the workstation after the walk, and the parts that each key opens."""
    leak = "leak" + secrets.token_hex(8)
    (machine.folder / "home" / "leak").write_text(leak, encoding="utf-16")
    written = Written(markers.needles(leak))
    written.look_below(machine.folder)
    yield plain_figure("bytes on the medium and the workstation", written.read)
    for name, words in (("reported", "an address or a reporter's words"), ("noted", "the analyst's note")):
        yield equal_to(f"places with {words}", ", ".join(written.places(name)) or "none", "none")
    yield equal_to("control: places with a word that was left there", len(written.places("leak")), 1)

    sealed = machine.batch_path(batch).read_text().split()
    lines = results.decode().split()
    for wrong in ("", PASSPHRASE.title()):
        yield equal_to("the workstation opens with a wrong passphrase", _can_open(machine, wrong), False)
    store = machine.store()
    drafts = json.dumps(store.load_drafts(batch))
    yield equal_to("with the passphrase: drafts opened, with the note", markers.noted in drafts, True)
    opened = open_batch("\n".join(sealed), store.keys)
    read = sum(markers.reported in incident["address"] for incident in opened.incidents)
    yield equal_to("with the passphrase: addresses of the batch", read, number)
    returned = sum(_is_opened(line, store) for line in lines)
    yield equal_to("with the passphrase: lines of the results, sealed to the hotline", returned, 0)
    of_batch, of_results = call_inside(stack, "batches.open_with_keyring", sealed, lines)
    yield equal_to("with the staff server's keys: lines of the batch", of_batch, 0)
    yield equal_to("with the staff server's keys: lines of the results", of_results, len(lines))


def _can_open(machine: IsolatedMachine, passphrase: str) -> bool:
    try:
        machine.store(passphrase)
    except FileFault:
        return False
    return True


def _is_opened(line: str, store: LockedStore) -> bool:
    try:
        unseal_line(line, store.keys, "batch-results")
    except FileFault:
        return False
    return True


# --- Back, and the queue ----------------------------------------------------------------------------------------------


def _import_figures(stack: Stack, analyst: BatchDesk, batch: str, results: bytes, number: int) -> Iterator[Figure]:
    revealed = "SELECT count(DISTINCT object_id) FROM audit_auditevent WHERE action = 'incident.reveal'"
    yield equal_to("addresses of the batch that are on record as revealed", str(_ask(stack, revealed)), str(number))
    head, first, *_others = results.splitlines(keepends=True)
    altered = first[:100] + (b"A" if first[100:101] != b"A" else b"B") + first[101:]
    yield equal_to("control: an altered line, imported", _in_words(analyst.bring(head + altered)), "1 refused")
    yield equal_to("results imported", _in_words(analyst.bring(results)), f"{number} imported")
    decided = _rows(stack, DECIDED)
    yield equal_to("the same file again", _in_words(analyst.bring(results)), f"{number} already imported")
    yield equal_to("decisions that the doubled file changed", int(_rows(stack, DECIDED) != decided), 0)
    wanted = sum(bool(PLAN[place % len(PLAN)]) for place in range(number))
    yield equal_to("decisions", len(decided), wanted)
    yield equal_to("incidents still claimed", _count_state(stack, "claimed"), 0)
    yield equal_to(
        "incidents skipped or left, back in the queue", _count_state(stack, "waiting"), number + LEFT - wanted
    )
    seen = _ask(stack, "SELECT sum(seconds) FROM analysts_batchitem WHERE batch_id = %s", batch)
    yield at_least("seconds for which incidents were revealed, as they came back", int(str(seen)), 1)


def _lease_figures(
    stack: Stack, machine: IsolatedMachine, workstation: str, analyst: BatchDesk, senior: BatchDesk
) -> Iterator[Figure]:
    """A lost batch and a late one: right after each, the same incidents wait, and its results change nothing."""
    lost = analyst.draw(workstation, 50)
    drawn, results = _items_of(stack, lost), _results_for(machine, analyst.download(lost))
    senior.revoke(lost)
    yield equal_to("a lost batch, revoked: results refused", _in_words(analyst.bring(results)), f"{LEFT} refused")
    late = senior.draw(workstation, 50)
    held = _items_of(stack, late)
    yield equal_to("of its incidents, drawn by a colleague right after", len(drawn & held), LEFT)
    results = _results_for(machine, senior.download(late))
    before, after = call_inside(stack, "batches.pass_lease", late)
    yield equal_to("control: of a batch one second before its time, back in the queue", before, 0)
    yield equal_to("of a late batch, back in the queue", after, len(held))
    yield equal_to("a late batch: results refused", _in_words(senior.bring(results)), f"{len(held)} refused")
    claimed = "SELECT count(*) FROM analysts_incident WHERE batch_id IS NOT NULL"
    yield equal_to("incidents that a batch still holds", str(_ask(stack, claimed)), "0")


def _results_for(machine: IsolatedMachine, file: bytes) -> bytes:
    """Results of the workstation for every incident of a batch."""
    store = machine.store()
    batch: OpenBatch = open_batch(file.decode(), store.keys)
    said = [{"item": each["item"], "seconds": 0, "decision": PLAN[1]} for each in batch.incidents]
    return write_results(batch, said, store.keys, made_at="2026-01-01T00:00:00Z").encode()


def _in_words(outcome: dict[str, int]) -> str:
    return ", ".join(f"{number} {name.lower()}" for name, number in outcome.items() if number)


def _rows(stack: Stack, query: LiteralString) -> Sequence[object]:
    with stack.connect() as database:
        return database.execute(query).fetchall()


def _items_of(stack: Stack, batch: str) -> set[object]:
    with stack.connect() as database:
        rows = database.execute("SELECT incident_id FROM analysts_batchitem WHERE batch_id = %s", [batch]).fetchall()
    return {row[0] for row in rows}


def _count_state(stack: Stack, state: str) -> int:
    return int(str(_ask(stack, "SELECT count(*) FROM analysts_incident WHERE state = %s", state)))
