"""The notice that gathers for a recipient: found or opened, once however many want it at the same moment."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from analysts.incidents import contents
from analysts.models import Channel, Incident, Notice, NoticeState, Purpose, Recipient, User
from analysts.takedown.notices import outbox, reply_links
from analysts.takedown.recipients.opening_hours import next_opening
from reports.addresses import defang_address, find_addresses
from reports.receipts import ALPHABET

# What one letter can say and somebody can still work through.
MOST_ITEMS = 500
# Lost races in a row before something else must be wrong.
MOST_LOOKS = 5


def find_or_open_notice(
    recipient: Recipient, purpose: Purpose, *, incident: Incident, by: User | None, now: datetime
) -> Notice:
    """The notice that another address joins, locked: nobody sends it before the transaction ends.

    `incident`: whose host the link of a new one names.
    """
    for _look in range(MOST_LOOKS):
        notice = _find_gathering(recipient, purpose)
        if notice is None:
            try:
                with transaction.atomic():
                    return _open_notice(recipient, purpose, incident=incident, by=by, now=now)
            except IntegrityError:
                # Somebody has just opened one, or the reference is taken: look again.
                continue
        if notice.items.count() < MOST_ITEMS:
            return notice
        _mark_ready(notice)
    raise RuntimeError("No notice can be opened, and none is found.")


def lock_gathering(recipients: Iterable[UUID | None]) -> list[Notice]:
    """All that gather for them, locked. In one order, as whoever has several join letters locks them first: so that two
    never wait for each other. What has to be opened is opened in the order of the recipients, for the same reason.
    """
    waiting = Notice.objects.filter(recipient__in={*recipients}, state=NoticeState.GATHERING).order_by("pk")
    return list(waiting.select_for_update(of=("self",)))


def _find_gathering(recipient: Recipient, purpose: Purpose) -> Notice | None:
    waiting = Notice.objects.select_for_update().filter(state=NoticeState.GATHERING)
    return waiting.filter(recipient=recipient, purpose=purpose).first()


def _open_notice(
    recipient: Recipient, purpose: Purpose, *, incident: Incident, by: User | None, now: datetime
) -> Notice:
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
            host_text=host_of(incident),
            language=language_of(recipient),
            now=now,
        ),
        by=by,
        made_at=now,
        leaves_at=next_opening(recipient, now + timedelta(minutes=settings.NOTICE_GROUP_MINUTES)),
    )
    outbox.schedule_sending(notice, notice.leaves_at)
    return notice


def _mark_ready(notice: Notice) -> None:
    """Full: it leaves when it was to leave, and what comes now gathers in another one."""
    notice.state = NoticeState.READY
    notice.next_try_at = notice.leaves_at if notice.recipient.channel == Channel.EMAIL else None
    notice.save(update_fields=["state", "next_try_at"])


def new_reference() -> str:
    """Such as RP-7K2M-XQ4D: random, readable aloud, without letters that look alike."""
    return f"RP-{get_random_string(4, ALPHABET)}-{get_random_string(4, ALPHABET)}"


def new_message_id() -> str:
    """In the domain of the sender's address: the name of the machine is nobody's business."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid.uuid4().hex}@{domain}>"


def host_of(incident: Incident) -> str:
    """Defanged; empty where there is no address, or it cannot be opened any more."""
    opened = contents.unseal_address(incident)
    found = find_addresses(opened.normalised)[:1] if opened else []
    return defang_address(found[0].host) if found else ""


def language_of(recipient: Recipient) -> str:
    """The first of the recipient's languages that the answer's page is there in."""
    known = dict(settings.LANGUAGES)
    return next((language for language in recipient.languages if language in known), settings.LANGUAGE_CODE)
