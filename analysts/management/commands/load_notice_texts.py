"""Load the shipped notice texts that are missing or have changed. Texts that operators wrote stay as they are."""

from django.core.management.base import BaseCommand

from analysts.takedown.notices import texts


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"Added {texts.load_shipped_texts()} notice texts.")
