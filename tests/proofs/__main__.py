"""`python -m tests.proofs [NAME ...]`: run proofs in turn and print their figures; exit code 1 where one fails.

--quick runs each with small numbers, as `make test` does. --results FILE keeps the last results of every proof as JSON,
each with its date, its commit and the digest of the code it covers, and --page FILE shows them as a table between the
marks of a Markdown page. --figures FILE has the few figures that a public page shows. All are written after each proof,
and only what was run is replaced. With --results every file must be committed; and without names, proofs whose result
is of exactly this code are left out, so that a run that was cut short continues. --again NAME (or `all`) runs them all
the same.
"""

import os
import platform
import sys
import tempfile
import time
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from tests.proofs import recorded
from tests.proofs.covered_code import CodeDigests
from tests.proofs.page import ProofResult
from tests.proofs.release_figures import SHOWN, write_figures
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
    "hostile_role",
    "scripts",
    "routes",
    "tampering",
    "lockdown",
    "signals",
    "workstation",
    "enumeration",
    "slow_clients",
    "cost",
    "flood",
    "whole",
)
# Run only by name: it builds five machines, which needs root, debootstrap and the distribution's packages; and an hour.
ON_REQUEST = ("guides", "releases", "interruptions", "images", "life")


class Proof(Protocol):
    """The interface of a proof's module: what it shows, for which of SECURITY.md's promises, and its `prove`.

    COVERS: the folders and files of the product whose change makes its result old (tests/proofs/covered_code.py).
    """

    SHOWS: str
    PROMISES: tuple[int, ...]
    COVERS: tuple[str, ...]
    prove: Callable[..., Iterator[Figure]]


def find_proof(name: str) -> Proof:
    return cast(Proof, import_module(f"tests.proofs.{name}"))


def compute_digests(names: Sequence[str]) -> dict[str, str]:
    """The digest of the code that each proof covers, as it is now."""
    digests = CodeDigests(ROOT)
    return {name: digests.digest_of(f"tests.proofs.{name}", find_proof(name).COVERS) for name in names}


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


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse_options(arguments)
    if options.list_old:
        for name in _find_old(recorded.read_results(options.list_old), compute_digests(PROOFS)):
            _print_line(name)
        return
    written = filter(None, (options.results, options.page, options.figures))
    if options.results and (changed := recorded.changed_files(besides=written)):
        sys.exit("Not committed, so that a result would belong to no commit: " + ", ".join(changed[:20]))
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    commit, newest = current_commit(), recorded.newest_commit_time()
    results = []
    for name in options.names or _names_to_run(options):
        digests = compute_digests([name])
        results.append(run_proof(name, full=not options.quick, tell=_print_line))
        if options.results is None:
            continue
        if compute_digests([name]) != digests:
            sys.exit(f"{name}: its code changed while it ran, so its result is not kept.")
        row = {
            **results[-1].as_json(),
            "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
            "commit": commit,
            "commit_at": newest.isoformat() if newest else "",
            "digest": digests[name],
            "machine": machine,
            "full": not options.quick,
        }
        order = (*PROOFS, *ON_REQUEST)
        recorded.save_result(cast(ProofResult, row), options.results, shown=options.page, order=order)
        if options.figures is not None:
            write_figures(options.figures, recorded.read_results(options.results).values())
    failed = [result.proof for result in results if not result.holds and not result.impossible]
    open_ = [result.proof for result in results if result.impossible]
    held = len(results) - len(failed) - len(open_)
    _print_line(f"{held} of {len(results)} hold." + (f" Not proved here: {', '.join(open_)}." if open_ else ""))
    if failed:
        sys.exit(f"FAILED: {', '.join(failed)}")


def _find_old(known: Mapping[str, ProofResult], digests: Mapping[str, str]) -> list[str]:
    """The proofs that have no recorded result of exactly this code."""
    return [name for name, digest in digests.items() if not recorded.is_current(known.get(name), digest)]


def _names_to_run(options: Namespace) -> list[str]:
    """All proofs but those whose recorded result is current and not asked for again."""
    if options.results is None or "all" in options.again:
        return list(PROOFS)
    known = recorded.read_results(options.results)
    old = _find_old(known, compute_digests(PROOFS))
    left_out = [name for name in PROOFS if name not in options.again and name not in old]
    if left_out:
        _print_line(f"Of exactly this code already, and left out (--again runs them): {', '.join(left_out)}.")
    asked_for = [name for name in ON_REQUEST if name in options.again]
    return [*(name for name in PROOFS if name not in left_out), *asked_for]


def _parse_options(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.proofs", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*PROOFS, *ON_REQUEST, []], metavar="NAME", help=", ".join([*PROOFS, *ON_REQUEST])
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--list-old", type=Path, metavar="RESULTS", help="name the proofs that RESULTS lacks, run none")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--figures", type=Path)
    parser.add_argument("--again", action="append", default=[], choices=["all", *PROOFS, *ON_REQUEST], metavar="NAME")
    return parser.parse_args(arguments)


def _print_line(line: str) -> None:
    print(line, flush=True)


def current_commit() -> str:
    """The tested commit, marked if files differ from it; "" outside a repository."""
    commit = recorded.ask_git("rev-parse", "--short=12", "HEAD")
    if not commit:
        return ""
    # Results written by an earlier proof of the same run are no change.
    written = (ROOT / "docs/figures/proof.json", ROOT / "docs/figures/proof.md", SHOWN)
    return commit + (" with changes" if recorded.changed_files(besides=written) else "")


if __name__ == "__main__":
    main()
