"""Compares acknowledged reports with the stored ones: `python -m tests.proofs.ledger` opens the envelopes."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.proofs.stack import ROOT, Stack


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts of envelopes: `doubled` exist more often than they were sent, `altered` open to another text."""

    acknowledged: int
    lost: int
    doubled: int
    altered: int


@dataclass
class Ledger:
    """Filled from many threads. The texts of each receipt, each with its kind: `report`, `details`."""

    told: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def acknowledge(self, receipt: str, kind: str, text: str) -> None:
        with self.lock:
            self.told.setdefault(receipt, []).append((kind, text))

    def __len__(self) -> int:
        return sum(map(len, self.told.values()))

    def wait_for_more(self, count: int) -> None:
        """Wait until `count` more envelopes were acknowledged. Raises TimeoutError where none is for long."""
        wanted, end = len(self) + count, time.monotonic() + 120
        while len(self) < wanted:
            if time.monotonic() > end:
                raise TimeoutError("Nothing is acknowledged any more.")
            time.sleep(0.01)

    def compare(self, stack: Stack, *, keyring: Path | None = None) -> Comparison:
        """Open every envelope with the staff's keyring, or another. Raises RuntimeError where that fails."""
        environment = {**stack.environment_of("staff"), "DJANGO_SETTINGS_MODULE": "portal_site.settings"}
        if keyring:
            environment["KEYRING"] = str(keyring)
        done = subprocess.run(
            [sys.executable, "-m", "tests.proofs.ledger"],
            cwd=ROOT,
            env=environment,
            input=json.dumps(self.told),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return Comparison(**json.loads(done.stdout))


def compare_stored(acknowledged: dict[str, list[tuple[str, str]]]) -> Comparison:
    """Run in a process of the staff's side."""
    from analysts.incidents.contents import opening  # noqa: PLC0415 - imports models: only here is Django set up
    from reports import receipts  # noqa: PLC0415 - the same
    from reports.models import Submission  # noqa: PLC0415 - the same

    lost = doubled = altered = 0
    for receipt, texts in acknowledged.items():
        code = receipts.parse_code(receipt)
        stored: Counter[tuple[str, str]] = Counter()
        for submission in Submission.objects.filter(receipt_id=receipts.derive_credentials(code).receipt_id):
            payload = opening.unseal_payload(submission)
            stored[submission.kind, str(payload["addresses" if submission.kind == "report" else "description"])] += 1
        texts_here = {(kind, text) for kind, text in texts}
        kinds = {kind for kind, _ in stored}
        lost += sum(kind not in kinds for kind, _ in texts_here)
        altered += sum(each not in stored and each[0] in kinds for each in texts_here)
        doubled += sum(count - 1 for count in stored.values())
    return Comparison(sum(map(len, acknowledged.values())), lost, doubled, altered)


if __name__ == "__main__":
    import django

    django.setup()
    json.dump(asdict(compare_stored(json.load(sys.stdin))), sys.stdout)
