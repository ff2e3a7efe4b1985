"""`manage.py prove_privacy`: the proof that no data about reporters stays, on this machine, as a signed statement."""

import json
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tests.proofs import privacy
from tests.proofs.__main__ import current_commit
from tests.proofs.privacy.statement import NotGenuine, sign_statement, signing_key, verify_statement
from tests.proofs.result import NotPossibleHere


class Command(BaseCommand):
    help = (
        "Run a whole installation on loopback, send it everything that could give a reporter away, search every byte "
        "it wrote, and print a signed statement. Touches nothing of this installation. Exit code 1 where it fails."
    )
    # Needs neither this installation's database nor its settings.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help="Leave out what waits: time-outs, the worker.")
        parser.add_argument("--keep", action="store_true", help="Leave everything the installation wrote where it is.")
        parser.add_argument("--statement", type=Path, help="Write the statement to this file instead of printing it.")
        parser.add_argument("--key", type=Path, help="The key that signs; made where missing. Usually in DATA_DIR.")
        parser.add_argument("--verify", type=Path, help="Check the statement in this file, and do nothing else.")
        parser.add_argument("--public-key", default="", help="With --verify: the key that must have signed it.")

    def handle(
        self,
        *args: object,
        quick: bool,
        keep: bool,
        statement: Path | None,
        key: Path | None,
        verify: Path | None,
        public_key: str,
        **options: object,
    ) -> None:
        if verify:
            self._verify(verify, public_key)
            return
        signs = signing_key(key or settings.DATA_DIR / "privacy-statement.key")
        with tempfile.TemporaryDirectory(
            prefix="portals-proof-", delete=not keep, ignore_cleanup_errors=True
        ) as folder:
            try:
                found = privacy.examine(Path(folder), full=not quick)
            except NotPossibleHere as reason:
                raise CommandError(f"Not proved here: {reason}") from None
        for figure in privacy.proof_figures(found):
            self.stderr.write(str(figure))
        if keep:
            self.stderr.write(f"All of it is in {folder}.")
        signed = privacy.as_statement(found, commit=current_commit(), full=not quick)
        text = json.dumps(sign_statement(signed, signs), indent=1, ensure_ascii=False) + "\n"
        if statement:
            statement.write_text(text)
        else:
            self.stdout.write(text)
        if not signed["holds"]:
            sys.exit(1)

    def _verify(self, path: Path, public_key: str) -> None:
        try:
            statement = verify_statement(path.read_text(), public_key=public_key)
        except (OSError, NotGenuine) as error:
            raise CommandError(str(error)) from None
        verdict = "It holds." if statement.get("holds") is True else "It says that the proof FAILED."
        self.stdout.write(f"Genuine: commit {statement.get('commit')}, {statement.get('at')}. {verdict}")
        if statement.get("holds") is not True:
            sys.exit(1)
