"""A URL list with millions of entries.

Like life: the rows, their width, their indexes; each twentieth entry is removed; what is read for a figure is
sealed for its own row and opens: the oldest READ entries, which the full list begins with, and the newest CHANGED.

Unlike life: all others hold the bytes of one of those and would not open, as nothing reads them but the database.
Entries stand without incidents and verdicts (no foreign key is asked while they are made): the feed reads neither.
"""

from collections.abc import Iterable
from datetime import date
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from analysts.models import UrlListEntry, UrlListState
from reports import keys
from reports.models import KeyClass
from tests.benchmarks.url_list.results import FilledList
from tests.benchmarks.url_list.sealing import CHUNK, Sealed, Spread, seal_versions

READ, CHANGED = 100_000, 10_000
TABLE = UrlListEntry._meta.db_table
COPY = (
    f"COPY {TABLE} (version, id, incident_id, sealed, assessment_id, added_on, removed_on, review_on, key_id)"
    " FROM STDIN WITH (FORMAT BINARY)"
)
TYPES = ["int8", "uuid", "uuid", "bytea", "uuid", "date", "date", "date", "varchar"]
OTHERS = f"""
    INSERT INTO {TABLE} (version, id, incident_id, sealed, assessment_id, added_on, removed_on, review_on, key_id)
    SELECT n, gen_random_uuid(), gen_random_uuid(), sample.sealed, gen_random_uuid(), %(today)s,
        CASE WHEN n %% 20 = 0 THEN %(today)s::date END, %(today)s, %(key)s
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS numbers (n)
    JOIN (SELECT row_number() OVER (ORDER BY version) - 1 AS nth, sealed FROM {TABLE} WHERE version <= 1000) AS sample
        ON sample.nth = n %% (SELECT least(1000, count(*)) FROM {TABLE} WHERE version <= 1000)
"""


def fill_list(entries: int, spread: Spread) -> FilledList:
    """Returns how many there are and which open."""
    call_command("create_keys", stdout=StringIO())
    key = keys.public_key(timezone.now(), KeyClass.ADDRESSES)
    read, changed = min(READ, entries), min(CHANGED, entries)
    oldest, newest = range(1, read + 1), range(max(read, entries - changed) + 1, entries + 1)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for numbers in (oldest, newest):
            tasks = [(key.id, key.raw, first, min(first + CHUNK, numbers.stop) - 1) for first in numbers[::CHUNK]]
            _copy_entries(cursor, spread(seal_versions, tasks), key.id)
        between: dict[str, int | str | date] = {
            "first": oldest.stop,
            "last": newest.start - 1,
            "today": timezone.now().date(),
            "key": key.id,
        }
        cursor.execute(OTHERS, between)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute(f"VACUUM ANALYZE {TABLE}")
    UrlListState.objects.update_or_create(pk=1, defaults={"version": entries})
    live = UrlListEntry.objects.filter(removed_on=None).count()
    return {"entries": entries, "live": live, "oldest_sealed": read, "newest_sealed": changed}


def _copy_entries(cursor: CursorWrapper, chunks: Iterable[list[Sealed]], key_id: str) -> None:
    today = timezone.now().date()
    with cursor.copy(COPY) as copy:
        copy.set_types(TYPES)
        for chunk in chunks:
            for version, entry, incident, content in chunk:
                removed_on = None if version % 20 else today
                copy.write_row((version, entry, incident, content, incident, today, removed_on, today, key_id))
