"""`python -m tests.proofs [NAME ...]`: run proofs in turn and print their figures; exit code 1 where one fails.

--quick runs each with small numbers, as `make test` does. --results FILE keeps the last results of every proof as JSON,
each with its date and commit, and --page FILE shows them as a table between the marks of a Markdown page; both are
written after each proof, and only what was run is replaced.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from tests.proofs import page
from tests.proofs.result import Figure, NotPossibleHere, Result, equal_to

ROOT = Path(__file__).resolve().parent.parent.parent
# In the order of running: the promises first, then figures.
PROOFS: tuple[str, ...] = (
    "privacy",
    "crash",
    "failover",
    "backup",
    "destroyed_key",
    "disk_full",
    "replay",
    "claims",
    "hostile",
    "scripts",
    "routes",
    "tampering",
    "lockdown",
    "enumeration",
    "slow_clients",
    "flood",
)
# Run only by name: it builds five machines, which needs root, debootstrap and the distribution's packages; and an hour.
ON_REQUEST = ("guides", "life")


class Proof(Protocol):
    """The interface of a proof's module: what it shows, for which of SECURITY.md's promises, and its `prove`."""

    SHOWS: str
    PROMISES: tuple[int, ...]
    prove: Callable[..., Iterator[Figure]]


def find_proof(name: str) -> Proof:
    return cast(Proof, import_module(f"tests.proofs.{name}"))


def run_proof(name: str, *, full: bool, tell: Callable[[str], None]) -> Result:
    """Run one proof in a folder that is removed afterwards. An error in the proof itself is reported as a failure."""
    proof = find_proof(name)
    result = Result(name, proof.SHOWS, proof.PROMISES)
    began = time.monotonic()
    tell(f"{name}: {proof.SHOWS}")
    with tempfile.TemporaryDirectory(prefix="portals-proof-", ignore_cleanup_errors=True) as folder:
        try:
            for figure in proof.prove(Path(folder), full=full):
                result.figures.append(figure)
                tell(f"  {figure}")
        except NotPossibleHere as reason:
            result.impossible = str(reason)
            tell(f"  NOT PROVED HERE: {reason}")
        except Exception as error:
            traceback.print_exc()
            result.figures.append(equal_to("ended with", f"{type(error).__name__}: {error}"[:200], "its last figure"))
            tell(f"  {result.figures[-1]}")
    result.seconds = time.monotonic() - began
    return result


def main() -> None:
    options = _parse_options()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    circumstances = {
        # Asked before anything is written.
        "commit": current_commit(),
        "machine": machine,
        "full": not options.quick,
    }
    results = []
    for name in options.names or PROOFS:
        results.append(run_proof(name, full=not options.quick, tell=_print_line))
        at = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"}
        _save_result({**results[-1].as_json(), **at, **circumstances}, options.results, options.page)
    failed = [result.proof for result in results if not result.holds and not result.impossible]
    open_ = [result.proof for result in results if result.impossible]
    held = len(results) - len(failed) - len(open_)
    _print_line(f"{held} of {len(results)} hold." + (f" Not proved here: {', '.join(open_)}." if open_ else ""))
    if failed:
        sys.exit(f"FAILED: {', '.join(failed)}")


def _save_result(result: dict[str, object], results: Path | None, shown: Path | None) -> None:
    """Replace the proof's last result, in the order of PROOFS."""
    if results is None:
        return
    kept = {each["proof"]: each for each in json.loads(results.read_text())} if results.exists() else {}
    kept[result["proof"]] = result
    in_order = [kept[name] for name in (*PROOFS, *ON_REQUEST) if name in kept]
    results.write_text(json.dumps(in_order, indent=1, ensure_ascii=False) + "\n")
    if shown is not None:
        page.write_results(shown, in_order)


def _parse_options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.proofs", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*PROOFS, *ON_REQUEST, []], metavar="NAME", help=", ".join([*PROOFS, *ON_REQUEST])
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--page", type=Path)
    return parser.parse_args()


def _print_line(line: str) -> None:
    print(line, flush=True)


def current_commit() -> str:
    """The tested commit, marked if files differ from it; "" outside a repository."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    if commit.returncode != 0:
        return ""
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False).stdout
    return commit.stdout.strip() + (" with changes" if changed.strip() else "")


if __name__ == "__main__":
    main()
