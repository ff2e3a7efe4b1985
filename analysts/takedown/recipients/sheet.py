"""Parsing of recipient spreadsheets as untrusted input: what each line would add or change, or why it is refused.

A header names the columns, in any order. If a column is missing, existing values are kept.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO

from django.core.exceptions import ValidationError
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient
from analysts.takedown.recipients.actions import DETAILS, has_contact_change
from analysts.takedown.recipients.forms import Details, initial_details
from analysts.takedown.recipients.sheet_cells import cells_to_fields, choice_code, display_value, field_label

# In bytes. Below the limit of a request body, because confirming the preview sends the text again.
LARGEST = 256 * 1024
MOST_LINES = 500
NEEDED = ("kind", "name")


def _kind_codes() -> str:
    return get_text_list(RecipientKind.values, _("or"))


# The columns of an import file with their descriptions.
COLUMNS: dict[str, str | Promise] = {
    "kind": format_lazy(gettext_lazy("{kinds}. Required."), kinds=lazy(_kind_codes, str)()),
    "name": gettext_lazy("Required. At most 120 characters. Kind and name together identify a recipient."),
    "country": gettext_lazy("Two-letter code, such as BZ (ISO 3166-1)."),
    "channel": gettext_lazy("email, link (the recipient’s own web form) or by_hand."),
    "email": gettext_lazy("One e-mail address."),
    "form_address": gettext_lazy("The URL of the web form."),
    "defang": gettext_lazy("yes or no: yes to write addresses as hxxps://host[.]tld/…"),
    "languages": gettext_lazy("Language codes separated by spaces, the preferred one first: fr en."),
    "time_zone": gettext_lazy("Such as Europe/London."),
    "works_from": gettext_lazy(
        "Local time, such as 09:00; works_from and works_until are both empty if it works around the clock."
    ),
    "works_until": gettext_lazy("Local time, such as 17:00."),
    "workdays": gettext_lazy("mon-fri, sun-thu, or mon wed fri; empty for every day."),
    "blocked_days": gettext_lazy("2026-12-25, or 2026-12-24..2027-01-02; several separated by spaces."),
    "source": gettext_lazy("Where these details were found."),
}
EXAMPLE = """\
kind,name,country,channel,email,form_address,defang,languages,time_zone,works_from,works_until,workdays,blocked_days,source
host,Example Hosting,NL,email,abuse@hosting.example.org,,no,en,Europe/Amsterdam,09:00,17:00,mon-fri,2026-12-25 2026-12-26,https://hosting.example.org/contact
platform,Example Social,US,link,,https://social.example.org/report,yes,en,America/New_York,,,,,their help pages
police,Example Police,ZM,by_hand,,,no,en,Africa/Lusaka,08:00,17:00,mon-fri,2026-12-24..2027-01-02,letter of the ministry
"""
# The replacement character, which browsers submit for characters that are not allowed.
NOTHING = "\ufffd"
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """The outcome of one line: refused for `reasons`, or `details` for `recipient` (None: a new recipient)."""

    number: int
    name: str
    reasons: list[str] = field(default_factory=list)
    recipient: Recipient | None = None
    details: dict[str, object] = field(default_factory=dict)
    # Changes as (label, before, after) for display; for a new recipient, the values that differ from the defaults.
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    unverified: bool = False

    @property
    def fate(self) -> str:
        """`refuse`, `add`, `change`, or `keep` if nothing would change."""
        if self.reasons:
            return "refuse"
        if self.recipient is None:
            return "add"
        return "change" if self.changes else "keep"


@dataclass(frozen=True, slots=True)
class Sheet:
    lines: list[SheetLine]
    # Unknown columns, which are ignored, such as `verified_on`.
    not_read: list[str]

    def of(self, fate: str) -> list[SheetLine]:
        return [line for line in self.lines if line.fate == fate]


class LineForm(Details):
    """The details form for one line. A taken name is no error: it identifies the recipient to change."""

    def _is_taken(self, kind: str, name: str) -> bool:
        return False


def text_of(content: bytes) -> str:
    """Decode the file. Raises ValidationError if it is not UTF-8 or longer than LARGEST bytes."""
    if len(content) > LARGEST:
        raise ValidationError(
            _("This is more than %(most)d kB. Split it into smaller files.") % {"most": LARGEST // 1024}
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(_("This is not UTF-8 text. Save the file as “CSV UTF-8” and try again.")) from None


def read_sheet(text: str) -> Sheet:
    """Parse the text, with at most two queries. Raises ValidationError if the sheet as a whole is unusable."""
    if len(text.encode(errors="replace")) > LARGEST:
        raise ValidationError(
            _("This is more than %(most)d kB. Split it into smaller files.") % {"most": LARGEST // 1024}
        )
    rows = _read_rows(text.removeprefix("\ufeff"))
    header = next(rows, None)
    columns = [name.strip().lower().replace(" ", "_") for name in header.cells] if header else []
    if missing := [name for name in NEEDED if name not in columns]:
        raise ValidationError(
            _("The first line has to name the columns. Missing columns: %(columns)s.") % {"columns": ", ".join(missing)}
        )
    if twice := sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1}):
        raise ValidationError(_("These columns appear more than once: %(columns)s.") % {"columns": ", ".join(twice)})
    sheet_rows = list(rows)
    if len(sheet_rows) > MOST_LINES:
        raise ValidationError(
            _("This is more than %(most)d lines. Split it into smaller files.") % {"most": MOST_LINES}
        )
    return Sheet(
        list(_build_lines(columns, sheet_rows)), sorted({name[:40] for name in columns if name not in COLUMNS} - {""})
    )


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the sheet. `fault`: why the sheet cannot be parsed from this row on."""

    number: int
    cells: list[str]
    fault: str = ""


