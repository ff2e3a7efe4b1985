"""`manage.py lockdown`: end all sessions, stop staff sign-in or the public role, and say what to rotate."""

from argparse import ArgumentParser
from collections.abc import Iterable

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from portal_site import lockdown

GUIDE = "docs/guides/incident-response.md"
NEW_KEY = 'SECRET_KEY "$(openssl rand -hex 32)"'

# Secrets that an attacker on the staff side may hold, and how to replace them.
ROTATE_STAFF = (
    "The staff surface's SECRET_KEY: move the old one to SECRET_KEY_FALLBACKS in /etc/portals/staff.env until every "
    f"person has a new second factor, then deploy/set-value /etc/portals/staff.env {NEW_KEY}, "
    "deploy/manage owner grant_roles, and restart portals-staff and portals-worker.",
    "Passwords and second factors: two administrators restore the access of each account, each other's first.",
    "Sealing keys: deploy/manage keys rotate_keys KEY_ID for each file words-* and addresses-* of the keyring's folder "
    "`private`, then mirror `public` to every public server and back up. The fingerprint key cannot be replaced.",
    "The key of batches: remove private/handoff.key, run deploy/manage keys create_keys, and take the new "
    "public key to each workstation.",
    "Keys of members of the URL list, and links in notices: an administrator closes each key and sends a new one.",
    "The mail account's password (MAIL_PASSWORD in /etc/portals/worker.env), and the staff host's certificate and key.",
    "Database passwords, where there are any (containers): new files in secrets/, then grant_roles with them.",
)
# Secrets that an attacker on the public side may hold.
ROTATE_PUBLIC = (
    f"The public surface's SECRET_KEY: deploy/set-value /etc/portals/public.env {NEW_KEY}, and restart portals-public.",
    "Its access to the database: on two machines the certificate portals_public (deploy/two-machines/certificates), in "
    "containers its password; on one machine the system user is its access.",
    "The public host's certificate and key, and the onion service's key.",
    "Not the sealing keys: a public server has public halves only. Compare them with the staff side: sha256sum.",
)


class Command(BaseCommand):
    help = (
        "End all sessions of staff, and with --sign-in or --public stop sign-in or the public database role, until "
        "--lift. Each step is recorded in the audit log. Run it as the database's owner. Safe to run again. "
        f"The sequence of an incident: {GUIDE}."
    )
    # A broken setting elsewhere must not keep anyone from locking down.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sign-in", action="store_true", help="no member of staff can sign in")
        parser.add_argument("--public", action="store_true", help="the public role loses every privilege")
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--lift", action="store_true", help="end it: both parts, or those named")
        group.add_argument("--status", action="store_true", help="show what is stopped and change nothing")

    def handle(self, *args: object, sign_in: bool, public: bool, lift: bool, status: bool, **options: object) -> None:
        if not settings.STAFF:
            raise CommandError("Run it on the staff side: deploy/manage owner lockdown.")
        if status:
            self._show_status()
            return
        now = timezone.now()
        if lift:
            is_both = not (sign_in or public)
            reports = list(lockdown.lift_lockdown(sign_in=sign_in or is_both, public=public or is_both, now=now))
        else:
            reports = list(lockdown.start_lockdown(sign_in=sign_in, public=public, now=now))
        self._show_reports(reports)
        if not lift:
            self._show_rotation(public=public)
        self._show_status()
        if failed := sorted({report.name for report in reports if report.fault}):
            raise CommandError(f"NOT DONE: {', '.join(failed)}. Do what is said above by hand, now.")
        if any(report.unrecorded for report in reports):
            raise CommandError("Done, but not all of it is in the audit log: write down the time and who did it.")

    def _show_reports(self, reports: Iterable[lockdown.StepReport]) -> None:
        for report in reports:
            if report.sentence:
                self.stdout.write(f"done    {report.name}: {report.sentence}")
            if report.fault:
                self.stdout.write(f"FAILED  {report.name}: {report.fault}\n        {report.instead}")
            if report.sentence and report.unrecorded:
                self.stdout.write(f"        Not in the audit log: {report.unrecorded}")

    def _show_rotation(self, *, public: bool) -> None:
        self.stdout.write(f"\nRotate what the attacker may hold ({GUIDE} says when):")
        for number, sentence in enumerate([*(ROTATE_PUBLIC if public else ()), *ROTATE_STAFF], 1):
            self.stdout.write(f"{number}. {sentence}")
        self.stdout.write("")

    def _show_status(self) -> None:
        try:
            stopped = lockdown.stopped_since()
        except DatabaseError as error:
            self.stdout.write(f"State unknown: the database does not answer ({str(error).splitlines()[0]}).")
            return
        for part, since in stopped.items():
            self.stdout.write(f"{part}: " + (f"stopped since {since}" if since else "works"))
