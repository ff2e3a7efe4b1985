"""`manage.py grant_roles`: the database roles of the surfaces. Run by the owner, after each migration."""

from itertools import combinations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from countries.table_marks import PUBLIC_STOPPED
from portal_site import secret_key_fingerprint
from portal_site.database import roles


class Command(BaseCommand):
    help = (
        "Create the database roles of all surfaces and of the machine’s readings, and grant each exactly what it "
        "needs. "
        "Passwords are read from STAFF_DB_PASSWORD, PUBLIC_DB_PASSWORD and SOURCES_DB_PASSWORD (or files named by "
        "..._FILE). "
        "Run with the staff surface's settings, it also leaves the mark by which the public surface knows that its "
        "SECRET_KEY is another one."
    )

    def handle(self, *args: object, **options: object) -> None:
        names = ("STAFF_DB_PASSWORD", "PUBLIC_DB_PASSWORD", "SOURCES_DB_PASSWORD")
        for one, other in combinations(names, 2):
            if getattr(settings, one) and getattr(settings, one) == getattr(settings, other):
                raise CommandError(f"{one} and {other} are the same: each surface has its own.")
        roles.grant_roles(
            staff_password=settings.STAFF_DB_PASSWORD,
            public_password=settings.PUBLIC_DB_PASSWORD,
            sources_password=settings.SOURCES_DB_PASSWORD,
        )
        if settings.STAFF:
            secret_key_fingerprint.write_fingerprint(connection, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
        if (since := PUBLIC_STOPPED.read(connection)) is None:
            self.stdout.write(f"Granted: {roles.STAFF}, {roles.PUBLIC}.")
        else:
            self.stdout.write(
                f"Granted: {roles.STAFF}. {roles.PUBLIC} has been stopped since {since}: manage.py lockdown --lift"
            )
