"""Translations as a spreadsheet (XLSX), for speakers who have no translation program.

The file was saved by any program, or built to do harm: the archive is measured before it is opened, no part may
define entities, and rows and columns are counted.
"""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext as _

from countries.languages import text_direction
from countries.words.plurals import MOST_FORMS, plural_rule
from countries.words.sources import SourceText
from countries.words.translated_rows import (
    LARGEST_FILE,
    LONGEST_CELL,
    MOST_ROWS,
    FileRefused,
    TranslatedRow,
    check_size,
)

if TYPE_CHECKING:
    from openpyxl import Workbook

SHEET = "Texts"
# The first columns; below each of the others is one form. English, as the file is also read.
COLUMNS = ("Context", "English", "English plural", "Where", "Comment", "Machine-made")
FORM = "Translation"
_YES = "yes"
# Bytes of the parts of the archive, unpacked: a whole language takes one MB.
_LARGEST_UNPACKED = 12 * 1024 * 1024
# XML of a table is packed to a tenth or so.
_LARGEST_RATIO = 100
_MOST_PARTS = 200
# Bytes of a part that are looked through at a time.
_BLOCK = 1024 * 1024
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{0,40})""")
# The file says when it was made; the same texts give the same bytes.
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no time zone
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def build_xlsx(language: str, sources: Iterable[SourceText], rows: Mapping[str, TranslatedRow]) -> bytes:
    """The file of the given texts with their translations, which are by the text's digest."""
    import xlsxwriter  # noqa: PLC0415 - with openpyxl a fifth of each process's start, and few need it

    rule = plural_rule(language)
    file = BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    book.set_properties({"title": f"Interface texts: {language}", "created": _MADE})
    sheet = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    english = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    reading_order = 2 if text_direction(language) == "rtl" else 1
    text_format = book.add_format(
        {"text_wrap": True, "valign": "top", "num_format": "@", "reading_order": reading_order}
    )
    for column, title in enumerate([*COLUMNS, *_form_titles(language)]):
        sheet.write_string(0, column, title, head)
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 2, 45)
    sheet.set_column(3, 5, 20)
    sheet.set_column(len(COLUMNS), len(COLUMNS) + rule.count - 1, 45)
    sheet.freeze_panes(1, 3)
    for number, source in enumerate(sources, 1):
        row = rows.get(source.digest)
        places = "\n".join(source.places)
        cells = (source.context, source.singular, source.plural, places, source.comment)
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text, english)
        sheet.write_string(number, 5, _YES if row and row.is_machine_made else "", english)
        count = rule.count if source.plural else 1
        forms = row.forms if row else ("",) * count
        for form in range(count):
            sheet.write_string(number, len(COLUMNS) + form, forms[form], text_format)
    book.close()
    return file.getvalue()


def _form_titles(language: str) -> list[str]:
    """The titles of the columns with forms: the first has the texts that do not count, too."""
    rule = plural_rule(language)
    return [f"{FORM} {form + 1}: {', '.join(map(str, rule.examples(form)))} …" for form in range(rule.count)]


def read_xlsx(content: bytes, language: str) -> list[TranslatedRow]:
    """The rows of a file for the language. Raises FileRefused."""
    import openpyxl  # noqa: PLC0415 - as in build_xlsx

    check_archive(content, largest=LARGEST_FILE, largest_unpacked=_LARGEST_UNPACKED)
    try:
        with warnings.catch_warnings():
            # About styles and extensions of other programs, which are not read.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
            return list(_read_rows(book, plural_rule(language).count))
    except FileRefused:
        raise
    except Exception as error:
        # The library raises nearly anything for a damaged file.
        raise FileRefused(_("This spreadsheet cannot be read. Save it as .xlsx again.")) from error


def check_archive(content: bytes, *, largest: int, largest_unpacked: int) -> None:
    """Measure the archive and look for entities in its parts, before any XML is parsed. Sizes in bytes.

    Raises FileRefused.
    """
    check_size(content, largest)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            packed = sum(part.compress_size for part in parts)
            if len(parts) > _MOST_PARTS or unpacked > min(largest_unpacked, _LARGEST_RATIO * max(packed, 1)):
                raise FileRefused(_("This spreadsheet is too large when it is unpacked."))
            for part in parts:
                with archive.open(part) as opened:
                    if not part.is_dir() and _has_entities(opened):
                        raise FileRefused(_("This spreadsheet contains definitions that no table needs."))
    except FileRefused:
        raise
    except Exception as error:
        # Also damaged, encrypted and unusually packed parts.
        raise FileRefused(_("This is not a spreadsheet in the format .xlsx.")) from error


def _has_entities(part: IO[bytes]) -> bool:
    """Whether a part may define entities, also by an encoding in which the definition would not be found."""
    block = part.read(_BLOCK)
    if not block.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return block.startswith((b"\xff\xfe", b"\xfe\xff", b"\0", b"<\0", b"\x4c\x6f"))
    encoding = _ENCODING.match(block.removeprefix(b"\xef\xbb\xbf"))
    if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        return True
    end = b""
    while block:
        # A word may begin in one block and end in the next.
        if any(word in end + block for word in (b"\0", b"<!DOCTYPE", b"<!ENTITY")):
            return True
        end, block = block[-8:], part.read(_BLOCK)
    return False


def _read_rows(book: "Workbook", forms: int) -> Iterator[TranslatedRow]:
    sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
    width = len(COLUMNS) + MOST_FORMS
    rows = sheet.iter_rows(min_row=1, max_row=MOST_ROWS + 2, max_col=width, values_only=True)
    titles = tuple(_cell_text(value) for value in next(iter(rows), ()))
    if titles[: len(COLUMNS)] != COLUMNS or not titles[len(COLUMNS)].startswith(FORM):
        raise FileRefused(
            _("The first row must have the columns of an exported file: %(columns)s.")
            % {"columns": ", ".join([*COLUMNS, FORM])}
        )
    for number, values in enumerate(rows, 2):
        context, singular, plural, _places, _comment, machine_made, *typed = map(_cell_text, values)
        if not singular:
            continue
        if number > MOST_ROWS + 1:
            raise FileRefused(_("The file has more than %(most)d texts.") % {"most": MOST_ROWS})
        count = forms if plural else 1
        yield TranslatedRow(
            context,
            singular,
            plural,
            # A form too many is not lost silently: the checks count.
            (*typed[:count], *filter(None, typed[count:])),
            machine_made.strip().lower() == _YES,
            _("row %(number)d") % {"number": number},
        )


def _cell_text(value: object) -> str:
    """The text of a cell; a number as it is written without decimals, where it has none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\r\n", "\n").replace("_x000D_", "")[:LONGEST_CELL]
