"""Code lists of ICCAM and the CyberTipline, in their terms, and the mapping of our codes to them.

The lists are kept separate from ours and from each other. The mapping is data: a default table (`mappings.toml`),
overridden by operators' corrections. ICCAM's coded reasons are the list we use (`codes.Reason`). INHOPE's own
classification schema is not public; it can be added here once it is known.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.permissions import check_can_correct_codes
from analysts.codes import AgeBand, Closing, Flag, Reason, Severity, Verdict
from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import Assessment, CodeCorrection, RecipientKind, Referral, User
from audit.actions import record_event
from audit.permissions import Denied


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

SHIPPED = Path(__file__).with_name("mappings.toml")

# Each code of these lists must be mapped, or the assessment gets no code in the scheme: none is better than a too
# strong one.
NEEDED: dict[Scheme, tuple[str, ...]] = {
    Scheme.ICCAM_CLASSIFICATION: ("severity", "age_band"),
    Scheme.CYBERTIPLINE: ("severity",),
}


@dataclass(frozen=True, slots=True)
class Code:
    """One of our codes, and the list that it belongs to."""

    list: str
    value: str

    def __str__(self) -> str:
        """The value of `CodeCorrection.code`."""
        return f"{self.list}.{self.value}"

    @property
    def choice(self) -> TextChoices:
        return OURS[self.list](self.value)


# The scheme's code for each of our codes; empty if none corresponds.
type Mapping = dict[tuple[Scheme, Code], str]
# An assessment or a referral in other schemes: at most one code per scheme.
type Translated = dict[Scheme, TextChoices]


@cache
def default_mapping() -> Mapping:
    """The default table, in the order of its file. The rows of reasons come from `analysts.codes.reasons`."""
    schemes = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    schemes[Scheme.ICCAM_ACTION.value]["reason"] = {reason.value: reason.row.iccam_action for reason in Reason}
    return {
        (Scheme(scheme), Code(ours, value)): target
        for scheme, lists in schemes.items()
        for ours, rows in lists.items()
        for value, target in rows.items()
    }


def load_corrections() -> dict[tuple[Scheme, Code], CodeCorrection]:
    """Operators' corrections. A correction of or to a code that no longer exists is ignored."""
    rows = {(scheme.value, str(code)): (scheme, code) for scheme, code in default_mapping()}
    return {
        rows[row.scheme, row.code]: row
        for row in CodeCorrection.objects.select_related("by")
        if (row.scheme, row.code) in rows and row.target in ("", *THEIRS[Scheme(row.scheme)].values)
    }


def current_mapping() -> Mapping:
    """The default table with corrections applied. One query, for all assessments of a page."""
    return default_mapping() | {row: correction.target for row, correction in load_corrections().items()}


def translate_assessment(assessment: Assessment, mapping: Mapping) -> Translated:
    """The codes of the assessment in other schemes, according to `mapping`."""
    return _translate_codes(_assessment_codes(assessment), mapping)


def translate_referral(referral: Referral, mapping: Mapping) -> Translated:
    """The codes of the referral in other schemes; none for site owners and registrars. Reads `referral.to`."""
    if referral.to is not None and not RecipientKind(referral.to.kind).row.is_in_code_lists:
        return {}
    return _translate_codes([Code("referral", referral.kind)], mapping)


def _assessment_codes(assessment: Assessment) -> Iterator[Code]:
    for name in ("verdict", "severity", "age_band", "reason"):
        if value := getattr(assessment, name):
            yield Code(name, value)
    yield from (Code("flag", flag) for flag in assessment.flags)


def _translate_codes(codes: Iterable[Code], mapping: Mapping) -> Translated:
    codes = list(codes)
    translated: Translated = {}
    for scheme, their_codes in THEIRS.items():
        targets = {code: mapping.get((scheme, code), "") for code in codes}
        first = next((choice for choice in their_codes if choice.value in targets.values()), None)
        if first and all(targets[code] for code in codes if code.list in NEEDED.get(scheme, ())):
            translated[scheme] = first
    return translated


@transaction.atomic
def correct_mapping(*, by: User, scheme: Scheme, code: Code, target: str | None, now: datetime | None = None) -> None:
    """Set what our code means in the scheme: `target` is a code of the scheme, "" for none, None for the default.

    Correcting a row to its default deletes the correction, so that a later version's default applies.
    """
    check_can_correct_codes(by)
    row = (scheme, code)
    if row not in default_mapping() or target not in (None, "", *THEIRS[scheme].values):
        raise Denied(_("This code does not exist."))
    before = current_mapping()[row]
    after = default_mapping()[row] if target is None else target
    corrections = CodeCorrection.objects.filter(scheme=scheme, code=str(code))
    if after == default_mapping()[row]:
        corrections.delete()
    else:
        CodeCorrection.objects.update_or_create(
            scheme=scheme, code=str(code), defaults={"target": after, "by": by, "at": now or timezone.now()}
        )
    details = {"scheme": scheme.value, "code": str(code), "before": before, "after": after}
    record_event(by=by, action="codes.correct", details=details, at=now)
