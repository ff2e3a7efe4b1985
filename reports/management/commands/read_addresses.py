"""`manage.py read_addresses`: how the addresses in a text are read, without a database and without keeping anything."""

import hmac
import json
import secrets
import sys
from typing import Any

from django.core.management.base import BaseCommand

from reports.addresses import mentions_account
from reports.addresses.finding import AddressMatch, find_address_matches
from reports.addresses.steps import build_steps

# The kind of a line that names an app or a user name but no address.
WORDS = "words"


class Command(BaseCommand):
    help = (
        "Read text from standard input and print one JSON object a line for each address found: typed, kind, "
        "normalised, host, key and steps (what was changed, in words, and the result). Equal keys mean the same "
        "incident; keys can be compared within one run only. A line that names an app or a user name without an "
        "address has the kind 'words'."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        throw_away = secrets.token_bytes(32)
        for line in sys.stdin.buffer.read().decode("utf-8", "replace").split("\n"):
            matches = list(find_address_matches(line))
            for match in matches:
                self.stdout.write(json.dumps(_row(match, throw_away)))
            if not matches and mentions_account(line):
                self.stdout.write(json.dumps(_words_row(line)))


def _row(match: AddressMatch, throw_away: bytes) -> dict[str, Any]:
    address = match.address
    return {
        "typed": address.reported,
        "kind": address.kind.value,
        "normalised": address.normalised,
        "host": address.host,
        "key": hmac.digest(throw_away, address.key.encode("utf-8", "surrogatepass"), "sha256").hex(),
        "steps": [
            {
                "change": step.change.value,
                "description": str(step.change.label),
                "before": step.before,
                "after": step.after,
                "parameters": list(step.parameters),
            }
            for step in build_steps(address, match.candidate)
        ],
    }


def _words_row(line: str) -> dict[str, Any]:
    # Each report of words is an incident of its own, so no two keys are equal.
    key = secrets.token_bytes(32).hex()
    return {"typed": line.strip(), "kind": WORDS, "normalised": "", "host": "", "key": key, "steps": []}
