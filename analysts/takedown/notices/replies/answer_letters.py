"""Letters that answer a reply: to a question, and with the outcome of an appeal.

They list no address, are no step of a takedown, and go to the mailbox or form of the verified recipient alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from analysts.models import Notice, NoticeItem, Purpose, Reply, User
from analysts.takedown.notices import batching
from analysts.takedown.notices.placeholders import Placeholder
from analysts.takedown.notices.shipped_texts import message_of
from reports.letter_numbers import write_numbers


def open_answer(
    reply: Reply, purpose: Purpose, topic: str, *, incidents: Collection[UUID], by: User, now: datetime
) -> Notice:
    """Open the letter about those of `incidents` that the reply is about, and order its sending.

    Runs inside the caller's transaction; checks no permission and records no audit event.
    """
    answered = answered_items(reply, incidents)
    letter = batching.open_letter(reply.notice.recipient, purpose, topic, answers=reply, items=answered, by=by, now=now)
    items = [
        NoticeItem(
            notice=letter,
            incident_id=item.incident_id,
            referral_id=item.referral_id,
            interval=None,
            trace=item.trace,
            number=item.number,
        )
        for item in answered
    ]
    NoticeItem.objects.bulk_create(items)
    return letter


def answered_items(reply: Reply, incidents: Collection[UUID]) -> Sequence[NoticeItem]:
    """The items of the letter that the reply is about, among `incidents`."""
    items = reply.items().filter(incident__in=incidents)
    return list(items.select_related("incident__key").order_by("number", "pk"))


def answer_values(notice: Notice, language: str) -> dict[Placeholder, str]:
    """The values of the placeholders that only these letters have."""
    if notice.answers is None:
        return {}
    return {
        Placeholder.ANSWERED: notice.answers.notice.reference,
        Placeholder.NUMBERS: write_numbers(notice.numbers()),
        Placeholder.MESSAGE: message_of(notice.topic, language),
    }
