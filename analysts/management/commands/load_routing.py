"""`manage.py load_routing`: load the default routing rules of a new installation."""

from django.core.management.base import BaseCommand

from analysts.takedown.routing import catalogue


class Command(BaseCommand):
    help = "Load the default routing rules. Does nothing if there are rules, because operators may have changed them."

    def handle(self, *args: object, **options: object) -> None:
        if catalogue.load_rules():
            self.stdout.write(f"Loaded {len(catalogue.RULES)} rules. Operators can change them under “Routing rules”.")
        else:
            self.stdout.write("There are already rules; nothing was changed.")
