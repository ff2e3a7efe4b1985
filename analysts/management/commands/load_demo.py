"""`manage.py load_demo`: load demonstration data: staff, and a year of reports and decisions."""

import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from analysts import demonstration
from analysts.models import User


class Command(BaseCommand):
    help = "Load staff and made-up reports into an empty demonstration (DEMO=1). Does nothing if there are staff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reports", type=int, default=demonstration.REPORTS, help="Number of reports to create.")

    def handle(self, *args: object, reports: int, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo runs in demonstrations only: set DEMO=1.")
        if User.objects.exists():
            self.stdout.write("There are already staff accounts; nothing was loaded.")
            return
        with connection.cursor() as cursor:
            # An interrupted load starts again from an empty database, so commits need not wait for the disk.
            cursor.execute("SET synchronous_commit = off")
        call_command("create_keys", months_back=13, stdout=self.stdout)
        call_command("load_recipients", stdout=self.stdout)
        call_command("load_routing", stdout=self.stdout)
        call_command("load_notice_texts", stdout=self.stdout)
        accounts = demonstration.create_staff()
        with demonstration.set_passwords_after(accounts):
            incidents = demonstration.live_a_year(reports=reports)
            demonstration.close_periods(now=timezone.now())
        path = settings.DATA_DIR / "demo-accounts.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(f"{account.username} {account.role} {account.password}\n" for account in accounts)
        self.stdout.write(f"Created {reports} reports with {incidents} incidents.")
        self.stdout.write("Accounts of this demonstration, for the demonstration only (user, role, password):")
        for account in accounts:
            self.stdout.write(f"  {account.username:<14} {account.role:<14} {account.password}")
        self.stdout.write(f"They are also in {path}.")
