"""Rows a second and memory of exports of incidents, over an installation of its own that is removed afterwards.

    python -m tests.benchmarks.exports                       # 200,000 incidents, a minute
    python -m tests.benchmarks.exports --incidents 1000000 --folder DIR  # kept, and not filled again by the next run

Written are all incidents: read, rendered, packed, sealed and stored, as the worker does it. On a busy machine the rows
a second of processor time say more than those of elapsed time. Memory is the peak of this process, and what the export
added to it.
"""

import os
import resource
import tempfile
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from time import perf_counter, process_time

from tests.benchmarks.incidents.installation import running_installation


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.exports", description=__doc__)
    parser.add_argument("--incidents", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portals-exports-") as passing,
        running_installation(options.folder or Path(passing)),
    ):
        measure(options.incidents)


def measure(incidents: int) -> None:
    # They need the installation.
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from analysts.exports.columns import COLUMNS  # noqa: PLC0415
    from analysts.models import Incident  # noqa: PLC0415
    from countries.models import Portal  # noqa: PLC0415
    from reports import keys  # noqa: PLC0415
    from reports.models import KeyClass, SealingKey  # noqa: PLC0415
    from tests.benchmarks.incidents import facets, fill, people, takedowns  # noqa: PLC0415

    now = timezone.now()
    call_command("create_keys", stdout=StringIO())
    call_command("load_catalogue", live=True, stdout=StringIO())
    portals = list(Portal.objects.order_by("slug"))
    analysts = people.create_analysts(portals)
    if not Incident.objects.exists():
        key = SealingKey.objects.get(pk=keys.public_key(now, KeyClass.ADDRESSES).id)
        fill.fill_tables(incidents, waiting=0.4, portals=portals, people=analysts, key=key, now=now)
        words = SealingKey.objects.get(pk=keys.public_key(now, KeyClass.WORDS).id)
        takedowns.fill_takedowns(by=analysts[0], words=words, now=now)
        facets.fill_facets()
        fill.vacuum_all()
    usual = [column.name for column in COLUMNS if column.is_usual]
    for columns in (usual, [column.name for column in COLUMNS]):
        for name in ("csv", "xlsx"):
            print(measure_export(analysts[0].pk, name, columns), flush=True)


def measure_export(user_id: int, format_name: str, columns: list[str]) -> str:
    from analysts.exports.actions import order_export  # noqa: PLC0415
    from analysts.exports.writing import write_export  # noqa: PLC0415
    from analysts.models import Export, ExportFormat, ExportSubject, User  # noqa: PLC0415
    from analysts.pages.export_tables import TABLES  # noqa: PLC0415

    Export.objects.all().delete()
    by = User.objects.get(pk=user_id)
    export = order_export(by=by, subject=ExportSubject.INCIDENTS, format=ExportFormat(format_name), columns=columns)
    memory, began, busy, served = peak_memory(), perf_counter(), process_time(), server_time()
    write_export(export_id=export.pk, tables=TABLES)
    seconds, own, server = perf_counter() - began, process_time() - busy, server_time() - served
    export.refresh_from_db()
    return (
        f"{format_name} with {len(columns)} columns: {export.written:,} of {export.total:,} rows, {export.state}, "
        f"{export.size / 1e6:.1f} MB in {seconds:.2f} s: {export.written / seconds:,.0f} rows a second; processor "
        f"{own:.2f} s here and {server:.2f} s in PostgreSQL: {export.written / (own + server):,.0f} rows a second of "
        f"it; peak {peak_memory() / 1024:.0f} MB (+{(peak_memory() - memory) / 1024:.0f} MB)"
    )


def server_time() -> float:
    """Processor seconds of the PostgreSQL process that serves this connection."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory() -> int:
    """In kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
