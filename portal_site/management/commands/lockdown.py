"""`manage.py lockdown`: end all sessions, stop parts of the installation, and say what to rotate."""

from argparse import ArgumentParser
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from countries.table_marks import LockdownPart
from portal_site import lockdown

GUIDE = "docs/guides/incident-response.md"
NEW_KEY = 'SECRET_KEY "$(openssl rand -hex 32)"'

# Secrets that an attacker on the staff side may hold, and how to replace them.
ROTATE_STAFF = (
    "The staff surface's SECRET_KEY: move the old one to SECRET_KEY_FALLBACKS in /etc/portals/staff.env until every "
    f"person has a new second factor, then deploy/set-value /etc/portals/staff.env {NEW_KEY}, "
    "deploy/manage owner grant_roles, and restart portals-staff, portals-intake and portals-worker.",
    "Passwords and second factors: two administrators restore the access of each account, each other's first.",
    "Sealing keys: deploy/manage keys rotate_keys KEY_ID for each file words-* and addresses-* of the keyring's folder "
    "`private`, then mirror `public` to every public server and back up. The fingerprint key cannot be replaced.",
    "The keys of batches and anchors: remove handoff.key, results.key and anchor.key of the keyring's folder "
    "`private`, run deploy/manage keys create_keys, take the new public key of batches to each workstation, and that "
    "of anchors to the auditors.",
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


# The option of each part, with its help.
OPTIONS: Mapping[LockdownPart, str] = {
    LockdownPart.SIGN_IN: "no member of staff can sign in; stops sending, members and publishing as well",
    LockdownPart.PUBLIC: "the public role loses every privilege",
    LockdownPart.SENDING: "no letter to a recipient leaves",
    LockdownPart.MEMBERS: "members cannot fetch the URL list",
    LockdownPart.PUBLISHING: "no portal opens by its date, no receipt's state and no statistics are published",
}


class Command(BaseCommand):
    help = (
        "End all sessions of staff, and stop the parts that are named, until --lift. With --sending, --members or "
        "--publishing alone sessions go on. Each step is recorded in the audit log. Run it as the database's owner. "
        "Safe to run again. "
        f"The sequence of an incident: {GUIDE}."
    )
    # A broken setting elsewhere must not keep anyone from locking down.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        for part, text in OPTIONS.items():
            parser.add_argument(f"--{part}", dest="parts", action="append_const", const=part, help=text)
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--lift", action="store_true", help="end it: all parts, or those named")
        group.add_argument("--status", action="store_true", help="show what is stopped and change nothing")

    def handle(
        self, *args: object, parts: list[LockdownPart] | None, lift: bool, status: bool, **options: object
    ) -> None:
        if not settings.STAFF:
            raise CommandError("Run it on the staff side: deploy/manage owner lockdown.")
        if status:
            self._show_status()
            return
        now, parts = timezone.now(), parts or []
        if lift:
            reports = list(lockdown.lift_lockdown(parts=parts or list(LockdownPart), now=now))
        else:
            reports = list(lockdown.start_lockdown(parts=parts, now=now))
        self._show_reports(reports)
        if not lift:
            self._show_rotation(public=LockdownPart.PUBLIC in parts)
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
