"""CSV for tables that leave the product. Cells that a spreadsheet would run as a formula get a leading apostrophe."""

import csv
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpResponse

# Characters that start a formula in a spreadsheet, as listed by OWASP, including full-width forms.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Without it, Excel misreads UTF-8 as a legacy encoding.
BYTE_ORDER_MARK = "\ufeff"


def quote_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


class _Echo:
    """A file for csv.writer that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
_PLAIN_WRITER = csv.writer(_Echo())


def csv_line(cells: Iterable[str]) -> str:
    """The line with every cell in quotation marks."""
    return str(_WRITER.writerow([quote_formula(cell) for cell in cells]))


def plain_csv(rows: Iterable[Iterable[object]]) -> str:
    """The rows with quotation marks where they are needed. None becomes an empty cell."""
    return "".join(
        _PLAIN_WRITER.writerow(["" if cell is None else quote_formula(str(cell)) for cell in row]) for row in rows
    )


def csv_response(text: str, name: str) -> HttpResponse:
    """The download of a file of this name, which says so if its content is of a demonstration."""
    name = f"demonstration-{name}" if settings.DEMO else name
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
