"""`manage.py health`: whether workers, envelopes, jobs, alarms, coverage, keys, audit log and lockdown are in order."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysts.operations.health_item import HealthItem, HealthState
from analysts.operations.operations_items import all_items, read_state

# As monitoring programs read it.
STATUS_OF_UNKNOWN = 3


class Command(BaseCommand):
    help = "Report what is late or missing. The exit status is 1 if anything is, 3 if a value is unknown, otherwise 0."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        items = list(all_items(read_state(now)))
        late = [item.name for item in items if item.state is HealthState.NOT_OK]
        unknown = [item.name for item in items if item.state is HealthState.UNKNOWN]
        ages = {item.name: int((now - item.since).total_seconds()) if item.since else None for item in items}
        if options["json"]:
            checks = [_as_json(item, ages[item.name]) for item in items]
            self.stdout.write(json.dumps({"ok": False if late else None if unknown else True, "checks": checks}))
        else:
            for item in items:
                self.stdout.write(_as_text(item))
        sentences = [f"Not in order: {', '.join(late)}."] if late else []
        sentences += [f"Unknown: {', '.join(unknown)}."] if unknown else []
        if sentences:
            raise CommandError(" ".join(sentences), returncode=1 if late else STATUS_OF_UNKNOWN)


def _needs_advice(item: HealthItem) -> bool:
    return item.state in (HealthState.NOT_OK, HealthState.UNKNOWN)


def _as_json(item: HealthItem, age: int | None) -> dict[str, object]:
    return {
        "name": item.name,
        "state": item.state,
        "ok": {HealthState.OK: True, HealthState.NOT_OK: False}.get(item.state),
        "grade": item.grade,
        "since": item.since.isoformat() if item.since else None,
        "age_seconds": age,
        "details": list(item.details),
        "advice": str(item.advice) if _needs_advice(item) else "",
    }


def _as_text(item: HealthItem) -> str:
    # Django keeps the words of an age together with spaces that do not break; plain text needs none.
    facts = ", ".join(filter(None, [item.age.replace("\xa0", " "), *item.details]))
    line = f"{item.state} {item.name}" + (f" ({facts})" if facts else "")
    return f"{line}: {item.advice}" if _needs_advice(item) else line
