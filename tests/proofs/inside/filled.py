"""Fills the database of an installation under rehearsal: run inside it by the proof `releases`, as `postgres`.

`python filled.py NUMBER`, with the settings in the environment; the benchmark's folder lies beside this file.
"""

import os
import sys
from pathlib import Path

sys.path[:0] = ["/srv/portals", str(Path(__file__).resolve().parent)]

# As the benchmark of analysts' pages.
WAITING = 0.4


def fill(number: int) -> None:
    import django  # noqa: PLC0415 - found through the path above

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal_site.settings")
    django.setup()
    from django.utils import timezone  # noqa: PLC0415 - after setup

    from countries.models import Portal  # noqa: PLC0415
    from reports.models import KeyClass, KeyState, SealingKey  # noqa: PLC0415
    from tests.benchmarks.incidents import fill, people  # noqa: PLC0415

    now = timezone.now()
    portals = list(Portal.objects.order_by("pk"))
    # Only of the database: this user may not read the keyring.
    key = SealingKey.objects.filter(key_class=KeyClass.ADDRESSES, state=KeyState.OPEN).earliest("month")
    analysts = people.create_analysts(portals)
    filled = fill.fill_tables(number, waiting=WAITING, portals=portals, people=analysts, key=key, now=now)
    fill.vacuum_tables()
    print(filled.rows["analysts_incident"])


if __name__ == "__main__":
    fill(int(sys.argv[1]))
