"""`manage.py rebuild_figures`: count the figures by day again from the rows."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysts.figures.rollups import recount_all_days


class Command(BaseCommand):
    help = (
        "Count the figures by day again from reports, verdicts, notices and checks. Days of which a record was erased "
        "are left as they are. Safe to run at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="The first day; without: all days.")
        parser.add_argument("--check", action="store_true", help="Change nothing; fail if a figure differs.")

    def handle(self, *args: Any, first: date | None, check: bool, **options: Any) -> None:
        changed = recount_all_days(first=first, last=timezone.now().date(), keep=not check)
        if check and changed:
            raise CommandError(f"{changed} figures differ from the rows.")
        self.stdout.write(f"{changed} figures changed.")
