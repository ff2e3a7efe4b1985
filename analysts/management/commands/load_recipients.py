"""`manage.py load_recipients`: hotlines and police to start with, after `load_catalogue`."""

from typing import Any

from django.core.management.base import BaseCommand

from analysts.takedown.recipients import catalogue


class Command(BaseCommand):
    help = (
        "Add the hotlines of the ICCAM countries and the police of each portal, by name and unverified. Safe to run "
        "again: a country that has one is left alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(
            f"Added {catalogue.load_recipients()} recipients. Nothing is sent to them before they are verified."
        )
