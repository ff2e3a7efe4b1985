"""`manage.py write_error_pages`: the web server's own pages, in all languages that have their words now."""

import io
import sys
import tarfile
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import connection

from countries.public.web_server_pages import PAGES_WRITTEN, build_pages, digest_pages
from countries.words.language_memory import renew_languages
from countries.words.overlay import renew_texts


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("folder", nargs="?", type=Path, help="where the files are written")
        where.add_argument("--tar", action="store_true", help="write an archive of the files to standard output")

    def handle(self, *args: object, folder: Path | None, tar: bool, **options: object) -> None:
        renew_languages()
        renew_texts()
        pages = build_pages()
        if folder is not None:
            for name, page in pages.items():
                # Replaced as a whole: the web server may read it at any moment.
                new = folder / f"{name}.new"
                new.write_text(page, encoding="utf-8")
                new.replace(folder / name)
            self.stdout.write(f"Wrote {', '.join(pages)}.")
        else:
            sys.stdout.buffer.write(_build_archive(pages))
        PAGES_WRITTEN.write(connection, digest_pages(pages))


def _build_archive(pages: Mapping[str, str]) -> bytes:
    archive_bytes = io.BytesIO()
    with tarfile.open(fileobj=archive_bytes, mode="w") as archive:
        for name, page in pages.items():
            content = page.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return archive_bytes.getvalue()
