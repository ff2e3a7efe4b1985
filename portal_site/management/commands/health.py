"""`manage.py health`: whether workers, envelopes, jobs, alarms, coverage, keys, audit log and lockdown are in order."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysts.operations.health_item import HealthItem
from analysts.operations.operations_items import all_items, read_state


class Command(BaseCommand):
    help = "Report what is late or missing. The exit status is 1 if anything is, otherwise 0."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        items = list(all_items(read_state(now)))
        late = [item.name for item in items if item.is_late]
        ages = {item.name: int((now - item.since).total_seconds()) if item.since else None for item in items}
        if options["json"]:
            self.stdout.write(
                json.dumps({"ok": not late, "checks": [_as_json(item, ages[item.name]) for item in items]})
            )
        else:
            for item in items:
                self.stdout.write(_as_text(item))
        if late:
            raise CommandError(f"Not in order: {', '.join(late)}.")


def _as_json(item: HealthItem, age: int | None) -> dict[str, object]:
    return {
        "name": item.name,
        "ok": not item.is_late,
        "since": item.since.isoformat() if item.since else None,
        "age_seconds": age,
        "details": list(item.details),
        "advice": str(item.advice) if item.is_late else "",
    }


def _as_text(item: HealthItem) -> str:
    # Django keeps the words of an age together with spaces that do not break; plain text needs none.
    facts = ", ".join(filter(None, [item.age.replace("\xa0", " "), *item.details]))
    line = f"{'not ok' if item.is_late else 'ok'} {item.name}" + (f" ({facts})" if facts else "")
    return f"{line}: {item.advice}" if item.is_late else line
