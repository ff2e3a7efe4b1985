"""The cells of a recipient spreadsheet: their values for the form fields, and values as a preview shows them."""

from datetime import date, time

from django.contrib.admin.utils import label_for_field
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient
from analysts.models.recipient import Channel
from analysts.takedown.recipients.opening_days import NAMES, lines_of, workdays_of

YES, NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n", "")


def cells_to_fields(cells: dict[str, str]) -> tuple[dict[str, object], list[str]]:
    """Return the cells as values for the fields of `Details`, and the errors of those that cannot be converted."""
    fields: dict[str, object] = {}
    reasons: list[str] = []
    for name, cell in cells.items():
        try:
            fields |= _field_values(name, cell)
        except ValidationError as error:
            reasons += error.messages
    return fields, reasons


def _field_values(name: str, cell: str) -> dict[str, object]:
    """Convert one cell. Raises ValidationError for errors that the form fields cannot report."""
    match name:
        case "kind":
            return {name: choice_code(RecipientKind, cell)}
        case "channel":
            return {name: choice_code(Channel, cell or Channel.EMAIL)}
        case "country":
            return {name: cell.upper()}
        case "defang":
            return {name: _parse_yes(cell)}
        case "languages":
            first, *further = cell.replace(",", " ").split() or [""]
            return {"first_language": first, "further_languages": further}
        case "time_zone":
            return {name: cell or "UTC"}
        case "workdays":
            return {name: workdays_of(cell)}
        case "blocked_days":
            return {name: "\n".join(cell.split())}
        case _:
            return {name: cell}


def choice_code(choices: type[RecipientKind] | type[Channel], cell: str) -> str:
    """Return the code of a choice; the cell may contain its code or its label."""
    labels = {str(choice.label).lower(): choice.value for choice in choices}
    return str(labels.get(cell.lower(), cell.lower()))


def _parse_yes(cell: str) -> bool:
    if cell.lower() not in (*YES, *NO):
        raise ValidationError(_("defang: enter yes or no."))
    return cell.lower() in YES


def field_label(name: str) -> str:
    return str(label_for_field(name, Recipient, return_attr=False))


def display_value(value: object) -> str:
    match value:
        case bool():
            return _("yes") if value else _("no")
        case [date(), *_rest]:
            return ", ".join(lines_of(day for day in value if isinstance(day, date)))
        case [int(), *_rest]:
            return " ".join(NAMES[day] for day in value if isinstance(day, int))
        case list() if value:
            return " ".join(value)
        case time():
            return f"{value:%H:%M}"
        case _:
            return str(value or "–")
