"""Code lists of others, in their terms: ICCAM's and the CyberTipline's. They stay apart from ours and from each other.

How our codes translate is data (`analysts.assessment.mappings`). ICCAM's coded reasons are the list we use
(`codes.Reason`). INHOPE's own classification schema is not public: room is left for it, and nothing invented.
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
    """ICCAM's, the weakest first."""

    IGNORE = "ignore", _("ignore")
    NATIONAL = "national", _("national")
    BASELINE = "baseline", _("baseline")


class Action(TextChoices):
    """What ICCAM is told was done, or came of it."""

    LAW_ENFORCEMENT = "law_enforcement", _("reported to law enforcement")
    ISP = "isp", _("reported to ISP")
    REMOVED = "removed", _("removed")
    UNAVAILABLE = "unavailable", _("unavailable")
    MOVED = "moved", _("moved")
    NOT_ILLEGAL = "not_illegal", _("not illegal")


class IncidentType(TextChoices):
    """Of a report to the CyberTipline; the most particular first, as a report has one."""

    ENTICEMENT = "enticement", _("online enticement of a child")
    TRAFFICKING = "trafficking", _("child sex trafficking")
    TOURISM = "tourism", _("child sex tourism")
    MOLESTATION = "molestation", _("child sexual molestation")
    UNSOLICITED = "unsolicited", _("unsolicited obscene material sent to a child")
    MISLEADING_NAME = "misleading_name", _("misleading domain name")
    MISLEADING_WORDS = "misleading_words", _("misleading words or images")
    MATERIAL = "material", _("child sexual abuse material: possession, manufacture, distribution")


# Their codes. Of several that apply to one assessment, the first of the list is its code.
THEIRS: dict[Scheme, type[TextChoices]] = {
    Scheme.ICCAM_CLASSIFICATION: Classification,
    Scheme.ICCAM_ACTION: Action,
    Scheme.CYBERTIPLINE: IncidentType,
}

# Ours, by the name under which mappings know them.
OURS: dict[str, type[TextChoices]] = {
    "verdict": Verdict,
    "severity": Severity,
    "age_band": AgeBand,
    "flag": Flag,
    "reason": Reason,
    "referral": ReferralKind,
    "closing": Closing,
}
