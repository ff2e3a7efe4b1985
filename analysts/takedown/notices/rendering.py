"""Renders a notice as subject, plain-text body and attached table, identically in every attempt.

Addresses in the body are always defanged, because mail programs turn anything else into links. Only the attached table
holds them as they are, unless the recipient wants them defanged there as well.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.utils.translation import override

from analysts.codes import Severity
from analysts.incidents import contents
from analysts.models import DeadReason, Notice, NoticeItem, NoticeTemplate, Purpose, RecipientKind
from analysts.takedown.facts import redaction
from analysts.takedown.notices import texts
from analysts.takedown.notices.placeholders import Placeholder, Unfilled, fill_placeholders
from analysts.takedown.notices.replies import links as reply_links
from countries.csv_files import csv_line
from reports.addresses import defang_address, find_addresses

# Caps on the addresses listed in the body and on the hosts listed in a line.
MOST_LISTED, MOST_HOSTS = 20, 3
HEADINGS = ("number", "address", "first_reported", "category", "first_notice")


class CannotRender(Exception):
    """The letter cannot be generated; `reason` says why."""

    def __init__(self, reason: DeadReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    subject: str
    body: str
    # CSV lines: the headings, then one of each item. Sent as a file, so that mail programs do not display it and turn
    # its addresses into links.
    table: tuple[str, ...]
    file_name: str
    # In the order of the table.
    items: tuple[NoticeItem, ...]
    # Maps each item's id to its address as sent.
    addresses: dict[uuid.UUID, str]
    template: NoticeTemplate

    @property
    def attachment(self) -> bytes:
        return "".join(self.table).encode()


@dataclass(frozen=True, slots=True, repr=False)
class LetterLine:
    item: NoticeItem
    address: str


def render_letter(notice: Notice, *, shows_link: bool = True) -> Letter:
    """Render the letter with all items that are not left out. `shows_link`: false for a reader who is not to reply.

    All attempts produce the same bytes, unless a redaction is changed in between. Addresses that were already sent are
    repeated as they were sent.

    Raises:
        CannotRender: a text, a placeholder value or an address is missing.
        redaction.Unconfirmed: the redaction of an address has to be confirmed first.
    """
    template = notice.template or texts.text_for_recipient(notice.recipient, notice.purpose)
    if template is None:
        raise CannotRender(DeadReason.NO_TEMPLATE)
    listed = letter_lines(notice)
    values = values_of(notice, listed, shows_link=shows_link)
    try:
        subject, body = fill_placeholders(template.subject, values), fill_placeholders(template.body, values)
    except Unfilled:
        raise CannotRender(DeadReason.NO_PLACEHOLDER) from None
    return Letter(
        subject=subject,
        body=body.rstrip() + "\n",
        table=render_table(notice, listed),
        file_name=f"{notice.reference}.csv",
        items=tuple(line.item for line in listed),
        addresses={line.item.pk: line.address for line in listed},
        template=template,
    )


def letter_lines(notice: Notice) -> list[LetterLine]:
    """The items in order of their addresses: stable, and independent of when each was reported."""
    items = notice.items.filter(dropped="").select_related("incident__redaction", "referral")
    return sorted((LetterLine(item, address_of(item)) for item in items), key=lambda line: (line.address, line.item.pk))


def address_of(item: NoticeItem) -> str:
    """The address as it was sent; before that, as it may be shared."""
    try:
        return contents.letter_copy(item) or redaction.address_to_share(item.incident)
    except redaction.AddressUnreadable:
        raise CannotRender(DeadReason.UNREADABLE) from None


def values_of(notice: Notice, listed: Sequence[LetterLine], *, shows_link: bool) -> dict[Placeholder, str]:
    """The values of the placeholders; an empty string if a value is missing."""
    first = min((line.item.referral.noticed_at for line in listed if line.item.referral.noticed_at), default=None)
    return {
        Placeholder.REFERENCE: notice.reference,
        Placeholder.RECIPIENT: one_line(notice.recipient.name),
        Placeholder.HOTLINE: one_line(settings.HOTLINE_NAME),
        Placeholder.COUNT: str(len(listed)),
        Placeholder.HOST: hosts_text([line.address for line in listed]),
        Placeholder.ADDRESSES: addresses_text(notice, listed),
        Placeholder.ANSWER_LINK: reply_links.reply_url(notice) if shows_link else reply_links.hidden_url(),
        Placeholder.ANSWER_UNTIL: notice.link.expires_on.isoformat(),
        Placeholder.FIRST_SENT: first.date().isoformat() if first else "",
        Placeholder.HOURS: str(hours_between(first, notice.scheduled_at)) if first else "",
    }


def one_line(text: str) -> str:
    """Collapse whitespace: an imported name may hold line breaks, which would start a new header in a subject."""
    return " ".join(text.split())


def hosts_text(addresses: Sequence[str]) -> str:
    """The first few hosts, defanged. App links without a host are represented by their scheme."""
    hosts = dict.fromkeys(host_of(address) for address in addresses)
    text = ", ".join(islice(hosts, MOST_HOSTS))
    return f"{text}, …" if len(hosts) > MOST_HOSTS else text


def host_of(address: str) -> str:
    addresses = find_addresses(address)
    return (
        defang_address(addresses[0].host)
        if addresses and addresses[0].host
        else defang_address(address.partition(":")[0] + ":")
    )


def addresses_text(notice: Notice, listed: Sequence[LetterLine]) -> str:
    """A numbered list of the first addresses, defanged. The rest is a count and the file name, without any words,
    because the text may be in any language."""
    lines = [
        f"{number}. {defang_address(letter_line.address)}"
        for number, letter_line in enumerate(listed[:MOST_LISTED], start=1)
    ]
    more = len(listed) - len(lines)
    return "\n".join([*lines, *([f"… + {more} ({notice.reference}.csv)"] if more else [])])


def hours_between(first: datetime, until: datetime) -> int:
    """Whole hours up to the scheduled time, which is the same for all attempts."""
    return max(0, int((until - first).total_seconds() // 3600))


def render_table(notice: Notice, listed: Sequence[LetterLine]) -> tuple[str, ...]:
    """The lines of the CSV table, always in English because programs read it. Cells like formulas are quoted."""
    rows = [csv_line(HEADINGS)]
    for number, letter_line in enumerate(listed, start=1):
        incident = letter_line.item.incident
        address = defang_address(letter_line.address) if notice.recipient.defang else letter_line.address
        reported = incident.first_sighted.date().isoformat()
        rows.append(
            csv_line(
                [str(number), address, reported, category_label(notice, letter_line), first_notice(notice, letter_line)]
            )
        )
    return tuple(rows)


def first_notice(notice: Notice, letter_line: LetterLine) -> str:
    """The day of the first notice about the address, in ISO format; empty in the first notice itself."""
    first_notified_at = letter_line.item.referral.noticed_at
    return (
        "" if Purpose(notice.purpose).comes_first or first_notified_at is None else first_notified_at.date().isoformat()
    )


def category_label(notice: Notice, letter_line: LetterLine) -> str:
    severity = letter_line.item.incident.severity
    # Without one while a new round is open.
    category = Severity(severity or Severity.A)
    if not severity or not RecipientKind(notice.recipient.kind).row.sees_classification:
        return category.row.material
    with override("en"):
        return str(category.label)
