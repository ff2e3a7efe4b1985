"""`manage.py create_administrator USERNAME`: create the first account, which can create all others in the admin."""

import getpass
import sys
from argparse import ArgumentParser

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from analysts.accounts.account_mails import announce_account
from analysts.codes import Role
from analysts.models import User
from audit.actions import record_event


class Command(BaseCommand):
    help = "Create an administrator's account. Asks for the password; without a terminal, reads it from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: object, **options: object) -> None:
        user = User(username=User.normalize_username(options["username"]), role=Role.ADMINISTRATOR)
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        user.set_password(password)
        try:
            user.full_clean()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        with transaction.atomic():
            user.save()
            record_event(by=None, action="user.add", on=user, details={"role": user.role})
            announce_account()
        self.stdout.write(f"Created {user.username}. Sign in and set up a second factor.")
