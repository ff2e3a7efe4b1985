"""The replies that a recipient of a notice can choose from, and what it can have decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices
from reports.addresses import find_addresses
from reports.letter_numbers import write_numbers


class RecipientAction(TextChoices):
    """The action of a recipient on the content. `analysts.codes.recipient_actions` has what staff need of each."""

    REMOVED = "removed", _("We removed it.")
    BLOCKED = "blocked", _("We blocked it in some countries.")
    LIMITED = "limited", _("We made it harder to find or to see.")
    ACCOUNT_CLOSED = "account", _("We closed the account.")
    NO_ACTION = "no_action", _("We did nothing about it.")


class DecisionGround(TextChoices):
    """On what a recipient bases what it did. No action on the ground of the law: it does not find it illegal."""

    LAW = "law", _("On the law")
    TERMS = "terms", _("On our own rules")


class YesOrNo(TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")


class Answerer(StrEnum):
    """Whose answers they are."""

    # All but the police.
    HOST = "host"
    POLICE = "police"
    # Police that were asked for clearance.
    CLEARANCE = "clearance"


HOSTS, POLICE = frozenset({Answerer.HOST}), frozenset({Answerer.POLICE, Answerer.CLEARANCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One kind of reply."""

    answerers: frozenset[Answerer] = HOSTS
    # Asked of the recipient if it writes no words; None: words are not needed.
    missing_words: Promise | None = None
    # Actions that fit this answer.
    actions: frozenset[RecipientAction] = frozenset()
    # The action that it implies; None: nothing.
    implied: RecipientAction | None = None
    # The action must be chosen.
    asks_action: bool = False
    # The recipient's case number must be given.
    asks_number: bool = False
    # Unless it came from the recipient's own account, it is a claim until staff have called the verified number.
    needs_call: bool = False


REMOVALS = frozenset({RecipientAction.REMOVED, RecipientAction.ACCOUNT_CLOSED})


class AnswerKind(RowChoices):
    row: AnswerRow

    # fmt: off
    ACKNOWLEDGED = "acknowledged", AnswerRow(answerers=HOSTS | POLICE), _("We have received it and will look into it.")
    GRANTED = ("granted", AnswerRow(answerers=frozenset({Answerer.CLEARANCE}), asks_number=True, needs_call=True),
        _("Clearance granted: you may have it removed."))
    REFUSED = ("refused", AnswerRow(answerers=frozenset({Answerer.CLEARANCE}), asks_number=True, needs_call=True),
        _("Clearance refused: do not have it removed."))
    CASE_OPENED = ("case_opened", AnswerRow(answerers=POLICE, asks_number=True, needs_call=True),
        _("We have opened a case."))
    NOT_FOR_US = ("not_for_us", AnswerRow(answerers=POLICE, needs_call=True,
        missing_words=_("Please write who it is for, as far as you know.")), _("It is not for us."))
    REMOVED = ("removed", AnswerRow(actions=REMOVALS, implied=RecipientAction.REMOVED), _("We have removed it."))
    DECIDED = ("decided", AnswerRow(actions=frozenset(RecipientAction), asks_action=True),
        _("We have decided what to do. (Please fill in the next part.)"))
    NOT_OURS = ("not_ours", AnswerRow(missing_words=_("Please write who hosts it, as far as you know.")),
        _("It is not hosted with us."))
    NEED_MORE = ("need_more", AnswerRow(answerers=HOSTS | POLICE,
        missing_words=_("Please write what you need from us.")), _("We need more from you."))
    CONTESTED = ("contested", AnswerRow(actions=frozenset(RecipientAction),
        missing_words=_("Please write why you contest it.")), _("We contest it."))
    CALL_ME = "call_me", AnswerRow(answerers=POLICE, needs_call=True), _("Please call us.")
    # fmt: on


def goes_with(kind: AnswerKind, action: RecipientAction | None) -> bool:
    """Whether a recipient that answers so can have done this; None: it says nothing about it."""
    if action is None:
        return kind.row.implied is None and not kind.row.asks_action
    return action in kind.row.actions


@dataclass(frozen=True, slots=True)
class RecipientDecision:
    """The decision of a recipient: its action and ground, whether a machine decided, and if its user knows of redress.

    None: not said. Without an action there is nothing else.
    """

    action: RecipientAction | None = None
    ground: DecisionGround | None = None
    is_automated: bool | None = None
    redress_told: bool | None = None

    @classmethod
    def read(cls, fields: Mapping[str, object], kind: AnswerKind) -> Self:
        """The decision in the fields of a reply, as a form or the envelope has them; unknown codes are not said."""
        action = next((member for member in RecipientAction if member == fields.get("action")), kind.row.implied)
        if action is None:
            return cls()
        ground = next((member for member in DecisionGround if member == fields.get("ground")), None)
        answers = {YesOrNo.YES.value: True, YesOrNo.NO.value: False}
        return cls(action, ground, answers.get(str(fields.get("automated"))), answers.get(str(fields.get("redress"))))

    def codes(self) -> dict[str, str]:
        """The fields that were said, by name; `read` is the inverse."""
        yes_or_no = {True: YesOrNo.YES.value, False: YesOrNo.NO.value, None: ""}
        codes_by_name = {
            "action": self.action or "",
            "ground": self.ground or "",
            "automated": yes_or_no[self.is_automated],
            "redress": yes_or_no[self.redress_told],
        }
        return {name: str(code) for name, code in codes_by_name.items() if code}


NOTHING_DECIDED = RecipientDecision()
LONGEST_CASE_NUMBER = 60


def is_case_number(text: str) -> bool:
    """Whether it can be the number of a case, or "" for none: stored unsealed, it must name no address."""
    return len(text) <= LONGEST_CASE_NUMBER and text.isprintable() and not find_addresses(text)


@dataclass(frozen=True, slots=True, repr=False)
class RecipientAnswer:
    """One reply to a letter. `numbers`: those of the letter's attachment that it is about; empty: all of them."""

    kind: AnswerKind
    text: str = ""
    decision: RecipientDecision = NOTHING_DECIDED
    numbers: tuple[int, ...] = ()
    case_number: str = ""

    def codes(self) -> dict[str, str]:
        """All but kind and text, by name."""
        others = {"numbers": write_numbers(self.numbers), "case_number": self.case_number}
        return self.decision.codes() | {name: text for name, text in others.items() if text}
