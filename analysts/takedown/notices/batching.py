"""Finds or opens the gathering notice of a recipient and purpose; at most one exists at a time."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from analysts.incidents import contents
from analysts.models import Channel, Incident, Notice, NoticeItem, NoticeState, Purpose, Recipient, User
from analysts.models.notice import answerer_about
from analysts.takedown.notices import outbox
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.recipients.opening_hours import next_opening
from countries.decided_settings import number_in_force
from reports.addresses import defang_address, find_addresses
from reports.receipts import ALPHABET

# More addresses in one notice could not be processed by a recipient.
MOST_ITEMS = 500
# Machine-readable reports are a file each, and mail servers limit the number of files.
MOST_REPORTS = 100
# After this many lost races in a row, the cause must be something else.
MOST_LOOKS = 5


def find_or_open_notice(
    recipient: Recipient, purpose: Purpose, *, incident: Incident, by: User | None, now: datetime
) -> Notice:
    """Return the gathering notice for `recipient` and `purpose`, locked until the transaction ends.

    `incident`: its host is shown on the reply page if a new notice is opened.

    Raises:
        RuntimeError: no notice could be found or opened after `MOST_LOOKS` attempts.
    """
    for _look in range(MOST_LOOKS):
        notice = _find_gathering(recipient, purpose)
        if notice is None:
            try:
                gathers_until = now + timedelta(minutes=number_in_force("NOTICE_GROUP_MINUTES"))
                with transaction.atomic():
                    return _open_notice(
                        recipient, purpose, host_text=host_of(incident), at=gathers_until, by=by, now=now
                    )
            except IntegrityError:
                # A concurrent transaction has opened the notice, or the reference is taken: retry.
                continue
        if notice.items.count() < capacity_for(recipient):
            return notice
        _mark_ready(notice)
    raise RuntimeError("No notice can be opened, and none is found.")


def capacity_for(recipient: Recipient) -> int:
    """The most addresses in one notice to the recipient."""
    return MOST_REPORTS if recipient.channel == Channel.XARF else MOST_ITEMS


def lock_gathering(recipients: Iterable[UUID | None]) -> list[Notice]:
    """Lock and return all gathering notices of `recipients`.

    Notices are locked in primary-key order, so that two transactions that add to several notices cannot deadlock. For
    the same reason callers open missing notices in the order of the recipients.
    """
    waiting = Notice.objects.filter(recipient__in={*recipients}, state=NoticeState.GATHERING).order_by("pk")
    return list(waiting.select_for_update(of=("self",)).select_related("recipient"))


def add_to_notice(item: NoticeItem) -> NoticeItem:
    """Save the new item, or include the item of the same notice and incident again that was left out earlier."""
    earlier = NoticeItem.objects.filter(notice=item.notice, incident=item.incident_id).exclude(dropped="").first()
    if earlier is None:
        item.save(force_insert=True)
        return item
    earlier.referral, earlier.alert, earlier.interval, earlier.trace = (
        item.referral,
        item.alert,
        item.interval,
        item.trace,
    )
    earlier.corrects, earlier.dropped = item.corrects, ""
    earlier.save(update_fields=["referral", "alert", "interval", "trace", "corrects", "dropped"])
    return earlier


def _find_gathering(recipient: Recipient, purpose: Purpose) -> Notice | None:
    waiting = Notice.objects.select_for_update().filter(state=NoticeState.GATHERING)
    return waiting.filter(recipient=recipient, purpose=purpose).first()


def open_letter(
    recipient: Recipient, purpose: Purpose, *, items: Sequence[NoticeItem], by: User, now: datetime, **fields: Any
) -> Notice:
    """Open a letter about `items`, numbered as in an earlier one. It takes no other address, and is due at once.

    `fields`: of the notice, such as the reply that it answers.
    """
    host_text = host_of(items[0].incident) if len(items) == 1 else ""
    notice = _open_notice(recipient, purpose, host_text=host_text, at=now, by=by, now=now, **fields)
    answerer = answerer_about(recipient, {item.incident_id for item in items})
    numbers = [item.number for item in items if item.number]
    reply_links.complete_link(notice, numbers=numbers, answerer=answerer)
    _mark_ready(notice)
    return notice


def _open_notice(
    recipient: Recipient,
    purpose: Purpose,
    *,
    host_text: str,
    at: datetime,
    by: User | None,
    now: datetime,
    **fields: Any,
) -> Notice:
    """Create the notice and its link, and order its sending when the recipient is open after `at`."""
    pk, reference = uuid.uuid4(), new_reference()
    notice = Notice.objects.create(
        id=pk,
        reference=reference,
        recipient=recipient,
        purpose=purpose,
        message_id=new_message_id(),
        link=reply_links.create_link(
            notice_id=pk,
            reference=reference,
            host_text=host_text,
            language=language_of(recipient),
            now=now,
        ),
        by=by,
        made_at=now,
        scheduled_at=next_opening(recipient, at),
        **fields,
    )
    outbox.schedule_sending(notice, notice.scheduled_at)
    return notice


def _mark_ready(notice: Notice) -> None:
    """Close the notice to further items. It is sent at its scheduled time; later items go to a new notice."""
    notice.state = NoticeState.READY
    notice.next_try_at = notice.scheduled_at if Channel(notice.recipient.channel).is_mail else None
    notice.save(update_fields=["state", "next_try_at"])


def new_reference() -> str:
    """A random reference such as RP-7K2M-XQ4D, without characters that are easily confused."""
    return f"RP-{get_random_string(4, ALPHABET)}-{get_random_string(4, ALPHABET)}"


def new_message_id() -> str:
    """A Message-ID in the domain of the sender's address, so that the machine's name is not disclosed."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid.uuid4().hex}@{domain}>"


def host_of(incident: Incident) -> str:
    """The defanged host of the incident; empty if it has no address or the address cannot be decrypted."""
    opened = contents.letter_address(incident)
    addresses = find_addresses(opened.normalised)[:1] if opened else []
    return defang_address(addresses[0].host) if addresses else ""


def language_of(recipient: Recipient) -> str:
    """The first of the recipient's languages in which the reply page is available."""
    languages = dict(settings.LANGUAGES)
    return next((language for language in recipient.languages if language in languages), settings.LANGUAGE_CODE)
