"""Parsing of recipient spreadsheets as untrusted input: what each line would add or change, or why it is refused.

A header names the columns, in any order. If a column is missing, existing values are kept.
"""

import csv
import re
import unicodedata
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
from analysts.takedown.recipients.forms import Details, initial_details, is_phone
from analysts.takedown.recipients.sheet_cells import cells_to_fields, choice_code, display_value, field_label

# In bytes. Below the limit of a request body, because confirming the preview sends the text again.
MAX_BYTES = 256 * 1024
MOST_LINES = 500
NEEDED = ("kind", "name")


def _kind_codes() -> str:
    return get_text_list(RecipientKind.values, _("or"))


# The columns of an import file with their descriptions.
COLUMNS: dict[str, str | Promise] = {
    "kind": format_lazy(gettext_lazy("{kinds}. Required."), kinds=lazy(_kind_codes, str)()),
    "name": gettext_lazy("Required. At most 120 characters. Kind and name together identify a recipient."),
    "country": gettext_lazy("Two-letter code, such as BZ (ISO 3166-1)."),
    "channel": gettext_lazy(
        "email, xarf (with machine-readable reports), link (the recipient’s own web form) or by_hand."
    ),
    "email": gettext_lazy("One e-mail address."),
    "form_address": gettext_lazy("The URL of the web form."),
    "phone": gettext_lazy("The number on which staff call them back: +44 1632 960001."),
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
kind,name,country,channel,email,form_address,phone,defang,languages,time_zone,works_from,works_until,workdays,blocked_days,source
host,Example Hosting,NL,email,abuse@hosting.example.org,,,no,en,Europe/Amsterdam,09:00,17:00,mon-fri,2026-12-25 2026-12-26,https://hosting.example.org/contact
platform,Example Social,US,link,,https://social.example.org/report,,yes,en,America/New_York,,,,,their help pages
police,Example Police,ZM,by_hand,,,+260211000000,no,en,Africa/Lusaka,08:00,17:00,mon-fri,2026-12-24..2027-01-02,a letter
"""
# The replacement character, which browsers submit for characters that are not allowed.
REPLACEMENT = "\ufffd"
FORMULA = ("=", "+", "-", "@")


@dataclass(slots=True)
class SheetLine:
    """The outcome of one line: refused for `reasons`, or `details` for `recipient` (None: a new recipient)."""

    number: int
    # By column; those in NEEDED are always there.
    cells: dict[str, str]
    reasons: list[str]
    recipient: Recipient | None = None
    details: dict[str, object] = field(default_factory=dict)
    # Changes as (label, before, after) for display; for a new recipient, the values that differ from the defaults.
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    unverified: bool = False

    @property
    def name(self) -> str:
        return self.cells["name"]

    @property
    def outcome(self) -> str:
        """`refuse`, `add`, `change`, or `keep` if nothing would change."""
        if self.reasons:
            return "refuse"
        if self.recipient is None:
            return "add"
        return "change" if self.changes else "keep"


@dataclass(frozen=True, slots=True)
class Sheet:
    text: str
    lines: list[SheetLine]
    # Unknown columns, which are ignored, such as `verified_on`.
    ignored_columns: list[str]

    def of(self, outcome: str) -> list[SheetLine]:
        return [line for line in self.lines if line.outcome == outcome]


class LineForm(Details):
    """The details form for one line. A taken name is no error: it identifies the recipient to change."""

    def validate_constraints(self) -> None:
        """Skip the queries of constraints."""


def read_sheet(content: bytes) -> Sheet:
    """Parse the file, with at most two queries. Raises ValidationError if the sheet as a whole is unusable."""
    if len(content) > MAX_BYTES:
        raise ValidationError(
            _("This is more than %(most)d kB. Split it into smaller files.") % {"most": MAX_BYTES // 1024}
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(_("This is not UTF-8 text. Save the file as “CSV UTF-8” and try again.")) from None
    (_number, header), *rows = _read_rows(text) or [(1, None)]
    columns = [name.strip().lower().replace(" ", "_") for name in header or ()]
    if missing := [name for name in NEEDED if name not in columns]:
        raise ValidationError(
            _("The first line has to name the columns. Missing columns: %(columns)s.") % {"columns": ", ".join(missing)}
        )
    if repeated := sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1}):
        raise ValidationError(_("These columns appear more than once: %(columns)s.") % {"columns": ", ".join(repeated)})
    if len(rows) > MOST_LINES:
        raise ValidationError(
            _("This is more than %(most)d lines. Split it into smaller files.") % {"most": MOST_LINES}
        )
    lines = [_read_line(number, row, columns) for number, row in rows]
    _check_lines([line for line in lines if not line.reasons])
    return Sheet(text, lines, sorted({name[:40] for name in columns if name not in COLUMNS} - {""}))


def _read_rows(text: str) -> list[tuple[int, list[str] | None]]:
    """The non-empty rows with the numbers of their first lines; the last is None if the rest cannot be read.

    Cells are separated by commas, semicolons, or tabs (text pasted from a spreadsheet).
    """
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    rows: list[tuple[int, list[str] | None]] = []
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((number, cells))
            number = reader.line_num + 1
    except csv.Error:
        rows.append((number, None))
    return rows


def _read_line(number: int, row: list[str] | None, columns: list[str]) -> SheetLine:
    """A short row has no values for its last columns, except empty NEEDED ones."""
    cells = {name: cell.strip() for name, cell in zip(columns, row or (), strict=False) if name in COLUMNS}
    # Collapse white space, including no-break spaces, as the form does; line ends are kept and refused later.
    name = re.sub(r"[^\S\r\n]+", " ", cells.get("name", ""))
    cells = dict.fromkeys(NEEDED, "") | cells | {"name": name}
    return SheetLine(number, cells, _structural_errors(row, columns, cells))


def _structural_errors(row: list[str] | None, columns: list[str], cells: dict[str, str]) -> list[str]:
    """Structural errors (columns, hidden characters), before values are validated."""
    if row is None:
        return [_("The file cannot be read from this line on: a quotation mark is missing or extra.")]
    if len(row) > len(columns):
        return [_("This line has more cells than there are columns.")]
    if any("\n" in cell or "\r" in cell for cell in cells.values()):
        return [_("A cell spans several lines. A quotation mark may be missing.")]
    reasons = []
    for name, cell in cells.items():
        if any(unicodedata.category(letter) == "Cc" or letter == REPLACEMENT for letter in cell):
            reasons.append(_("%(column)s: contains an invisible character.") % {"column": name})
        elif cell.startswith(FORMULA) and not (name == "phone" and is_phone(cell)):
            reasons.append(_("%(column)s: starts with =, +, - or @, like a formula.") % {"column": name})
    return reasons


def _check_lines(lines: list[SheetLine]) -> None:
    """Compare the lines with the recipients, by lower-case name in the database: its case folding is not Python's."""
    lower_names = [Lower(Value(name)) for name in {line.name for line in lines}]
    matches = Recipient.objects.alias(lower_name=Lower("name")).filter(lower_name__in=lower_names)
    recipients = {(recipient.kind, recipient.name.lower()): recipient for recipient in matches}
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (choice_code(RecipientKind, line.cells["kind"]), line.name.lower())
        if line.name and key in first:
            line.reasons = [_("This is the same recipient as in line %(line)d.") % {"line": first[key]}]
        else:
            first[key] = line.number
            _check_line(line, recipients.get(key))


def _check_line(line: SheetLine, recipient: Recipient | None) -> None:
    before = recipient or Recipient()
    fields, line.reasons = cells_to_fields(line.cells)
    form = LineForm(initial_details(before) | fields, recipient=recipient)
    line.reasons += [f"{form.fields[at].label}: {' '.join(map(str, errors))}" for at, errors in form.errors.items()]
    if not line.reasons:
        line.recipient, line.details = recipient, form.details()
        changed = [name for name in DETAILS if getattr(before, name) != line.details[name]]
        line.changes = [
            (field_label(name), display_value(getattr(before, name)), display_value(line.details[name]))
            for name in changed
        ]
        line.unverified = has_contact_change(changed)
