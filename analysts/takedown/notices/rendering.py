"""Renders a notice as subject, plain-text body and attached table, identically in every attempt.

Addresses in the body are always defanged, because mail programs turn anything else into links. Only the attached table
holds them as they are, unless the recipient wants them defanged there as well.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from django.utils.translation import override

from analysts.codes import Severity
from analysts.incidents import contents
from analysts.incidents.contents.plaintexts import OpenCopy
from analysts.models import (
    DeadReason,
    Notice,
    NoticeItem,
    NoticeState,
    NoticeTemplate,
    Purpose,
    RecipientKind,
    SenderIdentity,
)
from analysts.takedown.facts import redaction
from analysts.takedown.legal.senders import describe_status, flagging_sender
from analysts.takedown.legal.texts import legal_duty
from analysts.takedown.notices import texts
from analysts.takedown.notices.case_facts.facts import render_case_file
from analysts.takedown.notices.corrections import category_to_state, stated_category
from analysts.takedown.notices.letter_facts import (
    FIRST_REPORTED,
    ITEM_COLUMNS,
    ItemFacts,
    find_item_facts,
    hotline_facts,
    join_item_facts,
    one_line,
)
from analysts.takedown.notices.placeholders import OF_A_LOOK, Placeholder, Unfilled, fill_placeholders
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.notices.replies.answer_letters import answer_values
from analysts.takedown.notices.shipped_texts import complete_body
from countries.csv_files import csv_line
from reports.addresses import defang_address, find_addresses

# Caps on the addresses listed in the body and on the hosts listed in a line.
MOST_LISTED, MOST_HOSTS = 20, 3
HEADINGS = ("number", "address", "first_reported", "category", "first_notice", *ITEM_COLUMNS.values())
# Would tell the recipient when the content was reported and looked at.
_COLUMNS_OF_TIMES = frozenset({"first_reported", *(ITEM_COLUMNS[fact] for fact in OF_A_LOOK)})
WITHDRAWN, NOT_ASSESSED = "withdrawn", "not assessed"
DEFANGED = "defanged"


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
    # The file of facts for police and hotlines: its title, then the block of each item; empty for all others.
    case_file: tuple[str, ...]
    # In the order of the table.
    items: tuple[NoticeItem, ...]
    # By each item's id, its address as sent, its number, and the facts about it; None for a letter of a release without
    # facts.
    addresses: dict[uuid.UUID, str]
    numbers: dict[uuid.UUID, int]
    facts: dict[uuid.UUID, ItemFacts | None]
    # As `Notice.letter_values`.
    values: Mapping[str, str]
    template: NoticeTemplate
    # Whose status as a trusted flagger it claims.
    sender: SenderIdentity | None

    @property
    def attachment(self) -> bytes:
        return "".join(self.table).encode()


@dataclass(frozen=True, slots=True, repr=False)
class LetterLine:
    """`facts`: None if it was sent by a release whose letters had none."""

    item: NoticeItem
    address: str
    facts: ItemFacts | None
    number: int


def render_letter(notice: Notice, *, shows_link: bool = True) -> Letter:
    """Render the letter with all items that are not left out. `shows_link`: false for a reader who is not to reply.

    All attempts produce the same bytes, unless a redaction is changed in between. Addresses that were already sent, and
    the facts about them, are repeated as they were sent. A text that is older than a compulsory fact gets its line.

    Raises:
        CannotRender: a text, a placeholder value or an address is missing.
        redaction.Unconfirmed: the redaction of an address has to be confirmed first.
    """
    template = notice.template or texts.text_for_recipient(notice.recipient, notice.purpose)
    if template is None:
        raise CannotRender(DeadReason.NO_TEMPLATE)
    answers = Purpose(notice.purpose).row.answers_reply
    listed = [] if answers else letter_lines(notice, template.language)
    text = template.body if any(line.facts is None for line in listed) else complete_body(template)
    sender = flagging_sender(notice) if f"{{{Placeholder.SENDER_STATUS}}}" in text else None
    of_letter = letter_values(notice, template.language)
    values = values_of(notice, listed, of_letter, template.language, shows_link=shows_link)
    values |= {Placeholder.SENDER_STATUS: describe_status(sender, template.language) if sender else ""}
    try:
        subject, body = fill_placeholders(template.subject, values), fill_placeholders(text, values)
    except Unfilled:
        raise CannotRender(DeadReason.NO_PLACEHOLDER) from None
    return Letter(
        subject=subject,
        body=body.rstrip() + "\n",
        table=render_table(notice, listed, is_defanged=bool(of_letter[DEFANGED])) if listed else (),
        file_name=f"{notice.reference}.csv",
        case_file=render_case_file(
            notice.reference, [(line.number, line.address, line.facts or {}) for line in listed], template.language
        ),
        items=tuple(line.item for line in listed),
        addresses={line.item.pk: line.address for line in listed},
        numbers={line.item.pk: line.number for line in listed},
        facts={line.item.pk: line.facts for line in listed},
        values=of_letter,
        template=template,
        sender=sender,
    )


def letter_lines(notice: Notice, language: str) -> list[LetterLine]:
    """The items by their numbers; before these are stored, in order of the addresses, which is independent of when
    each was reported."""
    rows = notice.items.filter(dropped="").select_related(
        "incident__redaction", "referral__assessment", "alert", "notice__recipient"
    )
    items = list(rows.select_related("corrects__notice", "corrects__key"))
    copies = {item.pk: copy_of(item) for item in items}
    facts = find_item_facts([item for item in items if copies[item.pk] is None], language)
    lines = [
        LetterLine(item, copy.address, copy.facts, item.number or 0)
        if (copy := copies[item.pk])
        else LetterLine(item, address_of(item), facts[item.pk], item.number or 0)
        for item in items
    ]
    if all(line.number for line in lines):
        return sorted(lines, key=lambda line: line.number)
    ordered = sorted(lines, key=lambda line: (line.address, line.item.pk))
    return [replace(line, number=number) for number, line in enumerate(ordered, start=1)]


def copy_of(item: NoticeItem) -> OpenCopy | None:
    """The address and facts as the letter had them; of a correction that was not sent yet, the address as the corrected
    letter had it, without the facts that may be wrong."""
    copy = contents.letter_copy_with_facts(item)
    if copy is None and item.corrects and (corrected := contents.letter_copy_with_facts(item.corrects)):
        return replace(corrected, facts={})
    return copy


def address_of(item: NoticeItem) -> str:
    """The address of an item that was not sent yet, as it may be shared."""
    try:
        return redaction.address_to_share(item.incident)
    except redaction.AddressUnreadable:
        raise CannotRender(DeadReason.UNREADABLE) from None
    except redaction.Unconfirmed:
        if item.alert_id is None:
            raise
        # Its parts were recognised as personal since: a person decides.
        raise CannotRender(DeadReason.UNREADABLE) from None


def letter_values(notice: Notice, language: str) -> Mapping[str, str]:
    """The values that depend on no address, by the name of the placeholder: as the letter states them, once it is made.

    `DEFANGED`: "yes" if the attached table has its addresses defanged.
    """
    if notice.letter_values:
        return dict(notice.letter_values)
    values = {
        **hotline_facts(language),
        **answer_values(notice, language),
        Placeholder.LEGAL_DUTY: legal_duty(notice.recipient, language),
        Placeholder.RECIPIENT: one_line(notice.recipient.name),
    }
    is_defanged = "yes" if notice.recipient.defang else ""
    return {**{name.value: text for name, text in values.items()}, DEFANGED: is_defanged}


def values_of(
    notice: Notice, listed: Sequence[LetterLine], of_letter: Mapping[str, str], language: str, *, shows_link: bool
) -> dict[Placeholder, str]:
    """The values of the placeholders; an empty string if a value is missing."""
    first = min((moment for line in listed if (moment := first_sent_at(line.item))), default=None)
    values = {
        **join_item_facts((line.facts or {} for line in listed), language),
        **{name: of_letter[name] for name in Placeholder if name in of_letter},
        Placeholder.REFERENCE: notice.reference,
        Placeholder.COUNT: str(len(listed)),
        Placeholder.HOST: hosts_text([line.address for line in listed]),
        Placeholder.ADDRESSES: addresses_text(notice, listed),
        Placeholder.ANSWER_LINK: reply_links.reply_url(notice) if shows_link else reply_links.hidden_url(),
        Placeholder.ANSWER_UNTIL: notice.link.expires_on.isoformat(),
        Placeholder.EARLIER: ", ".join(
            dict.fromkeys(str(line.item.corrects.notice) for line in listed if line.item.corrects)
        ),
        Placeholder.FIRST_SENT: first.date().isoformat() if first else "",
        Placeholder.HOURS: str(hours_between(first, notice.scheduled_at)) if first else "",
    }
    return values if sees_times(notice) else {**values, **dict.fromkeys(OF_A_LOOK, "")}


def first_sent_at(item: NoticeItem) -> datetime | None:
    """When the recipient was first written to about the address, before this letter."""
    if item.referral:
        return item.referral.noticed_at
    return item.corrects.notice.sent_at if item.corrects else None


def sees_times(notice: Notice) -> bool:
    """Whether the recipient learns when the content was reported and last seen."""
    return RecipientKind(notice.recipient.kind).row.sees_times and not Purpose(notice.purpose).row.is_unassessed


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
    lines = [f"{line.number}. {defang_address(line.address)}" for line in listed[:MOST_LISTED]]
    more = len(listed) - len(lines)
    return "\n".join([*lines, *([f"… + {more} ({notice.reference}.csv)"] if more else [])])


def hours_between(first: datetime, until: datetime) -> int:
    """Whole hours up to the scheduled time, which is the same for all attempts."""
    return max(0, int((until - first).total_seconds() // 3600))


def render_table(notice: Notice, listed: Sequence[LetterLine], *, is_defanged: bool) -> tuple[str, ...]:
    """The lines of the CSV table, always in English because programs read it. Cells like formulas are quoted."""
    headings = [name for name in HEADINGS if sees_times(notice) or name not in _COLUMNS_OF_TIMES]
    rows = [csv_line(headings)]
    for letter_line in listed:
        facts, incident = letter_line.facts or {}, letter_line.item.incident
        cells = {
            "number": str(letter_line.number),
            "address": defang_address(letter_line.address) if is_defanged else letter_line.address,
            # An alert says nothing of the report but its address, and so does its correction.
            "first_reported": ""
            if letter_line.item.alert_id
            else facts.get(FIRST_REPORTED) or incident.first_sighted.date().isoformat(),
            "category": category_label(notice, letter_line),
            "first_notice": first_notice(notice, letter_line),
            **{name: facts.get(fact, "") for fact, name in ITEM_COLUMNS.items()},
        }
        rows.append(csv_line([cells[name] for name in headings]))
    return tuple(rows)


def first_notice(notice: Notice, letter_line: LetterLine) -> str:
    """The day of the first notice about the address, in ISO format; empty in the first notice itself."""
    first_notified_at = first_sent_at(letter_line.item)
    return (
        ""
        if Purpose(notice.purpose).row.comes_first or first_notified_at is None
        else first_notified_at.date().isoformat()
    )


def category_label(notice: Notice, letter_line: LetterLine) -> str:
    item = letter_line.item
    severity = stated_category(item) if notice.state == NoticeState.SENT else category_to_state(item)
    if notice.purpose == Purpose.CORRECTION and not severity:
        return WITHDRAWN
    if Purpose(notice.purpose).row.is_unassessed:
        return NOT_ASSESSED
    # Without one while a new round is open.
    category = Severity(severity or Severity.A)
    if not severity or not RecipientKind(notice.recipient.kind).row.sees_classification:
        return category.row.material
    with override("en"):
        return str(category.label)
