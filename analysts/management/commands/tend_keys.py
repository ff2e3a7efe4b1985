"""`manage.py tend_keys`: what a night does with the sealing keys. Run once a day, with write access to the keyring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysts.retention import erasure, policy


class Command(BaseCommand):
    help = (
        "Make sealing keys ahead, close those whose month is over, seal anew what must be kept, and destroy the keys "
        "of what need not be. Safe to run at any time and again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--preview", action="store_true", help="Only say what would be done.")

    def handle(self, *args: Any, preview: bool, **options: Any) -> None:
        now = timezone.now()
        if preview:
            self.preview(policy.build_plans(now=now))
            return
        try:
            done = erasure.tend_keys(now=now)
        except erasure.UnderWay:
            self.stdout.write("Another run is under way; nothing to do.")
            return
        self.stdout.write(
            f"Keys made: {done.made}, closed: {len(done.closed)}, emptied: {len(done.emptied)}, "
            f"destroyed: {len(done.destroyed)}."
        )
        for key_id in done.removed_again:
            self.stdout.write(f"{key_id} is destroyed, and its files were still or again in the keyring: removed.")
        for key_id in done.in_use:
            self.stdout.write(f"{key_id}: something under it was being worked on; the next run goes on.")
        if done.missing:
            raise CommandError(
                "The private half is missing of " + ", ".join(done.missing) + ": what lies under it and must be kept "
                "cannot be read. Bring the half back from the keyring's backup if there is one."
            )

    def preview(self, plans: list[policy.Plan]) -> None:
        if not plans:
            self.stdout.write("No key of a past month is left.")
        for plan in plans:
            when = f" (destroyed from {plan.destroyed_on})" if plan.destroyed_on else ""
            self.stdout.write(f"{plan.key.pk}: {plan.step.value}{when}")
            for sign, counts in (("goes", plan.found.goes), ("stays", plan.found.stays)):
                if counts:
                    self.stdout.write(f"  {sign}: " + ", ".join(f"{n} {name}" for name, n in sorted(counts.items())))
