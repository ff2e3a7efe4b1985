"""The rows of an inbox: our reference, the state, days open, the recipient's case number; no address, no portal."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.models import (
    Confirmation,
    NoticeItem,
    NoticeState,
    PoliceHold,
    RecipientAccess,
    Referral,
    Reply,
    User,
    WordsRelease,
)
from analysts.models.reply import VALID, is_answered
from analysts.takedown.inbox.letter_rows import LetterRow
from reports.notices import AnswerKind

LONGEST_SEARCH = 60


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A referral as its recipient sees it. `letters`: those that were sent, the first one first."""

    referral: Referral
    letters: tuple[LetterRow, ...]
    state: str | Promise
    days: int
    # Their case number, and their latest answer; "" without one.
    case_number: str
    answer: str | Promise

    @property
    def reference(self) -> str:
        return self.letters[0].notice.reference if self.letters else ""

    @property
    def is_open(self) -> bool:
        return self.referral.removed_at is None and self.referral.ended_at is None and not _is_withdrawn(self.letters)


def referrals_of(user: User, now: datetime, typed: str = "") -> QuerySet[Referral]:
    """The referrals in the user's inbox, the newest first. `typed`: our reference, or their case number."""
    referrals = Referral.objects.in_inbox_of(user, now.date()).order_by("-noticed_at", "pk")
    if not typed:
        return referrals
    notices = NoticeItem.objects.filter(notice__reference__iexact=typed, notice__state=NoticeState.SENT, dropped="")
    holds = PoliceHold.objects.filter(reference=typed)
    in_notice = Q(pk__in=notices.values("referral"))
    # The number is that of the police who gave it.
    numbers = holds.filter(incident__in=referrals.values("incident"))
    of_hold = Q(to__in=numbers.values("police"), incident__in=numbers.values("incident"))
    replies = Reply.objects.filter(is_answered("notice__items"), case_number=typed, confirmation__in=VALID)
    return referrals.filter(in_notice | of_hold | Q(pk__in=replies.values("notice__items__referral")))


def sentences_before_referral(access: RecipientAccess, now: datetime) -> QuerySet[WordsRelease]:
    """The sentences released to the recipient about reports that were not referred to it: a life is in danger now."""
    referrals = Referral.objects.in_inbox_of(access.user, now.date()).filter(incident=OuterRef("incident"))
    return WordsRelease.objects.released_to(access.recipient).exclude(Exists(referrals))


def inbox_rows(referrals: Sequence[Referral], now: datetime) -> list[InboxRow]:
    """Three queries for any number of referrals."""
    letters = _letters_of(referrals)
    numbers, (answers, answered_numbers) = _case_numbers(referrals), _latest_answers(letters)
    return [
        InboxRow(
            referral,
            tuple(letters[referral.pk]),
            _state_of(referral, letters[referral.pk]),
            _days_open(referral, now),
            answered_numbers.get(referral.pk) or numbers.get((referral.incident_id, referral.to_id), ""),
            answers.get(referral.pk, ""),
        )
        for referral in referrals
    ]


def _letters_of(referrals: Sequence[Referral]) -> dict[UUID, list[LetterRow]]:
    items = NoticeItem.objects.filter(referral__in=referrals, dropped="", notice__state=NoticeState.SENT)
    letters: dict[UUID, list[LetterRow]] = defaultdict(list)
    for item in items.select_related("notice").order_by("notice__sent_at", "pk"):
        if item.referral_id:
            letters[item.referral_id].append(LetterRow(item))
    return letters


def _case_numbers(referrals: Sequence[Referral]) -> dict[tuple[UUID, UUID | None], str]:
    """The numbers that staff recorded with its decisions, by incident and recipient."""
    holds = PoliceHold.objects.filter(incident__in=[referral.incident_id for referral in referrals])
    rows = holds.exclude(reference="").order_by("at").values_list("incident", "police", "reference")
    return {(incident, police): reference for incident, police, reference in rows}


def _latest_answers(
    letters: dict[UUID, list[LetterRow]],
) -> tuple[dict[UUID, str | Promise], dict[UUID, str]]:
    """By referral: the latest answer, claims among them, and the latest case number of those that count."""
    items = [letter.item.pk for of_referral in letters.values() for letter in of_referral]
    replies = Reply.objects.filter(is_answered("notice__items"), notice__items__in=items).order_by("received_at", "pk")
    rows = list(
        replies.exclude(confirmation=Confirmation.DENIED).values_list(
            "notice__items__referral", "kind", "case_number", "confirmation"
        )
    )
    answers: dict[UUID, str | Promise] = {referral: AnswerKind(kind).label for referral, kind, _number, _how in rows}
    return answers, {referral: number for referral, _kind, number, how in rows if number and how in VALID}


def _is_withdrawn(letters: Sequence[LetterRow]) -> bool:
    """Whether the latest letter that names the content takes the earlier ones back."""
    named = [letter for letter in letters if letter.names_content]
    return bool(named) and named[-1].is_withdrawal


def _state_of(referral: Referral, letters: Sequence[LetterRow]) -> str | Promise:
    if _is_withdrawn(letters):
        return _("withdrawn")
    if referral.removed_at is not None:
        return _("removed")
    return _("closed") if referral.ended_at is not None else _("open")


def _days_open(referral: Referral, now: datetime) -> int:
    end = referral.removed_at or referral.ended_at or now
    return max(0, (end - (referral.noticed_at or now)).days)
