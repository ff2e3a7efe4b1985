"""A notice as it leaves: subject, plain text and a table, made anew in each attempt and the same in all of them.

The body lists addresses defanged, whatever the recipient wants: mail programs make links of anything else. As they are
they stand in the attached table alone, unless the recipient wants them defanged there too.
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
from analysts.takedown.notices import reply_links, texts
from analysts.takedown.notices.placeholders import Placeholder, Unfilled, fill_placeholders
from audit.exports import csv_line
from reports.addresses import defang_address, find_addresses

# Of the addresses in the body; of the hosts in a line.
MOST_LISTED, MOST_HOSTS = 20, 3
HEADINGS = ("number", "address", "first_reported", "category", "first_notice")
ILLEGAL = "child sexual abuse material"


class CannotRender(Exception):
    """Something without which the notice cannot leave."""

    def __init__(self, reason: DeadReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    subject: str
    body: str
    # CSV, UTF-8; to be sent as a file, so that no mail program shows it, and makes links of it.
    attachment: bytes
    file_name: str
    # By item: its address as sent.
    addresses: dict[uuid.UUID, str]
    template: NoticeTemplate


@dataclass(frozen=True, slots=True, repr=False)
class LetterLine:
    item: NoticeItem
    address: str


def render_letter(notice: Notice) -> Letter:
    """The letter about all addresses that were not left out. One attempt makes the same bytes as another, as long as
    nobody confirms another form of an address: what was sent already is repeated as it was sent.

    Raises:
        Missing: it cannot leave, whoever tries.
        outgoing.Unconfirmed: an address of it must be confirmed first.
    """
    template = notice.template or texts.text_for_recipient(notice.recipient, notice.purpose)
    if template is None:
        raise CannotRender(DeadReason.NO_TEMPLATE)
    listed = letter_lines(notice)
    values = values_of(notice, listed)
    try:
        subject, body = fill_placeholders(template.subject, values), fill_placeholders(template.body, values)
    except Unfilled:
        raise CannotRender(DeadReason.NO_PLACEHOLDER) from None
    return Letter(
        subject=subject,
        body=body.rstrip() + "\n",
        attachment=render_table(notice, listed),
        file_name=f"{notice.reference}.csv",
        addresses={each.item.pk: each.address for each in listed},
        template=template,
    )


def letter_lines(notice: Notice) -> list[LetterLine]:
    """By address, so that the order is always the same and says nothing about when which was reported."""
    items = notice.items.filter(dropped="").select_related("incident__outgoing", "referral")
    return sorted((LetterLine(item, address_of(item)) for item in items), key=lambda each: (each.address, each.item.pk))


def address_of(item: NoticeItem) -> str:
    """As it was sent; before that, as it may leave."""
    try:
        return contents.unseal_copy(item) or redaction.address_to_share(item.incident)
    except redaction.AddressUnreadable:
        raise CannotRender(DeadReason.UNREADABLE) from None


def values_of(notice: Notice, listed: Sequence[LetterLine]) -> dict[Placeholder, str]:
    """What there is to put in; empty where something is missing."""
    first = min((each.item.referral.noticed_at for each in listed if each.item.referral.noticed_at), default=None)
    return {
        Placeholder.REFERENCE: notice.reference,
        Placeholder.RECIPIENT: one_line(notice.recipient.name),
        Placeholder.HOTLINE: one_line(settings.HOTLINE_NAME),
        Placeholder.COUNT: str(len(listed)),
        Placeholder.HOST: hosts_text([each.address for each in listed]),
        Placeholder.ADDRESSES: addresses_text(notice, listed),
        Placeholder.ANSWER_LINK: reply_links.reply_url(notice),
        Placeholder.ANSWER_UNTIL: notice.link.expires_on.isoformat(),
        Placeholder.FIRST_SENT: first.date().isoformat() if first else "",
        Placeholder.HOURS: str(hours_between(first, notice.leaves_at)) if first else "",
    }


def one_line(text: str) -> str:
    """A name from a file may bring line ends, which in a subject would begin another header."""
    return " ".join(text.split())


def hosts_text(addresses: Sequence[str]) -> str:
    """The first few hosts, defanged; of an app link without a host, its scheme."""
    named = dict.fromkeys(host_of(address) for address in addresses)
    shown = ", ".join(islice(named, MOST_HOSTS))
    return f"{shown}, …" if len(named) > MOST_HOSTS else shown


def host_of(address: str) -> str:
    found = find_addresses(address)
    return defang_address(found[0].host) if found and found[0].host else defang_address(address.partition(":")[0] + ":")


def addresses_text(notice: Notice, listed: Sequence[LetterLine]) -> str:
    """In no language: how many more there are stands with the name of the file that has them."""
    shown = [f"{number}. {defang_address(each.address)}" for number, each in enumerate(listed[:MOST_LISTED], start=1)]
    more = len(listed) - len(shown)
    return "\n".join([*shown, *([f"… + {more} ({notice.reference}.csv)"] if more else [])])


def hours_between(first: datetime, until: datetime) -> int:
    """Until it was to leave, which no later attempt changes."""
    return max(0, int((until - first).total_seconds() // 3600))


def render_table(notice: Notice, listed: Sequence[LetterLine]) -> bytes:
    """In English for everybody: programs read it. Cells that a spreadsheet would run are quoted."""
    rows = [csv_line(HEADINGS)]
    for number, each in enumerate(listed, start=1):
        incident = each.item.incident
        address = defang_address(each.address) if notice.recipient.defang else each.address
        reported = incident.first_sighted.date().isoformat()
        rows.append(
            csv_line([str(number), address, reported, category_label(notice, each), first_notice(notice, each)])
        )
    return "".join(rows).encode()


def first_notice(notice: Notice, each: LetterLine) -> str:
    """The day on which they were first told of it; empty in that notice itself."""
    told_at = each.item.referral.noticed_at
    return "" if Purpose(notice.purpose).comes_first or told_at is None else told_at.date().isoformat()


def category_label(notice: Notice, each: LetterLine) -> str:
    severity = each.item.incident.severity
    if not severity or not RecipientKind(notice.recipient.kind).row.sees_classification:
        return ILLEGAL
    with override("en"):
        return str(Severity(severity).label)
