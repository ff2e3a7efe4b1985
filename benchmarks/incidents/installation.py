"""An installation of its own, in a folder of its own: never the demo's."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal_site import embedded


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """Django on an embedded PostgreSQL in the folder, with tables and without a row; stopped at the end.

    Only then can models be imported.
    """
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "portal_site.settings",
        "DATA_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "KEYRING": str(folder / "keyring"),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SURFACE": "all",
        "DEMO": "0",
        "REQUIRE_MFA": "0",
        # What the client of pages is asked for.
        "ALLOWED_HOSTS": "testserver",
        # Measured at any time of day, and for longer than a claim lasts.
        "CUT_OFF": "",
        "CLAIM_MINUTES": "480",
        "DATABASE_URL": embedded.start(folder),
    }
    import django  # noqa: PLC0415 - reads the environment that is set above

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - the same
    from django.db import connection  # noqa: PLC0415 - the same

    try:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield
    finally:
        connection.close()
        embedded.stop(folder)
