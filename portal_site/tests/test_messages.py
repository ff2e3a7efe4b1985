"""Compiling catalogues without gettext."""

import gettext
import os
from pathlib import Path

import pytest

from portal_site import messages

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Report"
msgstr "Denunciar"

#, fuzzy
msgid "Receipt"
msgstr "Receta"

msgctxt "state"
msgid "gone"
msgstr "ya no está"
"""


@pytest.fixture
def po(tmp_path: Path) -> Path:
    path = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE)
    return path


def test_compiled_catalogue_holds_what_was_translated_and_no_guess(po: Path) -> None:
    with messages.compile_catalogue(po).open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Report") == "Denunciar"
    assert compiled.pgettext("state", "gone") == "ya no está"
    assert compiled.gettext("Receipt") == "Receipt"
    assert [path.name for path in sorted(po.parent.iterdir())] == ["django.mo", "django.po"]


def test_catalogue_is_stale_until_compiled_and_again_when_changed(po: Path, tmp_path: Path) -> None:
    assert messages.stale_catalogues(tmp_path) == [po]
    mo = messages.compile_catalogue(po)
    assert messages.stale_catalogues(tmp_path) == []
    os.utime(po, (mo.stat().st_mtime + 1, mo.stat().st_mtime + 1))
    assert messages.stale_catalogues(tmp_path) == [po]
