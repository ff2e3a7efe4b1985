"""ICCAM's coded reasons why nothing is done about an address: each is one row with all that is known about it."""

from dataclasses import dataclass
from enum import Enum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices
from reports.outcomes import ClosedReason


class ReasonGroup(Enum):
    """How much the analyst saw. `analysts.codes.REASONS` says which groups go with which verdict."""

    NOTHING_SEEN = auto()
    SEEN = auto()
    UNCLEAR = auto()
    # Goes with every verdict that has a reason.
    ANY = auto()


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """All about a reason but its code and its label."""

    group: ReasonGroup
    # What the receipt says; `analysts.assessment.publishing` has the exceptions by verdict.
    closed_reason: ClosedReason
    # A value of `analysts.assessment.schemes.Action`; "" where ICCAM has no action for it.
    iccam_action: str
    # The sentence beside the option, as `analysts.incidents.definitions` has it for the other lists.
    definition: Promise


class Reason(RowChoices):
    """Why nothing is done about an address."""

    row: ReasonRow

    # fmt: off
    CONTENT_NOT_FOUND = ("content_not_found", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The address opens, and what was reported is not there.")), _("content not found"))
    REFERRER_WRONG = ("referrer_wrong", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "",
        _("It shows only from a certain other page, which is not known or not right.")), _("referrer unknown or wrong"))
    UNABLE_TO_ACCESS = ("unable_to_access", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("It could not be opened, and none of the more exact reasons fits.")), _("unable to access"))
    PASSWORD_PROTECTED = ("password_protected", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("A password is asked for that nobody here has.")), _("password protected"))
    ACCOUNT_DISABLED = ("account_disabled", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The account that held it is closed or suspended.")), _("account disabled"))
    LEGALLY_UNABLE = ("legally_unable", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("To open it would need an act that the law does not allow this hotline.")), _("legally unable to access"))
    LINK_EXPIRED = ("link_expired", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The link was valid for a time that is over.")), _("link expired"))
    SITE_DOWN = ("site_down", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The page answers “not found”, or the site does not answer at all.")), _("404 or site down"))
    TEMPORARILY_DOWN = ("temporarily_down", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE,
        "unavailable", _("The site says that it is out of service for a while: look again later.")),
        _("503 or temporarily unavailable"))
    PREMIUM_NEEDED = ("premium_needed", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("It opens to paying members only.")), _("premium account needed"))
    MISSING_PARTS = ("missing_parts", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("The file comes in parts, and not all of them can be had.")), _("missing parts to open file"))
    REMOVED_BEFORE = ("removed_before", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "removed",
        _("A notice says that it was taken down before anybody here saw it.")), _("removed before assessment"))
    ADULT = ("adult", ReasonRow(ReasonGroup.SEEN, ClosedReason.OUTSIDE_REMIT, "",
        _("Everybody shown is clearly an adult.")), _("adults only"))
    NOT_SEXUALISED = ("not_sexualised", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Children without clothes, in no sexual way: family, health, naturism, art.")), _("nudism or not sexualised"))
    BELOW_THRESHOLD = ("below_threshold", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Children are shown, and the law’s threshold is not reached.")), _("below the threshold for illegality"))
    TOO_SMALL = ("too_small", ReasonRow(ReasonGroup.UNCLEAR, ClosedReason.NOT_ASSESSABLE, "",
        _("Too small or too blurred to be judged.")), _("images too small"))
    VIRTUAL = ("virtual", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Drawn or computer-made, and not illegal where it is hosted.")), _("virtual material"))
    LINK_LIST = ("link_list", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Links or lists of links that are not illegal in themselves.")), _("linking or link lists not illegal"))
    AGE_UNCLEAR = ("age_unclear", ReasonRow(ReasonGroup.UNCLEAR, ClosedReason.NOT_ILLEGAL, "",
        _("It cannot be told whether the person is a child.")), _("age unclear"))
    AGE_OVER = ("age_over", ReasonRow(ReasonGroup.SEEN, ClosedReason.OUTSIDE_REMIT, "",
        _("Over the age that the law of the country sets.")), _("age over the national threshold"))
    OTHER = ("other", ReasonRow(ReasonGroup.ANY, ClosedReason.NOT_ASSESSABLE, "",
        _("None of the other reasons fits.")), _("other"))
    # fmt: on
