"""`manage.py create_keys`: sealing keys for this month and the months ahead, when an installation is set up."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports import installation_keys, keymaking


class Command(BaseCommand):
    help = (
        "Make the sealing keys that are missing for this month and 13 months ahead. Safe to run again. For setting up; "
        "from then on tend_keys does it each night."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--months-back",
            type=int,
            default=0,
            help="Also make keys for so many months before (for a demonstration).",
        )

    def handle(self, *args: object, months_back: int, **options: object) -> None:
        if not 0 <= months_back <= 120:
            raise CommandError("--months-back must be between 0 and 120.")
        number = keymaking.make_missing(now=timezone.now(), back=months_back)
        for purpose in installation_keys.create_missing_keys():
            self.stdout.write(f"Made the {purpose}")
        self.stdout.write(f"Made {number} sealing keys.")
