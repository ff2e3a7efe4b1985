"""A catalogue alone adds a language; every other part of it exists or is reported as missing."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from analysts.models import RecipientKind
from countries.words.sources import language_tags
from portal_site import language_checklist
from portal_site.language_checklist import ERROR_PAGES, ITEMS, language_gaps
from portal_site.tests.test_translations import PROMISED

pytestmark = pytest.mark.django_db

# Texts that a reporter may need in danger or when something fails.
PUBLIC = {"translated words", "plural rule and placeholders", "crisis words", "error pages", "digits"}
CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: templates/reports/report.html
msgid "Send the report"
msgstr "Dir warbixinta"
"""


def lacking(tag: str) -> set[str]:
    return {gap.item.name for gap in language_gaps(tag)}


def report(*options: str) -> dict[str, list[str]]:
    """The command's lines for each language."""
    output = StringIO()
    call_command("portal_languages", *options, stdout=output)
    blocks: dict[str, list[str]] = {}
    for line in output.getvalue().splitlines():
        if not line.startswith(" "):
            block = blocks.setdefault(line.split(":")[0], [])
        block.append(line)
    return blocks


@pytest.mark.parametrize("tag", PROMISED)
def test_promised_language_lacks_nothing_that_a_reporter_meets(tag: str) -> None:
    assert {item.name for item in ITEMS} > PUBLIC
    assert lacking(tag) & PUBLIC == set()


def test_every_language_is_said_to_have_or_to_lack_each_item() -> None:
    written = report("--check")
    assert written.keys() >= set(language_tags())
    for tag in language_tags():
        has = next(line for line in written[tag] if line.startswith("    has: "))
        lacks = [line.split(": ")[1] for line in written[tag] if line.startswith("    lacks: ")]
        assert {*has.removeprefix("    has: ").split(", "), *lacks} == {item.name for item in ITEMS}
        assert set(lacks) == lacking(tag)


def test_new_language_needs_its_catalogue_and_is_said_to_lack_the_rest(tmp_path: Path, settings: Any) -> None:
    po = tmp_path / "so" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("so", "Somali")]
    po.write_text(CATALOGUE)
    written = report("--check")["so"]
    assert "1 of 1 translated" in written[0]
    # Babel's next release may know all names of countries in it.
    assert [line.removesuffix(", country names") for line in written[1:5]] == [
        "    has: translated words, plural rule and placeholders, error pages in use, launch kit, "
        "names of contacts and partners, digits",
        "    lacks: crisis words: 10 of 10 phrases (Interface texts, or reports/safety/languages.toml); "
        "instead: no help for a reporter in need",
        "    lacks: error pages: away.html, too-large.html (deploy/nginx/pages); instead: the other languages",
        f"    lacks: notice texts: {', '.join(RecipientKind)} "
        "(analysts/takedown/notices/shipped/so.toml); instead: English notices",
    ]


def test_region_of_a_language_has_what_the_language_has() -> None:
    assert lacking("pt-br") & (PUBLIC - {"translated words"}) == set()
    assert [gap.what for gap in language_gaps("pt-br")] == [gap.what for gap in language_gaps("pt")]


def test_source_language_has_all() -> None:
    assert language_gaps(settings.LANGUAGE_CODE) == []


def test_language_of_one_error_page_alone_lacks_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = (ERROR_PAGES / "away.html").read_text(encoding="utf-8")
    (tmp_path / "away.html").write_text(away.replace('lang="sw"', 'lang="so"'), encoding="utf-8")
    monkeypatch.setattr(language_checklist, "ERROR_PAGES", tmp_path)
    # Not translated here either.
    monkeypatch.setattr(language_checklist, "languages_of_page", lambda _name: [])
    assert [gap.what for gap in language_gaps("sw") if gap.item.name == "error pages"] == ["away.html"]
    # As in an image, which contains no part of the web server.
    monkeypatch.setattr(language_checklist, "ERROR_PAGES", tmp_path / "none")
    assert [gap.what for gap in language_gaps("en")] == ["not looked at: the folder is not here"]
