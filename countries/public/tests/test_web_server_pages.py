"""The web server's own pages: as a release has them, with what speakers translated, and when they are stale."""

import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from countries.models import ApprovedText, Language
from countries.public import web_server_pages
from countries.public.web_server_pages import PAGES_WRITTEN, WEB_SERVER_PAGES, are_pages_stale, build_shipped_pages
from countries.words import language_memory, overlay
from countries.words.sources import SourceText

SHIPPED = Path(settings.BASE_DIR, "deploy", "nginx", "pages")


def test_shipped_files_are_what_the_command_writes() -> None:
    """Line by line: words of a catalogue that is not translated yet are in the files alone."""
    for name, page in build_shipped_pages().items():
        lines = (SHIPPED / name).read_text(encoding="utf-8").splitlines()
        assert [line for line in page.splitlines() if line not in lines] == []


@pytest.mark.django_db
def test_command_writes_what_speakers_translated_and_pages_become_stale(tmp_path: Path, capsysbinary: Any) -> None:
    assert not are_pages_stale(connection)
    Language.objects.create(
        tag="ps", name="پښتو", english_name="Pashto", direction="rtl", digits="arabext", is_open=True, shows_words=True,
        plural_rule="nplurals=2; plural=(n != 1);",
    )  # fmt: skip
    english = str(WEB_SERVER_PAGES["too-large.html"].words)
    source = SourceText("", english, "", (), "")
    ApprovedText.objects.create(language="ps", digest=source.digest, singular=english, forms=["متن <ډېر> اوږد دی"])
    language_memory.renew_languages()
    overlay.renew_texts()
    assert are_pages_stale(connection)
    assert web_server_pages.languages_of_page("away.html")[-1] != "ps"

    call_command("write_error_pages", str(tmp_path))
    page = (tmp_path / "too-large.html").read_text(encoding="utf-8")
    assert '<p lang="ps" dir="rtl">متن ' in page
    assert "<ډېر>" not in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["away.html", "too-large.html"]
    assert not are_pages_stale(connection)

    capsysbinary.readouterr()
    call_command("write_error_pages", "--tar")
    with tarfile.open(fileobj=BytesIO(capsysbinary.readouterr().out)) as archive:
        assert archive.extractfile("too-large.html").read().decode() == page  # type: ignore[union-attr]
    PAGES_WRITTEN.remove(connection)
