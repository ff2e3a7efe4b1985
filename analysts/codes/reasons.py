"""ICCAM's coded reasons for taking no action on an address. One row holds everything about a reason."""

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
    """The properties of a reason other than its code and label."""

    group: ReasonGroup
    # Shown by the receipt; `public_reason` in `analysts.assessment.publishing` has the exceptions by verdict.
    closed_reason: ClosedReason
    # A value of `analysts.assessment.mappings.Action`; "" if ICCAM has no action for it.
    iccam_action: str
    # The definition shown beside the option; those of the other lists are in `analysts.incidents.definitions`.
    definition: Promise


class Reason(RowChoices):
    """Why no action is taken on an address."""

    row: ReasonRow

    # fmt: off
    CONTENT_NOT_FOUND = ("content_not_found", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The address opens, but the reported content is not there.")), _("content not found"))
    REFERRER_WRONG = ("referrer_wrong", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "",
        _("The content shows only through a referring page: unknown or wrong.")), _("referrer unknown or wrong"))
    UNABLE_TO_ACCESS = ("unable_to_access", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("The address could not be opened, and no more specific reason applies.")), _("unable to access"))
    PASSWORD_PROTECTED = ("password_protected", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("A password is required that the hotline does not have.")), _("password protected"))
    ACCOUNT_DISABLED = ("account_disabled", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The account that held the content is closed or suspended.")), _("account disabled"))
    LEGALLY_UNABLE = ("legally_unable", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("Opening it would require an act that the law does not permit.")), _("legally unable to access"))
    LINK_EXPIRED = ("link_expired", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The link was valid for a limited time and has expired.")), _("link expired"))
    SITE_DOWN = ("site_down", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "unavailable",
        _("The server answers “not found” (404), or the site does not respond.")), _("404 or site down"))
    TEMPORARILY_DOWN = ("temporarily_down", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE,
        "unavailable", _("The site reports that it is temporarily unavailable (503): check again later.")),
        _("503 or temporarily unavailable"))
    PREMIUM_NEEDED = ("premium_needed", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("The content is available to paying members only.")), _("premium account needed"))
    MISSING_PARTS = ("missing_parts", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_REACHABLE, "",
        _("The file is split into parts, and not all of them are available.")), _("missing parts to open file"))
    REMOVED_BEFORE = ("removed_before", ReasonRow(ReasonGroup.NOTHING_SEEN, ClosedReason.NOT_FOUND, "removed",
        _("A notice says that the content was removed before assessment.")), _("removed before assessment"))
    ADULT = ("adult", ReasonRow(ReasonGroup.SEEN, ClosedReason.OUTSIDE_REMIT, "",
        _("All persons shown are clearly adults.")), _("adults only"))
    NOT_SEXUALISED = ("not_sexualised", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Nude children in no sexual context: family, health, naturism, art.")), _("nudism or not sexualised"))
    BELOW_THRESHOLD = ("below_threshold", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Children are shown, but the legal threshold is not reached.")), _("below the threshold for illegality"))
    TOO_SMALL = ("too_small", ReasonRow(ReasonGroup.UNCLEAR, ClosedReason.NOT_ASSESSABLE, "",
        _("Too small or too blurred to assess.")), _("images too small"))
    VIRTUAL = ("virtual", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Drawn or computer-generated, and not illegal in the hosting country.")), _("virtual material"))
    LINK_LIST = ("link_list", ReasonRow(ReasonGroup.SEEN, ClosedReason.NOT_ILLEGAL, "",
        _("Links or lists of links that are not in themselves illegal.")), _("linking or link lists not illegal"))
    AGE_UNCLEAR = ("age_unclear", ReasonRow(ReasonGroup.UNCLEAR, ClosedReason.NOT_ILLEGAL, "",
        _("It cannot be determined whether the person is a child.")), _("age unclear"))
    AGE_OVER = ("age_over", ReasonRow(ReasonGroup.SEEN, ClosedReason.OUTSIDE_REMIT, "",
        _("The person is over the age limit in national law.")), _("age over the national threshold"))
    OTHER = ("other", ReasonRow(ReasonGroup.ANY, ClosedReason.NOT_ASSESSABLE, "",
        _("None of the other reasons applies.")), _("other"))
    # fmt: on
