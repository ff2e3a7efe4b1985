"""`manage.py tend_keys`: daily maintenance of the sealing keys; needs write access to the keyring."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysts.retention import erasure, policy


class Command(BaseCommand):
    help = (
        "Create sealing keys for the coming months, close those of past months, reseal the data that must be kept, and "
        "destroy keys that are no longer needed. Safe to run at any time and repeatedly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--preview", action="store_true", help="Only show what would be done.")

    def handle(self, *args: object, preview: bool, **options: object) -> None:
        now = timezone.now()
        if preview:
            self.preview(policy.build_plans(now=now))
            return
        try:
            result = erasure.tend_keys(now=now)
        except erasure.UnderWay:
            self.stdout.write("Another run is in progress; nothing was done.")
            return
        self.stdout.write(
            f"Keys created: {result.created}, closed: {len(result.closed)}, emptied: {len(result.emptied)}, "
            f"destroyed: {len(result.destroyed)}."
        )
        for key_id in result.removed_again:
            self.stdout.write(f"Removed files of the destroyed key {key_id} from the keyring.")
        for key_id in result.in_use:
            self.stdout.write(f"{key_id}: data sealed with it was in use; the next run continues.")
        if result.missing:
            raise CommandError(
                "The private half is missing of "
                + ", ".join(result.missing)
                + ": data that was sealed with it and must "
                "be kept cannot be read. Restore it from a backup of the keyring."
            )

    def preview(self, plans: list[policy.Plan]) -> None:
        if not plans:
            self.stdout.write("No keys of past months are left.")
        for plan in plans:
            when = f" (destroyed from {plan.destroyed_on})" if plan.destroyed_on else ""
            self.stdout.write(f"{plan.key.pk}: {plan.step.value}{when}")
            for sign, counts in (("goes", plan.tally.goes), ("stays", plan.tally.stays)):
                if counts:
                    self.stdout.write(f"  {sign}: " + ", ".join(f"{n} {name}" for name, n in sorted(counts.items())))
