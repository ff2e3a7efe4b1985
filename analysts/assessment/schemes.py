"""Code lists of ICCAM and the CyberTipline, in their terms. They are kept separate from ours and from each other.

How our codes translate is data (`analysts.assessment.mappings`). ICCAM's coded reasons are the list we use
(`codes.Reason`). INHOPE's own classification schema is not public; it can be added here once it is known.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes import AgeBand, Closing, Flag, Reason, Severity, Verdict
from analysts.codes.recipient_kinds import ReferralKind


class Scheme(TextChoices):
    ICCAM_CLASSIFICATION = "iccam_classification", _("ICCAM: classification")
    ICCAM_ACTION = "iccam_action", _("ICCAM: action")
    CYBERTIPLINE = "cybertipline", _("CyberTipline: incident type")


class Classification(TextChoices):
    """ICCAM's classification, the weakest first."""

    IGNORE = "ignore", _("ignore")
    NATIONAL = "national", _("national")
    BASELINE = "baseline", _("baseline")


class Action(TextChoices):
    """ICCAM's actions: what was done about an address, or the outcome."""

    LAW_ENFORCEMENT = "law_enforcement", _("reported to law enforcement")
    ISP = "isp", _("reported to ISP")
    REMOVED = "removed", _("removed")
    UNAVAILABLE = "unavailable", _("unavailable")
    MOVED = "moved", _("moved")
    NOT_ILLEGAL = "not_illegal", _("not illegal")


class IncidentType(TextChoices):
    """The incident type of a CyberTipline report; the most specific first, since a report has only one."""

    ENTICEMENT = "enticement", _("online enticement of a child")
    TRAFFICKING = "trafficking", _("child sex trafficking")
    TOURISM = "tourism", _("child sex tourism")
    MOLESTATION = "molestation", _("child sexual molestation")
    UNSOLICITED = "unsolicited", _("unsolicited obscene material sent to a child")
    MISLEADING_NAME = "misleading_name", _("misleading domain name")
    MISLEADING_WORDS = "misleading_words", _("misleading words or images")
    MATERIAL = "material", _("child sexual abuse material: possession, manufacture, distribution")


# The codes of each scheme. If several apply to one assessment, the first in the list is used.
THEIRS: dict[Scheme, type[TextChoices]] = {
    Scheme.ICCAM_CLASSIFICATION: Classification,
    Scheme.ICCAM_ACTION: Action,
    Scheme.CYBERTIPLINE: IncidentType,
}

# Our code lists, by their names in mappings.toml.
OURS: dict[str, type[TextChoices]] = {
    "verdict": Verdict,
    "severity": Severity,
    "age_band": AgeBand,
    "flag": Flag,
    "reason": Reason,
    "referral": ReferralKind,
    "closing": Closing,
}
