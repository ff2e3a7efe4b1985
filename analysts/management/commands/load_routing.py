"""`manage.py load_routing`: the usual rules of where incidents go, for an installation that has none."""

from typing import Any

from django.core.management.base import BaseCommand

from analysts.takedown.routing import catalogue


class Command(BaseCommand):
    help = "Load the usual rules of where incidents go. Does nothing where there are rules: operators keep them."

    def handle(self, *args: Any, **options: Any) -> None:
        if catalogue.load_rules():
            self.stdout.write(f"Loaded {len(catalogue.RULES)} rules. Operators change them under “Where things go”.")
        else:
            self.stdout.write("There are rules already; nothing was changed.")
