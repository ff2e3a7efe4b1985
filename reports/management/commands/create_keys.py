"""`manage.py create_keys`: sealing keys for this month and the months ahead."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports import keys
from reports.models import KeyClass, KeyState, SealingKey


def months_around(today: date, *, back: int, ahead: int) -> list[date]:
    """The first of each month from `back` months before `today`'s to `ahead` months after."""
    this = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(this - back, this + ahead + 1)]


class Command(BaseCommand):
    help = "Make the sealing keys that are missing for this month and 13 months ahead. Safe to run again, even daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--months-back",
            type=int,
            default=0,
            help="Also make keys for so many months before (for a demonstration).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        back: int = options["months_back"]
        if not 0 <= back <= 120:
            raise CommandError("--months-back must lie between 0 and 120.")
        made = 0
        for month in months_around(timezone.localdate(), back=back, ahead=keys.MONTHS_AHEAD):
            for key_class in KeyClass:
                known = SealingKey.objects.filter(key_class=key_class, month=month)
                if not known.exists():
                    SealingKey.objects.create(id=keys.create(key_class, month), key_class=key_class, month=month)
                    made += 1
                # Also where an earlier run was cut short.
                for key in known.filter(state=KeyState.OPEN):
                    keys.publish(key.pk)
        if keys.create_fingerprint_key():
            self.stdout.write("Made the fingerprint key. Back it up: without it known addresses look new.")
        self.stdout.write(f"Made {made} sealing keys.")
