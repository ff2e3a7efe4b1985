"""What our codes mean in the code lists of others: a shipped table, and an operator's corrections laid over it."""

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
from analysts.assessment.schemes import OURS, THEIRS, Scheme
from analysts.codes import Reason
from analysts.models import Assessment, CodeCorrection, RecipientKind, Referral, User
from audit.actions import record_event
from audit.permissions import Denied

SHIPPED = Path(__file__).with_name("mappings.toml")

# Without a word of each of these lists, what is illegal has no code in the scheme: better none than one too strong.
NEEDED: dict[Scheme, tuple[str, ...]] = {Scheme.ICCAM_CLASSIFICATION: ("severity", "age_band")}


@dataclass(frozen=True, slots=True)
class Code:
    """One of our codes, and the list that it is of."""

    list: str
    value: str

    def __str__(self) -> str:
        """As it stands in `CodeCorrection.code`."""
        return f"{self.list}.{self.value}"

    @property
    def choice(self) -> TextChoices:
        return OURS[self.list](self.value)


# Their code for one of ours; empty where nothing of theirs corresponds.
type Mapping = dict[tuple[Scheme, Code], str]
# What somebody else would call an assessment or an act: at most one code of each scheme.
type Translated = dict[Scheme, TextChoices]


@cache
def default_mapping() -> Mapping:
    """The table as it came with the product, in the order of the file. A reason has its row with the reason itself."""
    schemes = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    schemes[Scheme.ICCAM_ACTION.value]["reason"] = {reason.value: reason.row.iccam_action for reason in Reason}
    return {
        (Scheme(scheme), Code(ours, value)): target
        for scheme, lists in schemes.items()
        for ours, rows in lists.items()
        for value, target in rows.items()
    }


def load_corrections() -> dict[tuple[Scheme, Code], CodeCorrection]:
    """What operators corrected. A correction of or to a code that a later version dropped counts for nothing."""
    rows = {(scheme.value, str(code)): (scheme, code) for scheme, code in default_mapping()}
    return {
        rows[row.scheme, row.code]: row
        for row in CodeCorrection.objects.select_related("by")
        if (row.scheme, row.code) in rows and row.target in ("", *THEIRS[Scheme(row.scheme)].values)
    }


def current_mapping() -> Mapping:
    """The table with the corrections laid over it: one query, for as many assessments as a page shows."""
    return default_mapping() | {row: correction.target for row, correction in load_corrections().items()}


def translate_assessment(assessment: Assessment, mapping: Mapping) -> Translated:
    """What others would call it, by what `mapping` says."""
    return _translate_codes(_assessment_codes(assessment), mapping)


def translate_referral(referral: Referral, mapping: Mapping) -> Translated:
    """Nothing where an owner or registrar was asked: their lists know of providers alone. Asks for the row of `to`."""
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
    found: Translated = {}
    for scheme, theirs in THEIRS.items():
        said = {code: mapping.get((scheme, code), "") for code in codes}
        first = next((choice for choice in theirs if choice.value in said.values()), None)
        if first and all(said[code] for code in codes if code.list in NEEDED.get(scheme, ())):
            found[scheme] = first
    return found


@transaction.atomic
def correct_mapping(*, by: User, scheme: Scheme, code: Code, target: str | None, now: datetime | None = None) -> None:
    """Say what our code means in the scheme: a code of theirs, "" for nothing, None for whatever is shipped.

    To correct a row to what is shipped takes the correction away, and a later version's better table counts again.
    """
    check_can_correct_codes(by)
    row = (scheme, code)
    if row not in default_mapping() or target not in (None, "", *THEIRS[scheme].values):
        raise Denied(_("There is no such code."))
    before = current_mapping()[row]
    after = default_mapping()[row] if target is None else target
    held = CodeCorrection.objects.filter(scheme=scheme, code=str(code))
    if after == default_mapping()[row]:
        held.delete()
    else:
        CodeCorrection.objects.update_or_create(
            scheme=scheme, code=str(code), defaults={"target": after, "by": by, "at": now or timezone.now()}
        )
    details = {"scheme": scheme.value, "code": str(code), "before": before, "after": after}
    record_event(by=by, action="codes.correct", details=details, at=now)
