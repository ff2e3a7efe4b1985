"""The database fails over alone: its primary dies, is cut off, is frozen and wakes up; etcd loses one, then two.

Under a load of reports and verdicts, on three machines on one cable (`cluster`), with the shipped configuration of
Patroni. A network of its own is needed, so the walk runs in a process of its own (`failover_walk`).
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.proofs import cluster
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure

SHOWS = (
    "The database's primary dies, is cut off or frozen: another takes over alone within 30 s, nothing acknowledged is "
    "lost, nothing is written on two sides"
)
PROMISES = (2,)
COVERS = INSTALLATION


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    walk = [sys.executable, "-m", "tests.proofs.failover_walk", str(folder), "full" if full else "quick"]
    process = subprocess.Popen(
        cluster.inside_network(walk), cwd=cluster.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        for line in process.stdout:
            yield Figure(**json.loads(line))
        if errors := process.stderr.read() if process.wait() else "":
            raise RuntimeError(errors[-3000:])
