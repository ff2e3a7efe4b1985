#!/usr/bin/env python3
"""Django's command line. Where no database is named it brings one of its own (portal_site/database/embedded.py)."""

import os
import signal
import sys

from portal_site import demo, environment
from portal_site.database.programs import EmbeddedServerError

# Commands that read no row.
WITHOUT_SERVER = (["read_addresses"],)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal_site.settings")
    # The usual end of a terminated process skips the tidying up, and the embedded server would stay behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        if sys.argv[1:2] == ["run_demo"]:
            demo.prepare_demo()
        elif not environment.names_database():
            environment.complete_environment(server=sys.argv[1:2] not in WITHOUT_SERVER)
    except (demo.DemoError, EmbeddedServerError) as error:
        sys.exit(str(error))

    # They read the settings, set above.
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
