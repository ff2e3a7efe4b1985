"""`manage.py recheck_incidents`: after an update that changed how addresses are read."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from analysts.assessment.intake.rechecking import recheck_incidents
from analysts.imports.rechecking import recheck_history


class Command(BaseCommand):
    help = (
        "Find incidents whose reports name several addresses by the rules of today, and split them: each address gets "
        "its reports and waits for a review, and the next daily batch corrects the receipts. Safe to run repeatedly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only show what would be done.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        result = recheck_incidents(dry_run=dry_run, now=timezone.now())
        for incident, reports, others in result.split:
            self.stdout.write(f"{incident}: {reports} reports name {others} other addresses")
        for incident in result.readdressed:
            self.stdout.write(f"{incident}: its address is read in another way now; it is to be reviewed again")
        for incident in result.undecided:
            self.stdout.write(f"{incident}: left as it is (legal hold, or its address has an incident already)")
        self.stdout.write(
            f"Read: {result.read}, not readable any longer: {result.unreadable}, "
            f"{'would be split' if dry_run else 'split'}: {len(result.split)}, "
            f"{'would be read' if dry_run else 'read'} in another way: {len(result.readdressed)}, "
            f"left: {len(result.undecided)}."
        )
        if cases := recheck_history(dry_run=dry_run):
            self.stdout.write(f"Imported cases that another address finds now: {cases}.")
        if dry_run:
            self.stdout.write("Nothing was changed.")
