"""`manage.py load_demo`: load demonstration data: staff, and a year of reports and decisions."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analysts.demonstration import loading
from analysts.demonstration.staff import set_passwords_after
from analysts.demonstration.year import REPORTS
from analysts.models import User


class Command(BaseCommand):
    help = "Load staff and made-up reports into an empty demonstration (DEMO=1). Does nothing if there are staff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reports", type=int, default=REPORTS, help="Number of reports to create.")

    def handle(self, *args: object, reports: int, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo runs in demonstrations only: set DEMO=1.")
        if User.objects.exists():
            self.stdout.write("There are already staff accounts; nothing was loaded.")
            return
        accounts = loading.load_staff()
        with set_passwords_after(accounts):
            incidents = loading.load_year(reports=reports)
        path = loading.write_accounts(accounts)
        self.stdout.write(f"Created {reports} reports with {incidents} incidents.")
        self.stdout.write(loading.accounts_in_words(accounts))
        self.stdout.write(f"They are also in {path}.")
