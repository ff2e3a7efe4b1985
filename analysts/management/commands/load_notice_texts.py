"""Load the shipped notice texts that are missing or changed, and the law that they cite. Operators’ texts stay."""

from django.core.management.base import BaseCommand

from analysts.takedown.legal import texts as legal_texts
from analysts.takedown.notices import texts


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"Added {texts.load_shipped_texts()} notice texts, {legal_texts.load_shipped()} legal texts.")
