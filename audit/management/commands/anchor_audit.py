from typing import Any

from django.core.management.base import BaseCommand

from audit import chain


class Command(BaseCommand):
    help = "Prints the audit chain's anchor, number:hash, to be kept where this server cannot write."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(chain.newest_anchor()))
