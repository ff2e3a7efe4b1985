"""`manage.py load_recipients`: load the initial hotlines and police forces; run it after `load_catalogue`."""

from django.core.management.base import BaseCommand

from analysts.takedown.recipients import catalogue


class Command(BaseCommand):
    help = (
        "Add the hotlines of the ICCAM countries and the police of each portal, by name only and unverified. Safe to "
        "run again: countries that have one are skipped."
    )

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(
            f"Added {catalogue.load_recipients()} recipients. Nothing is sent to them until they are verified."
        )
