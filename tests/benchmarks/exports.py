"""Rows a second and memory of exports of incidents, over an installation of its own that is removed afterwards.

    python -m tests.benchmarks.exports                       # 200,000 incidents, a minute
    python -m tests.benchmarks.exports --incidents 1000000 --folder DIR  # kept, and not filled again by the next run
    python -m tests.benchmarks.exports --order id            # rows of incidents where chance puts them

Written are all incidents: read, rendered, packed, sealed and stored, as the worker does it; and for comparison what
PostgreSQL alone needs to write as many columns of the same table, as they are and in any order. On a busy machine the
rows a second of processor time say more than those of elapsed time. Memory is the peak of this process, and what the
export added to it.

In life rows of incidents lie in the order of their arrival, as here by default. With `--order id` each lies on another
page than the ones beside it in the list, which no installation has.
"""

import os
import resource
import tempfile
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from time import perf_counter, process_time

from tests.benchmarks.incidents.installation import running_installation

ORDERS = {"arrival": "first_sighted, id", "id": "id"}
FEW = ["incident", "state", "priority", "received"]
# Columns of the table itself, as many as an export has.
PLAIN = (
    "id", "first_sighted", "state", "priority", "portals", "portal_languages", "last_sighted", "child_in_danger",
    "severity", "closing", "closed_on", "round", "stage", "waiting_since",
)  # fmt: skip


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.exports", description=__doc__)
    parser.add_argument("--incidents", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--order", choices=ORDERS, default="arrival")
    parser.add_argument("--xlsx", action="store_true", help="measure sheets, too")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portals-exports-") as passing,
        running_installation(options.folder or Path(passing)),
    ):
        measure(options.incidents, options.order, ["csv", "xlsx"] if options.xlsx else ["csv"])


def measure(incidents: int, order: str, formats: list[str]) -> None:
    # They need the installation.
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from analysts.exports.incident_table import COLUMNS  # noqa: PLC0415
    from countries.models import Portal  # noqa: PLC0415
    from tests.benchmarks.incidents import filled_once, people  # noqa: PLC0415

    call_command("create_keys", stdout=StringIO())
    call_command("load_catalogue", live=True, stdout=StringIO())
    portals = list(Portal.objects.order_by("slug"))
    analysts = people.create_analysts(portals)
    filled_once.load_or_fill(incidents, 0.4, portals, analysts, Path(settings.DATA_DIR), now=timezone.now())
    lay_out(order)
    usual = [name for name, column in COLUMNS.items() if column.is_usual]
    for columns in (["incident", "received"], FEW, usual, list(COLUMNS)):
        print(measure_copy(len(columns)), flush=True)
        for name in formats:
            print(measure_export(analysts[0].pk, name, columns), flush=True)


def lay_out(order: str) -> None:
    """Write the rows of incidents again, in this order."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX laid_out ON analysts_incident ({ORDERS[order]})")
        cursor.execute("CLUSTER analysts_incident USING laid_out")
        cursor.execute("DROP INDEX laid_out")
        cursor.execute("VACUUM (ANALYZE) analysts_incident")
        cursor.execute("CHECKPOINT")


def measure_copy(number: int) -> str:
    """PostgreSQL's own export of so many columns as they are, read and thrown away."""
    from django.db import connection  # noqa: PLC0415

    columns, rows = PLAIN[:number], 0
    began, served = perf_counter(), server_time()
    with connection.cursor() as cursor:
        statement = f"COPY (SELECT {', '.join(columns)} FROM analysts_incident) TO STDOUT (FORMAT csv)"
        with cursor.copy(statement) as copied:
            for _piece in copied:
                rows += 1
    seconds, server = perf_counter() - began, server_time() - served
    return (
        f"COPY of {len(columns)} columns by PostgreSQL alone: {rows:,} rows in {seconds:.2f} s: "
        f"{rows / seconds:,.0f} rows a second; processor {server:.2f} s: {rows / server:,.0f} rows a second of it"
    )


def measure_export(user_id: int, format_name: str, columns: list[str]) -> str:
    from analysts.exports.actions import order_export  # noqa: PLC0415
    from analysts.exports.writing import write_export  # noqa: PLC0415
    from analysts.models import Export, ExportFormat, ExportSubject, User  # noqa: PLC0415
    from analysts.pages.list_exports import TABLES  # noqa: PLC0415

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
