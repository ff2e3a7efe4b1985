"""Adds the texts of notices that are not there yet. Safe to run again: a text that exists is never touched."""

from typing import Any

from django.core.management.base import BaseCommand

from analysts.takedown.notices import texts


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Added {texts.load_shipped_texts()} texts of notices.")