def _read_rows(text: str) -> Iterator[SheetRow]:
    """Yield the non-empty rows. Cells are separated by commas, semicolons, or tabs (text pasted from a spreadsheet)."""
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield SheetRow(
                begins, [], _("The file cannot be read from this line on: a quotation mark is missing or extra.")
            )
            return
        if any(cell.strip() for cell in cells):
            yield SheetRow(begins, cells)


def _build_lines(columns: list[str], rows: Sequence[SheetRow]) -> Iterator[SheetLine]:
    checked_rows = [
        (row, cells, _structural_errors(columns, row, cells))
        for row in rows
        for cells in [_cells_by_column(columns, row)]
    ]
    recipients = _find_recipients({cells["name"] for _row, cells, faults in checked_rows if not faults})
    first: dict[tuple[str, str], int] = {}
    for row, cells, faults in checked_rows:
        if faults:
            yield SheetLine(row.number, cells.get("name", "")[:60], faults)
            continue
        name = cells["name"]
        key = (choice_code(RecipientKind, cells["kind"]), name.lower())
        if name and key in first:
            yield SheetLine(
                row.number, name, [_("This is the same recipient as in line %(line)d.") % {"line": first[key]}]
            )
            continue
        first[key] = row.number
        yield _build_line(row.number, name, cells, recipients.get(key))


def _find_recipients(names: set[str]) -> dict[tuple[str, str], Recipient]:
    """Find recipients by lower-case name in the database, whose case folding differs from Python's."""
    lower_names = [Lower(Value(name)) for name in names]
    recipients = Recipient.objects.alias(lower_name=Lower("name")).filter(lower_name__in=lower_names)
    return {(recipient.kind, recipient.name.lower()): recipient for recipient in recipients}


def _cells_by_column(columns: list[str], row: SheetRow) -> dict[str, str]:
    """Return the cells by column name. A short row has no values for its last columns, except empty NEEDED ones."""
    cells = {name: cell.strip() for name, cell in zip(columns, row.cells, strict=False) if name in COLUMNS}
    name = cells.get("name", "")
    # Collapse white space, including no-break spaces, as the form does; line ends are kept and refused later.
    return dict.fromkeys(NEEDED, "") | cells | {"name": re.sub(r"[^\S\r\n]+", " ", name)}


def _structural_errors(columns: list[str], row: SheetRow, cells: dict[str, str]) -> list[str]:
    """Structural errors (columns, hidden characters), before values are validated."""
    if row.fault:
        return [row.fault]
    if len(row.cells) > len(columns):
        return [_("This line has more cells than there are columns.")]
    if any("\n" in cell or "\r" in cell for cell in cells.values()):
        return [_("A cell spans several lines. A quotation mark may be missing.")]
    reasons = []
    for name, cell in cells.items():
        if any(unicodedata.category(letter) == "Cc" or letter == NOTHING for letter in cell):
            reasons.append(_("%(column)s: contains an invisible character.") % {"column": name})
        elif cell.startswith(FORMULA):
            reasons.append(_("%(column)s: starts with =, +, - or @, like a formula.") % {"column": name})
    return reasons


def _build_line(number: int, name: str, cells: dict[str, str], recipient: Recipient | None) -> SheetLine:
    before = recipient or Recipient()
    fields, reasons = cells_to_fields(cells)
    form = LineForm(initial_details(before) | fields, recipient=recipient)
    reasons += [f"{form.fields[at].label}: {' '.join(map(str, errors))}" for at, errors in form.errors.items()]
    if reasons:
        return SheetLine(number, name, reasons)
    details = form.details()
    changed = [name for name in DETAILS if getattr(before, name) != details[name]]
    changes = [
        (field_label(name), display_value(getattr(before, name)), display_value(details[name])) for name in changed
    ]
    return SheetLine(number, name, [], recipient, details, changes, has_contact_change(changed))
