"""Loading a demonstration in two steps: what its first page needs, and the year behind it."""

import os
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from analysts.demonstration.earlier_figures import close_periods
from analysts.demonstration.staff import DemoAccount, create_staff
from analysts.demonstration.year import REPORTS, live_a_year

# The keys of the year's months, and of the month before.
MONTHS = 13
ACCOUNTS = "demo-accounts.txt"


def commit_without_waiting() -> None:
    """Let this connection's commits not wait for the disk: a first start that was interrupted is made up again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


def load_staff() -> list[DemoAccount]:
    """The keys of a year, recipients, routes, texts of notices, and staff, whose passwords the caller sets."""
    call_command("create_keys", months_back=MONTHS, stdout=StringIO())
    for lists in ("load_recipients", "load_routing", "load_notice_texts"):
        call_command(lists, stdout=StringIO())
    return create_staff()


def load_year(*, reports: int = REPORTS, tell_percent: Callable[[int], object] = lambda percent: None) -> int:
    """Reports, decisions and takedowns of a year, and its closed quarters. Returns the number of incidents."""
    commit_without_waiting()
    incidents = live_a_year(reports=reports, tell_percent=tell_percent)
    close_periods(now=timezone.now())
    with connection.cursor() as cursor:
        # Jobs of the year's acts wait for the worker, which starts now: none is months late.
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at < now()"
        )
    return incidents


def accounts_in_words(accounts: Iterable[DemoAccount]) -> str:
    """The accounts with their passwords, for the terminal: shown once."""
    lines = (f"  {account.username:<14} {account.role:<14} {account.password}" for account in accounts)
    return "\n".join(["Accounts of this demonstration, for the demonstration only (user, role, password):", *lines])


def write_accounts(accounts: Iterable[DemoAccount]) -> Path:
    """Write the accounts with their passwords to a file that only its owner reads."""
    path = settings.DATA_DIR / ACCOUNTS
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{account.username} {account.role} {account.password}\n" for account in accounts)
    return path
