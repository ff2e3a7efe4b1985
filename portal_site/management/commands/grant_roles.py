"""`manage.py grant_roles`: the database roles of the two surfaces. Run by the owner, after each migration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal_site import roles


class Command(BaseCommand):
    help = (
        "Create the database roles of the staff and the public surface and grant each exactly what it needs. "
        "Passwords are read from STAFF_DB_PASSWORD and PUBLIC_DB_PASSWORD (or files named by ..._FILE)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        roles.grant(
            staff_password=settings.STAFF_DB_PASSWORD,
            public_password=settings.PUBLIC_DB_PASSWORD,
        )
        self.stdout.write(f"Granted: {roles.STAFF}, {roles.PUBLIC}.")
