"""The acts of a recipient's account: open an address, and answer. Each is on record, and only on its own referrals."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents import contents
from analysts.models import NoticeItem, NoticeState, Referral, Reply, User, WordsRelease
from analysts.takedown.inbox.permissions import check_inbox_is_open
from analysts.takedown.notices.placeholders import Placeholder
from analysts.takedown.notices.replies.actions import store_reply
from analysts.takedown.routing.police_answers import settle
from analysts.welfare.meter import Door, pass_door
from audit.actions import JSON
from audit.permissions import Denied
from reports.notices import NOTHING_DECIDED, AnswerKind, RecipientAnswer, RecipientDecision


def _find_letter(by: User, referral_id: UUID, now: datetime) -> NoticeItem:
    """The latest sent letter of a referral in the user's inbox. Raises Denied for any other."""
    check_inbox_is_open(by, now.date())
    referrals = Referral.objects.in_inbox_of(by, now.date()).filter(pk=referral_id)
    # Answers to replies list no address.
    letters = NoticeItem.objects.filter(referral__in=referrals, dropped="", interval__isnull=False)
    items = letters.filter(notice__state=NoticeState.SENT)
    item = items.select_related("notice__recipient", "incident", "key").order_by("-notice__sent_at", "pk").first()
    if item is None:
        raise Denied(_("This is not in your inbox."))
    return item


@dataclass(frozen=True, slots=True, repr=False)
class OpenedReferral:
    """The address as it was sent, what the letter stated about it, and the sentences of reports released about it.

    `facts`: by their labels.
    """

    address: str
    facts: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]


def _label_of(fact: str) -> str:
    return str(Placeholder(fact).label) if fact in Placeholder.values else fact


@transaction.atomic
def open_address(*, by: User, referral_id: UUID, now: datetime | None = None) -> OpenedReferral | None:
    """Open the address of a referral, with the sentences released about it; None if they are erased. Raises Denied."""
    now = now or timezone.now()
    item = _find_letter(by, referral_id, now)
    releases = WordsRelease.objects.released_to(item.notice.recipient).filter(incident=item.incident)
    sentences = tuple(text for release in releases if (text := contents.inbox_words(release)))
    copy = contents.inbox_copy(item)
    if copy is None and not sentences:
        return None
    details: dict[str, JSON] = {"reference": item.notice.reference, "sentences": len(sentences)}
    pass_door(Door.INBOX, by=by, incidents=[item.incident], now=now, details=details)
    facts = tuple((_label_of(name), text) for name, text in (copy.facts or {}).items()) if copy else ()
    return OpenedReferral(copy.address if copy else "", facts, sentences)


@transaction.atomic
def answer_referral(
    *,
    by: User,
    referral_id: UUID,
    kind: AnswerKind,
    text: str,
    decision: RecipientDecision = NOTHING_DECIDED,
    case_number: str = "",
    now: datetime | None = None,
) -> Reply:
    """Record the recipient's answer, which counts at once. Raises Denied, Late if the same is recorded already."""
    now = now or timezone.now()
    item = _find_letter(by, referral_id, now)
    # About this address, and no other of the letter.
    numbers = (item.number,) if item.number else ()
    answer = RecipientAnswer(kind, text, decision, numbers, case_number)
    reply = store_reply(by=by, notice=item.notice, answer=answer, now=now)
    settle(reply, by=by, now=now)
    return reply
