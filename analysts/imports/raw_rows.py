"""One row as a file has it, and the checks of its values that need no database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, TypedDict
from zoneinfo import ZoneInfo

from analysts.codes.imports import CodeList, RowRefusal
from reports.addresses import find_accounts, find_addresses

# The columns that are read; everything else stays unread. The names of a spreadsheet's first line.
CODE_COLUMNS = tuple(code_list.value for code_list in CodeList if code_list != CodeList.ANSWER)
COLUMNS = ("reference", "address", *CODE_COLUMNS, "received", "decided", "host", "last_notice")
MOST_ROWS = 200_000
# A former system may have cut off addresses of exactly this length (SCARt's column `url`).
CUT_AT = 512
LONGEST_ADDRESS = 4_000
LONGEST_HOST = 100
# What SCARt writes in place of an address that it has erased.
_ANONYMISED = re.compile(r"anonymouse-\w+", re.IGNORECASE)
_REFERENCE = re.compile(r"[\w./#-]{1,64}", re.ASCII)
_CODE = re.compile(r"[\w .,:;/+&()<>=-]{1,80}")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::\d\d(?:\.\d{1,6})?)?)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d\d?)[./-](\d\d?)[./-](\d{4})(?: (\d\d?):(\d\d)(?::\d\d)?)?", re.ASCII)
# SCARt's server writes it for no date.
_NO_DATE = ("", "0000-00-00", "0000-00-00 00:00:00")


class RawRow(NamedTuple):
    """A row as it was read. `number`: as a person counts in the file. `answers`: `question: value`."""

    number: int
    values: Mapping[str, str]
    answers: tuple[str, ...] = ()
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The facts that a file does not state: whether dates are day-first, and the zone of times without one."""

    is_day_first: bool = False
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


class CleanRow(TypedDict):
    """A row as it is sealed until it is imported. Dates are in ISO form; "" for none."""

    number: int
    reference: str
    # "" if it was anonymised.
    address: str
    codes: dict[str, str]
    answers: list[str]
    decided_on: str
    host: str
    notified_on: str


class RowRefused(Exception):
    """The row is not taken."""

    def __init__(self, refusal: RowRefusal) -> None:
        self.refusal = refusal


def clean_row(raw: RawRow, options: ReadOptions, *, today: date) -> CleanRow:
    """Check the values of the listed columns. Raises RowRefused."""
    if raw.is_deleted:
        raise RowRefused(RowRefusal.DELETED)
    values = {name: raw.values.get(name, "").strip() for name in COLUMNS}
    received, decided, notified = (
        _parse_date(values[name], options, today) for name in ("received", "decided", "last_notice")
    )
    last = decided or received
    if last is None:
        raise RowRefused(RowRefusal.NO_DATE)
    return CleanRow(
        number=raw.number,
        reference=_check_reference(values["reference"]),
        address=_check_address(values["address"]),
        codes={name: _check_code(values[name]) for name in CODE_COLUMNS if values[name]},
        answers=[_check_code(answer) for answer in raw.answers],
        decided_on=last.isoformat(),
        host=_clean_host(values["host"]),
        notified_on=notified.isoformat() if notified else "",
    )


def _check_reference(text: str) -> str:
    if not text:
        raise RowRefused(RowRefusal.NO_REFERENCE)
    if not _REFERENCE.fullmatch(text):
        raise RowRefused(RowRefusal.BAD_REFERENCE)
    return text


def _check_address(text: str) -> str:
    if _ANONYMISED.fullmatch(text):
        return ""
    if len(text) == CUT_AT:
        raise RowRefused(RowRefusal.CUT_ADDRESS)
    addresses = [] if len(text) > LONGEST_ADDRESS or find_accounts(text) else find_addresses(text)
    if not addresses:
        raise RowRefused(RowRefusal.NO_ADDRESS)
    if len(addresses) > 1:
        raise RowRefused(RowRefusal.SEVERAL_ADDRESSES)
    return text


def _check_code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise RowRefused(RowRefusal.BAD_CODE)
    return text


def _clean_host(text: str) -> str:
    """The name of a company or server; nothing that may be a person's address, and no text."""
    return "" if "@" in text or len(text) > LONGEST_HOST else " ".join(text.split())


def _parse_date(text: str, options: ReadOptions, today: date) -> date | None:
    """The day in UTC; a day without a time stays as it is."""
    if text in _NO_DATE:
        return None
    if match := _ISO.fullmatch(text):
        year, month, day, hour, minute = match.groups()
    elif options.is_day_first and (match := _DAY_FIRST.fullmatch(text)):
        day, month, year, hour, minute = match.groups()
    else:
        raise RowRefused(RowRefusal.BAD_DATE)
    try:
        if hour is None:
            parsed = date(int(year), int(month), int(day))
        else:
            local = datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=options.time_zone)
            parsed = local.astimezone(ZoneInfo("UTC")).date()
    except (ValueError, OverflowError) as error:
        raise RowRefused(RowRefusal.BAD_DATE) from error
    if parsed > today:
        raise RowRefused(RowRefusal.FUTURE_DATE)
    return parsed
