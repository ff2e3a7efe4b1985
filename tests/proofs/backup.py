"""Backup and restore by the shipped scripts: complete, made while people report, and useless to a thief."""

import io
import secrets
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from reports import receipts
from tests.proofs.backups import Backups
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.ledger import Ledger
from tests.proofs.privacy.search import Needles
from tests.proofs.reporters import Reporters
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import Stack
from tests.proofs.written import Written, of_key, of_word

SHOWS = "What is restored is what was backed up; backups hold no text and no key, and a destroyed key leaves them"
PROMISES = (2, 3, 4)
COVERS = INSTALLATION

EQUAL = "Equal to what was backed up."
# The site of every reported address of `Reporters`; no text of the product contains it.
WORD = "gallery-"
HELD = "No fault; the anchor matches."
ONE_WORD = """
    UPDATE analysts_report SET language = 'es'
    WHERE receipt_id = (SELECT receipt_id FROM analysts_report ORDER BY 1 LIMIT 1)
"""


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    ledger = Ledger()
    with Stack(folder / "installation").running(["public"], worker=False) as stack:
        backups = Backups(stack, folder / "backups")
        yield from _while_people_report(backups, ledger, full=full)
        codes = list(ledger.told)
        call_inside(stack, "erasure.settle", Reporters.portal, codes[:2], codes[2:3], codes[3:4], "A question")

        anchor = backups.make("anchor").strip()
        backups.make("database")
        backups.make("keyring")
        said = backups.restore_database("quiet", anchor=anchor).splitlines()
        yield equal_to("the audit chain of what was restored", "holds" if HELD in said else said[0], "holds")
        live = stack.manage("database_digest", role="postgres").strip()
        yield equal_to("digest of what was restored", _comparison_label(said[-2], live), "equal")
        backups.restore_keyring(folder / "keyring")
        with backups.restored("quiet"):
            found = ledger.compare(stack, keyring=folder / "keyring")
            yield at_least("envelopes acknowledged", found.acknowledged, 1000 if full else 40)
            yield equal_to("acknowledged and not restored", found.lost, 0)
            yield equal_to("restored with another text, with the restored keyring", found.altered, 0)
            stack.stop_process("public")
            stack.start_surface("public")
            yield equal_to("receipts not answered from what was restored", _count_unanswered(stack, codes), 0)
            unknown = receipts.format_code(receipts.code_from_nonce(secrets.token_bytes(16)))
            yield equal_to("control: an unknown receipt, not answered", _count_unanswered(stack, [unknown]), 1)
            with stack.connect() as database:
                database.execute(ONE_WORD)
            changed = stack.manage("database_digest", role="postgres").strip()
            yield equal_to(
                "control: digest with one word changed in one row", _comparison_label(changed, live), "another"
            )

        yield from _of_no_use(backups, folder, ledger)
        yield from _key_destruction_figures(backups)


def _while_people_report(backups: Backups, ledger: Ledger, *, full: bool) -> Iterator[Figure]:
    """A backup shows one moment, and reporters do not wait for it."""
    wanted = 500 if full else 20
    with Reporters(backups.stack, ledger, count=8 if full else 1).at_work() as reporters:
        ledger.wait_for_more(wanted)
        with ledger.lock:
            earlier = Ledger({receipt: list(texts) for receipt, texts in ledger.told.items()})
        backups.make("database")
        meanwhile = len(ledger) - len(earlier)
        ledger.wait_for_more(wanted)
    yield at_least("envelopes acknowledged while a backup was made", meanwhile, 1)
    yield equal_to("reporters refused or cut off meanwhile", reporters.refused.total() + reporters.broken, 0)
    if full:
        said = backups.restore_database("busy", anchor="").splitlines()
        yield equal_to("restored of that moment", said[-1], EQUAL)
        with backups.restored("busy"):
            yield equal_to("acknowledged before it and not in it", earlier.compare(backups.stack).lost, 0)


def _comparison_label(one: str, other: str) -> str:
    return "equal" if one == other else "another"


def _count_unanswered(stack: Stack, codes: Sequence[str]) -> int:
    visitor = stack.visitor()
    pages = [visitor.post(f"/{Reporters.portal}/en/status/", {"code": code}) for code in codes]
    visitor.close()
    return sum('id="state"' not in page.text for page in pages)


def _of_no_use(backups: Backups, folder: Path, ledger: Ledger) -> Iterator[Figure]:
    """Neither a thief nor one of the two people alone can read anything."""
    keys = {path: bytes.fromhex(path.read_text()) for path in (folder / "keyring" / "private").glob("*.key")}
    needles = of_word(WORD, "text")
    for raw in keys.values():
        needles += of_key(raw, "key")
    files, opened, control = (Written(Needles(needles)) for _ in range(3))
    for kind in ("database", "keyring"):
        files.look_below(backups.folder / kind)
    yield plain_figure("bytes of backups searched", files.read)
    yield equal_to("text or keys in files of backups", ", ".join(files.places("")) or "nowhere", "nowhere")
    opened.look("database", backups.as_text())
    yield equal_to(
        "text or keys in the database's backup, opened", ", ".join(opened.places("")) or "nowhere", "nowhere"
    )
    control.look("typed", "\n".join(text for texts in ledger.told.values() for _, text in texts).encode())
    control.look("keyring", backups.opened(backups.keyring, "keyring"))
    yield equal_to("control: text in what reporters typed", ", ".join(control.places("text")), "typed")
    yield equal_to("control: keys in the keyring's backup, opened", ", ".join(control.places("key")), "keyring")
    crossed = [backups.opens(backups.keyring, "database"), backups.opens(backups.dump, "keyring")]
    yield equal_to("backups that the other one's person opens", sum(crossed), 0)
    names = {path.name for path in (backups.folder / "database").iterdir()}
    kinds = {name.rpartition(".")[2] if "." in name else name for name in names}
    yield equal_to("what lies with the database's backups", ", ".join(sorted(kinds)), "age, anchors, digest")


def _key_destruction_figures(backups: Backups) -> Iterator[Figure]:
    """A destroyed key is gone at once; the contents of the keyring's next backup."""
    stack = backups.stack
    key, held = _this_months(stack), _private_key_ids(backups)
    raw = bytes.fromhex((stack.folder / "keyring" / "private" / f"{key}.key").read_text())
    yield equal_to("control: the key, in the keyring's backup before it is destroyed", key in held, True)
    stack.manage("rotate_keys", key, "--destroy-now")
    backups.make("keyring")
    yield equal_to("the destroyed key in the keyring's backup", key in _private_key_ids(backups), False)
    tar = Written(Needles(of_key(raw, "key")))
    tar.look("keyring", backups.opened(backups.keyring, "keyring"))
    yield equal_to("its bytes or digits there", len(tar.places("key")), 0)
    yield equal_to("files of the keyring's backup", sum(1 for _ in (backups.folder / "keyring").iterdir()), 1)


def _this_months(stack: Stack) -> str:
    """The current month's key, to which reports are sealed."""
    with stack.connect() as database:
        rows = database.execute("SELECT key_id FROM reports_submission LIMIT 1").fetchall()
    return str(rows[0][0])


def _private_key_ids(backups: Backups) -> set[str]:
    """The ids of the private halves in the keyring's backup."""
    with tarfile.open(fileobj=io.BytesIO(backups.opened(backups.keyring, "keyring"))) as tar:
        return {Path(name).stem for name in tar.getnames() if name.endswith(".key")}
