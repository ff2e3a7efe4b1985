"""Letters that answer a reply or an appeal: to a question, and with the outcome.

They list no address, are no step of a takedown, and go to the mailbox or form of the verified recipient alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from analysts.models import Appeal, Notice, NoticeItem, Purpose, Reply, User
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
    return _open_about(reply.notice, answered, purpose, answers=reply, topic=topic, by=by, now=now)


def open_outcome(appeal: Appeal, *, by: User, now: datetime) -> Notice | None:
    """Open the letter with the outcome of a decided appeal, as `open_answer`.

    It goes to the recipient that answered a notice, or whose letter names the account holder. None without either:
    only they have a verified mailbox.
    """
    if appeal.reply:
        return open_answer(appeal.reply, Purpose.OUTCOME, appeal.reason, incidents=[appeal.incident_id], by=by, now=now)
    if appeal.letter is None:
        return None
    items = appeal.letter.items.filter(incident=appeal.incident_id, dropped="").select_related("incident__key")
    return _open_about(appeal.letter, list(items), Purpose.OUTCOME, appeal=appeal, topic=appeal.reason, by=by, now=now)


def _open_about(
    earlier: Notice, items: Sequence[NoticeItem], purpose: Purpose, *, by: User, now: datetime, **fields: Any
) -> Notice:
    letter = batching.open_letter(earlier.recipient, purpose, items=items, by=by, now=now, **fields)
    NoticeItem.objects.bulk_create(
        NoticeItem(
            notice=letter,
            incident_id=item.incident_id,
            referral_id=item.referral_id,
            interval=None,
            trace=item.trace,
            number=item.number,
        )
        for item in items
    )
    return letter


def answered_items(reply: Reply, incidents: Collection[UUID]) -> Sequence[NoticeItem]:
    """The items of the letter that the reply is about, among `incidents`."""
    items = reply.items().filter(incident__in=incidents)
    return list(items.select_related("incident__key").order_by("number", "pk"))


def answer_values(notice: Notice, language: str) -> dict[Placeholder, str]:
    """The values of the placeholders that only these letters have."""
    earlier = notice.answers.notice if notice.answers else notice.appeal.letter if notice.appeal else None
    if earlier is None:
        return {}
    return {
        Placeholder.ANSWERED: earlier.reference,
        Placeholder.NUMBERS: write_numbers(notice.numbers()),
        Placeholder.MESSAGE: message_of(notice.topic, language),
    }
