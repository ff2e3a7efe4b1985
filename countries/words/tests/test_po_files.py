"""`.po` files: equal bytes after a round trip, and files that are built to do harm."""

import time
from contextlib import suppress
from io import BytesIO

import pytest
from babel.messages.pofile import read_po as babel_read_po

from countries.words.checks import LONGEST_TEXT
from countries.words.po_files import build_po, read_po
from countries.words.sources import SourceText, read_source_texts, shipped_translations, sources_by_digest
from countries.words.translated_rows import LARGEST_FILE, FileRefused, TranslatedRow, sort_rows

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
ONE = SourceText("", "Send the report", "", ("templates/reports/report.html",), "A button.")
COUNTED = SourceText("portal", "%(count)d report", "%(count)d reports", (), "")


def rows_of(language: str) -> dict[str, TranslatedRow]:
    """The shipped translations as rows; every other one machine-made."""
    found = shipped_translations(language)
    return {
        text.digest: TranslatedRow(text.context, text.singular, text.plural, found[text.digest], number % 2 == 0)
        for number, text in enumerate(read_source_texts())
        if text.digest in found
    }


@pytest.mark.parametrize("language", ["ar", "es", "sw"])
def test_export_import_and_export_give_equal_bytes(language: str) -> None:
    exported = build_po(language, read_source_texts(), rows_of(language))
    rows = {row.digest: row for row in read_po(exported, language)}
    assert len(rows) == len(read_source_texts())
    assert build_po(language, read_source_texts(), rows) == exported
    found = sort_rows(rows.values(), sources_by_digest(), rows_of(language), language)
    assert (found.accepted, found.faulty, found.unchanged) == ({}, [], len(rows_of(language)))


def test_file_has_header_places_comments_and_fuzzy_texts_that_other_programs_read() -> None:
    rows = {
        ONE.digest: TranslatedRow("", ONE.singular, "", ("Enviar “ya”\\\n",), is_machine_made=True),
        COUNTED.digest: TranslatedRow("portal", COUNTED.singular, COUNTED.plural, ("uno", "%(count)d", "%(count)d")),
    }
    exported = build_po("es", [COUNTED, ONE], rows)
    assert '#. A button.\n#: templates/reports/report.html\n#, fuzzy\nmsgid "Send the report"\n' in exported.decode()
    read = babel_read_po(BytesIO(exported))
    assert (read.num_plurals, str(read.locale)) == (3, "es")
    one, counted = read.get(ONE.singular), read.get((COUNTED.singular, COUNTED.plural), "portal")
    assert one is not None
    assert (one.string, one.fuzzy) == ("Enviar “ya”\\\n", True)
    assert [place for place, _line in one.locations] == ["templates/reports/report.html"]
    assert counted is not None
    assert (counted.string, counted.flags) == (("uno", "%(count)d", "%(count)d"), {"python-format"})
    assert {row.digest: row.forms for row in read_po(exported, "es")} == {key: row.forms for key, row in rows.items()}


def test_wrapped_file_of_another_program_is_read() -> None:
    other = (
        f'{HEAD}\n# note\n#| msgid "old"\n#, fuzzy, python-format\nmsgid ""\n"Send "\n"the report"\n'
        'msgstr ""\n"Enviar\\t"\n"ya"\n#~ msgid "gone"\n#~ msgstr "ido"\n\nmsgid "Two"\nmsgstr "Dos"'
    )
    found = read_po(b"\xef\xbb\xbf" + other.replace("\n", "\r\n").encode(), "es")
    assert [(row.singular, row.forms, row.is_machine_made) for row in found] == [
        ("Send the report", ("Enviar\tya",), True),
        ("Two", ("Dos",), False),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x" * (LARGEST_FILE + 1), "512 kB"),
        (b"PK\x03\x04", "Line 1"),
        (b'msgid "a', "Line 1"),
        (b'msgid "a"\nmsgid_plural "b"\nmsgstr[9] "c"\n', "Line 3"),
        (b'msgid "a"\nmsgstr[999999999] "c"\n', "Line 2"),
        (b'msgid "a"\nmsgstr "b"\nmsgstr "c"\n', "Line 3"),
        (b'msgid "' + b"a" * 30_000 + b'"', "Line 1"),
        (b'msgid ""\nmsgstr "Language: fr\\n"\n', "language fr"),
        (b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n', "plural rule"),
        (b'msgid ""\nmsgstr "Plural-Forms: nplurals=999999999; plural=n;\\n"\n', "plural rule"),
        (b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n/0;\\n"\n', "plural rule"),
        (b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=' + b"(" * 300 + b'n;\\n"\n', "plural rule"),
        (b'msgid ""\nmsgstr "Language: es\\n"\n\n' * 2, "Line 4"),
        (b'msgid "a"\nmsgstr "b"\n\n' * 6_000, "5000"),
    ],
)
def test_file_that_is_none_is_refused_with_its_reason(content: bytes, why: str) -> None:
    with pytest.raises(FileRefused, match=why):
        read_po(content, "es")


@pytest.mark.parametrize(
    "unit", [b'""\n', b'"\\"', b"#, a\n", b'msgid "', b"\n", b'msgid "a"\n""\n', b"msgstr[", b"Plural-Forms:\\n"]
)
def test_hostile_file_takes_linear_time(unit: bytes) -> None:
    content = (b'msgid ""\nmsgstr ""\n' + unit * LARGEST_FILE)[:LARGEST_FILE]
    start = time.process_time()
    with suppress(FileRefused):
        read_po(content, "es")
    assert time.process_time() - start < 1


def test_each_faulty_row_is_named_with_its_reasons_and_good_ones_are_taken() -> None:
    good, counted = TranslatedRow("", "Send the report", "", ("Enviar",)), ("uno", "%(count)d", "%(count)d")
    rows = [
        good,
        TranslatedRow("", "Gone", "", ("Ido",), place="line 5"),
        TranslatedRow("", "Send the report", "", ("Otra vez",), place="line 8"),
        TranslatedRow("portal", COUNTED.singular, COUNTED.plural, ("<b>uno</b>", "2"), place="line 11"),
        TranslatedRow("", "Empty", "", ("",)),
    ]
    found = sort_rows(rows, {each.digest: each for each in (ONE, COUNTED)}, {}, "es")
    assert [row.forms for row in found.accepted.values()] == [("Enviar",)]
    assert [(row.row.place, len(row.reasons)) for row in found.faulty] == [("line 5", 1), ("line 8", 1), ("line 11", 1)]
    assert (found.empty, found.unchanged) == (1, 0)
    fine = TranslatedRow("portal", COUNTED.singular, COUNTED.plural, counted)
    long = TranslatedRow("", "Send the report", "", ("x" * LONGEST_TEXT * 2,))
    again = sort_rows([fine, long], {each.digest: each for each in (ONE, COUNTED)}, {fine.digest: fine}, "es")
    assert (again.unchanged, len(again.faulty)) == (1, 1)
