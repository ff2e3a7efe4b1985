"""Types of illegal content as providers name them in their own reports, so that figures of both sides can be compared.

Names and codes: category "Protection of minors" of Implementing Regulation (EU) 2024/2835 and of the European
Commission's DSA Transparency Database.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from analysts.codes import Flag, Severity
from countries.choices import RowChoices


@dataclass(frozen=True, slots=True)
class ContentTypeRow:
    """`code`: of the transparency database. An assessment with any of `flags` or `severities` is of this type."""

    code: str
    flags: tuple[Flag, ...] = ()
    severities: tuple[Severity, ...] = ()


class ContentType(RowChoices):
    """The type of illegal content of an assessment: the first whose flags or severity it has, else the last."""

    row: ContentTypeRow

    # fmt: off
    ASSISTING = ("assisting", ContentTypeRow("KEYWORD_OTHER", severities=(Severity.INCHOATE,)),
        _("other: text or links that assist child sexual abuse"))
    DEEPFAKE = ("deepfake", ContentTypeRow("KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE", (Flag.AI_GENERATED,)),
        _("child sexual abuse material containing deepfake or similar technology"))
    MATERIAL = ("material", ContentTypeRow("KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"), _("child sexual abuse material"))
    # fmt: on
