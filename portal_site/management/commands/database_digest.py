"""`manage.py database_digest`: one line to compare a database with its restored copy."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from portal_site.database import digest as database_digest


class Command(BaseCommand):
    help = "Print one digest over every row of every table. The database role must be allowed to read them all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tables", action="store_true", help="one line for each table first, to find a difference")
        parser.add_argument(
            "--snapshot",
            default="",
            metavar="id",
            help="the moment that another session exported (pg_export_snapshot), for a dump of the same moment",
        )

    def handle(self, *args: object, tables: bool, snapshot: str, **options: object) -> None:
        digest = database_digest.of_database(snapshot=snapshot)
        if tables:
            for table in digest.tables:
                self.stdout.write(f"{table.sha256} {table.rows} {table.table}")
        self.stdout.write(str(digest))
