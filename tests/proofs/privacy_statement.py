"""`python -m tests.proofs.privacy_statement`: the proof that no data about reporters stays, as a signed statement.

Runs a whole installation on loopback, sends it everything that could give a reporter away, searches every byte it
wrote, and prints a signed statement. Needs no settings, and touches nothing of an installation that is here. The exit
code is 1 where the proof fails.
"""

import json
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from portal_site.environment import data_dir
from tests.proofs import privacy
from tests.proofs.__main__ import current_commit
from tests.proofs.privacy.statement import NotGenuine, sign_statement, signing_key, verify_statement
from tests.proofs.result import NotPossibleHere


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse_options(arguments)
    if options.verify:
        _print_verdict(options.verify, options.public_key)
        return
    key = signing_key(options.key or data_dir() / "privacy-statement.key")
    with tempfile.TemporaryDirectory(
        prefix="portals-proof-", delete=not options.keep, ignore_cleanup_errors=True
    ) as folder:
        try:
            findings = privacy.examine(Path(folder), full=not options.quick)
        except NotPossibleHere as reason:
            sys.exit(f"Not proved here: {reason}")
    for figure in privacy.proof_figures(findings):
        print(figure, file=sys.stderr)
    if options.keep:
        print(f"All of it is in {folder}.", file=sys.stderr)
    statement = privacy.as_statement(findings, commit=current_commit(), full=not options.quick)
    text = json.dumps(sign_statement(statement, key), indent=1, ensure_ascii=False) + "\n"
    if options.statement:
        options.statement.write_text(text)
    else:
        print(text, end="")
    if not statement["holds"]:
        sys.exit(1)


def _parse_options(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.proofs.privacy_statement", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="Leave out what waits: time-outs, the worker.")
    parser.add_argument("--keep", action="store_true", help="Leave everything the installation wrote where it is.")
    parser.add_argument("--statement", type=Path, help="Write the statement to this file instead of printing it.")
    parser.add_argument("--key", type=Path, help="The key that signs; made where missing. Usually in DATA_DIR.")
    parser.add_argument("--verify", type=Path, help="Check the statement in this file, and do nothing else.")
    parser.add_argument("--public-key", default="", help="With --verify: the key that must have signed it.")
    return parser.parse_args(arguments)


def _print_verdict(path: Path, public_key: str) -> None:
    try:
        statement = verify_statement(path.read_text(), public_key=public_key)
    except (OSError, NotGenuine) as error:
        sys.exit(str(error))
    verdict = "It holds." if statement.get("holds") is True else "It says that the proof FAILED."
    print(f"Genuine: commit {statement.get('commit')}, {statement.get('at')}. {verdict}")
    if statement.get("holds") is not True:
        sys.exit(1)


if __name__ == "__main__":
    main()
