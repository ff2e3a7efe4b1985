"""`manage.py import_history`: read the export of a former system; two senior analysts then import it."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from analysts.codes.imports import RowRefusal
from analysts.imports.actions import prepare_import
from analysts.imports.forms import read_time_zone
from analysts.imports.raw_rows import ReadOptions
from analysts.imports.views import ranges_of
from analysts.models import ImportFormat
from countries.models import Portal
from countries.words.translated_rows import FileRefused


class Command(BaseCommand):
    help = (
        "Read the export of a former system from standard input, and keep its rows sealed. Nothing is imported: senior "
        "analysts map its codes on the page “History of a former system”, see the counts, and two of them import it. "
        "Decrypt the file into the command (gpg --decrypt FILE | manage.py import_history ...), never onto a disk."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", required=True, help="Short name of the former system, such as scart-2019.")
        parser.add_argument("--format", required=True, choices=ImportFormat.values)
        parser.add_argument("--time-zone", default="UTC", help="Of its server, such as Europe/Amsterdam.")
        parser.add_argument("--day-first", action="store_true", help="Dates are 31/03/2026, not 2026-03-31.")
        parser.add_argument("--portal", default="", help="Whose analysts see open cases; all analysts without it.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            history = prepare_import(
                by=None,
                source=options["source"],
                format=ImportFormat(options["format"]),
                portal=_find_portal(options["portal"]),
                file=sys.stdin.buffer,
                options=ReadOptions(is_day_first=options["day_first"], time_zone=read_time_zone(options["time_zone"])),
            )
        except (FileRefused, ValidationError) as error:
            message = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise CommandError(f"{message} Nothing was taken.") from error
        for name, numbers in history.refusals.items():
            self.stdout.write(f"Cannot be taken, {RowRefusal(name).label}: rows {', '.join(ranges_of(numbers))}")
        self.stdout.write(
            f"Import {history.pk}: {history.rows} rows read, SHA-256 {history.digest}. Nothing is imported yet."
        )


def _find_portal(slug: str) -> Portal | None:
    if not slug:
        return None
    portal = Portal.objects.filter(slug=slug).first()
    if portal is None:
        raise CommandError(f"There is no portal {slug}.")
    return portal
