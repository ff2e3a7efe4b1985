"""The acts of a recipient's account: open an address, and answer. Each is on record, and only on its own referrals."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents import contents
from analysts.models import Incident, NoticeItem, NoticeState, Referral, Reply, User, WordsRelease
from analysts.takedown.inbox.inbox_rows import sentences_before_referral
from analysts.takedown.inbox.permissions import check_inbox_is_open
from analysts.takedown.notices.case_facts.facts import label_of_fact
from analysts.takedown.notices.letter_facts import FIRST_REPORTED, ItemFacts, join_item_facts
from analysts.takedown.notices.placeholders import Placeholder
from analysts.takedown.notices.replies.actions import store_reply
from analysts.takedown.routing.police_answers import settle
from analysts.takedown.to_do_kinds import incident_number
from analysts.welfare.meter import Door, pass_door
from audit.actions import JSON
from audit.permissions import Denied
from countries.languages import FALLBACK
from reports.notices import NOTHING_DECIDED, AnswerKind, RecipientAnswer, RecipientDecision

# More are opened once these are referred, or erased with their reports.
MOST_SENTENCES = 20


def _find_letter(by: User, referral_id: UUID, now: datetime) -> NoticeItem:
    """The latest sent letter of a referral in the user's inbox. Raises Denied for any other."""
    check_inbox_is_open(by, now.date())
    referrals = Referral.objects.in_inbox_of(by, now.date()).filter(pk=referral_id)
    # Answers to replies list no address.
    letters = NoticeItem.objects.filter(referral__in=referrals, dropped="", interval__isnull=False)
    items = letters.filter(notice__state=NoticeState.SENT)
    items = items.select_related("notice__recipient", "notice__template", "incident", "key")
    item = items.order_by("-notice__sent_at", "pk").first()
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


def _facts_in_words(facts: ItemFacts, language: str) -> tuple[tuple[str, str], ...]:
    """Each with its label, in the words of the letter: of the officer's file in its language. The ground names the
    material."""
    stated = {name.value: text for name, text in join_item_facts([facts], language).items()}
    names = [name for name in facts if name != Placeholder.MATERIAL]
    return tuple((_label_of(name, language), stated.get(name, facts[name])) for name in names)


def _label_of(fact: str, language: str) -> str:
    if fact == FIRST_REPORTED:
        return str(_("first reported"))
    return str(Placeholder(fact).label) if fact in Placeholder.values else label_of_fact(fact, language)


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
    _meter(item.incident, by, now, reference=item.notice.reference, sentences=len(sentences))
    language = item.notice.template.language if item.notice.template else FALLBACK
    facts = _facts_in_words(copy.facts or {}, language) if copy else ()
    return OpenedReferral(copy.address if copy else "", facts, sentences)


@transaction.atomic
def open_sentences(*, by: User, now: datetime | None = None) -> dict[str, list[str]]:
    """Open the sentences released to the recipient about reports that were not referred to it, the oldest first, at
    most MOST_SENTENCES, by the number of the incident. Raises Denied."""
    now = now or timezone.now()
    releases = list(sentences_before_referral(check_inbox_is_open(by, now.date()), now)[:MOST_SENTENCES])
    opened: dict[UUID, list[str]] = defaultdict(list)
    for release in releases:
        if text := contents.inbox_words(release):
            opened[release.incident_id].append(text)
    for incident in Incident.objects.filter(pk__in=opened).order_by("pk"):
        _meter(incident, by, now, sentences=len(opened[incident.pk]))
    return {incident_number(incident): sentences for incident, sentences in opened.items()}


def _meter(incident: Incident, by: User, now: datetime, **details: JSON) -> None:
    pass_door(Door.INBOX, by=by, incidents=[incident], now=now, details=details)


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
