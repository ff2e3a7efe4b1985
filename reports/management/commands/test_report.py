"""`manage.py test_report`: after an upgrade, whether a report can be stored by one surface and opened by the other."""

import json
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from reports import keys, receipts, sealing
from reports.actions import STORE, make_submission
from reports.models import SubmissionKind

INFO = b"test report"
TEXT = {"addresses": "https://gallery.example.org/test"}


class Command(BaseCommand):
    help = (
        "As the public surface: seal a report, store it, take it back before anybody sees it, print the sealed "
        "one. With --open, as the staff surface: open what the other printed, from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--open", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        self.stdout.write(_open_report(sys.stdin.read()) if options["open"] else _store_report())


def _store_report() -> str:
    """Raises CommandError without a portal or a key."""
    credentials = receipts.derive_credentials(receipts.code_from_nonce(secrets.token_bytes(16)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM countries_portal LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        raise CommandError("There is no portal: manage.py load_catalogue.")
    now = timezone.now()
    try:
        key = keys.public_key(now)
        values = make_submission(
            credentials=credentials,
            kind=SubmissionKind.REPORT,
            payload=TEXT,
            portal_id=row[0],
            language="en",
            now=now,
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(STORE, values)
            transaction.set_rollback(True)
    except keys.NoOpenKey as error:
        raise CommandError("The keyring has no open key: manage.py tend_keys.") from error
    return json.dumps({"key": key.id, "sealed": sealing.seal_json(TEXT, to=key, info=INFO).hex()})


def _open_report(printed: str) -> str:
    """Raises CommandError where this side cannot open it."""
    try:
        read = json.loads(printed)
        opened = sealing.unseal_json(bytes.fromhex(read["sealed"]), by=keys.private_key(read["key"]), info=INFO)
    except (ValueError, KeyError, TypeError, keys.KeyMissing, sealing.UnsealError) as error:
        raise CommandError(f"The report cannot be opened: {type(error).__name__}.") from error
    if opened != TEXT:
        raise CommandError("The report opens to another text.")
    return "Stored, taken back and opened."
