from django.core.management.base import BaseCommand

from audit import chain


class Command(BaseCommand):
    help = "Print the newest anchor of the audit chain (number:hash), to be stored where this server cannot write."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(str(chain.newest_anchor()))
