"""Appeals against a verdict: who appeals, and how a senior analyst decides."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind
from countries.choices import RowChoices


@dataclass(frozen=True, slots=True)
class AppellantRow:
    """`kinds`: the recipients of notices who appeal as this."""

    kinds: frozenset[RecipientKind]


class Appellant(RowChoices):
    row: AppellantRow

    PROVIDER = "provider", AppellantRow(frozenset({RecipientKind.HOST, RecipientKind.PLATFORM})), _("provider")
    OWNER = "owner", AppellantRow(frozenset({RecipientKind.OWNER})), _("site owner")
    # A person whom a notice names as the holder of an account, wrongly as they say: they ask for a correction.
    HOLDER = "holder", AppellantRow(frozenset()), _("account holder, wrongly named")
    OTHER = "other", AppellantRow(frozenset()), _("another recipient")


def appellant_of(kind: RecipientKind) -> Appellant:
    return next((appellant for appellant in Appellant if kind in appellant.row.kinds), Appellant.OTHER)


class AppealOutcome(TextChoices):
    UPHELD = "upheld", _("verdict upheld")
    OVERTURNED = "overturned", _("verdict overturned")


@dataclass(frozen=True, slots=True)
class AppealReasonRow:
    outcome: AppealOutcome


class AppealReason(RowChoices):
    """The reason for a decision, which also is the decision. Coded, so that it cannot hold reported content."""

    row: AppealReasonRow

    ILLEGAL = "illegal", AppealReasonRow(AppealOutcome.UPHELD), _("the content is illegal as assessed")
    NO_GROUNDS = "no_grounds", AppealReasonRow(AppealOutcome.UPHELD), _("the appeal gives no new grounds")
    NOT_ILLEGAL = "not_illegal", AppealReasonRow(AppealOutcome.OVERTURNED), _("the content is not illegal")
    ADULT = "adult", AppealReasonRow(AppealOutcome.OVERTURNED), _("the person is proved to be an adult")
    WRONG_PLACE = "wrong_place", AppealReasonRow(AppealOutcome.OVERTURNED), _("the content is not at this address")
    WRONG_HOLDER = "wrong_holder", AppealReasonRow(AppealOutcome.OVERTURNED), _("the account is not that person’s")


class UnseenReason(TextChoices):
    """Why a person decides who has not revealed the incident and read the grounds."""

    SAME = "same", _("I decided an appeal about the same content")
    FORM = "form", _("the appeal is not about this incident")
    ERASED = "erased", _("address and grounds are erased or cannot be decrypted")
    WELFARE = "welfare", _("I must not look at it; both assessments are clear")
