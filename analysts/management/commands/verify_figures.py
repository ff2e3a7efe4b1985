"""`manage.py verify_figures 2026Q3`: recompute every number of a closed period."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysts.figures.verification import verify_period
from analysts.models import PeriodClose


class Command(BaseCommand):
    help = (
        "Recompute the figures of a closed quarter or year: the digest, what is shown of portals, and all numbers from "
        "the rows as they were when it was closed (of days of which content was erased, from the figures by day), and "
        "every number of the public files. Fails if one differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", help="Such as 2026Q3 or 2026.")

    def handle(self, *args: Any, period: str, **options: Any) -> None:
        close = PeriodClose.objects.filter(period=period).first()
        if close is None:
            raise CommandError(f"{period} is not closed.")
        differing = {check: names for check, names in verify_period(close).items() if names}
        for check, names in differing.items():
            self.stdout.write(f"{check}: {len(names)} differ: {', '.join(names[:20])}")
        if differing:
            raise CommandError(f"The figures of {period} do not agree.")
        self.stdout.write(f"All figures of {period} agree. Digest: {close.digest}")
