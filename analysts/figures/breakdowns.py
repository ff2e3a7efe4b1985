"""By what figures of a period can be divided: one row for each, with where its numbers and times are."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes import AgeBand, Flag, Reason, Severity, Sex, SiteType, Verdict
from analysts.models import FigureDimension, FigureSubject, Recipient, RecipientKind
from countries.languages import country_in_words, language_name
from countries.models import SourceKind


class Breakdown(TextChoices):
    PORTAL = "portal", _("portal")
    LANGUAGE = "language", _("language")
    VERDICT = "verdict", _("verdict")
    SEVERITY = "severity", _("category")
    AGE = "age", _("age of the youngest child")
    SEX = "sex", _("sex")
    SITE_TYPE = "site_type", _("site type")
    FLAG = "flag", _("flag")
    REASON = "reason", _("reason")
    COUNTRY = "country", _("hosting country")
    PROVIDER = "provider", _("hosting provider")
    RECIPIENT = "recipient", _("type of recipient")
    SOURCE = "source", _("type of partner whose system reports")


type ValueNames = Callable[[Collection[str]], Mapping[str, str]]


def _name_choices(choices: type[TextChoices]) -> ValueNames:
    return lambda values: {value: str(label) for value, label in choices.choices if value in values}


def _name_each(name: Callable[[str], str]) -> ValueNames:
    return lambda values: {value: name(value) for value in values}


def _name_providers(values: Collection[str]) -> dict[str, str]:
    names = Recipient.objects.filter(pk__in=[UUID(value) for value in values]).values_list("pk", "name")
    return {str(pk): name for pk, name in names}


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """The subject counted, by which dimension; and the dimension with its times, if they are counted."""

    subject: FigureSubject
    dimension: FigureDimension
    name_values: ValueNames
    times: FigureDimension | None = None


ASSESSED, REMOVED = FigureSubject.ASSESSED, FigureSubject.REMOVED
# All but PORTAL, whose figures are of several subjects.
BREAKDOWNS: Mapping[Breakdown, BreakdownRow] = {
    Breakdown.LANGUAGE: BreakdownRow(
        ASSESSED, FigureDimension.LANGUAGE, _name_each(language_name), FigureDimension.LANGUAGE_HOURS
    ),
    Breakdown.VERDICT: BreakdownRow(ASSESSED, FigureDimension.VERDICT, _name_choices(Verdict)),
    Breakdown.SEVERITY: BreakdownRow(
        ASSESSED, FigureDimension.SEVERITY, _name_choices(Severity), FigureDimension.SEVERITY_HOURS
    ),
    Breakdown.AGE: BreakdownRow(ASSESSED, FigureDimension.AGE, _name_choices(AgeBand)),
    Breakdown.SEX: BreakdownRow(ASSESSED, FigureDimension.SEX, _name_choices(Sex)),
    Breakdown.SITE_TYPE: BreakdownRow(ASSESSED, FigureDimension.SITE_TYPE, _name_choices(SiteType)),
    Breakdown.FLAG: BreakdownRow(ASSESSED, FigureDimension.FLAG, _name_choices(Flag)),
    Breakdown.REASON: BreakdownRow(ASSESSED, FigureDimension.REASON, _name_choices(Reason)),
    Breakdown.COUNTRY: BreakdownRow(
        REMOVED, FigureDimension.COUNTRY, _name_each(country_in_words), FigureDimension.COUNTRY_HOURS
    ),
    Breakdown.PROVIDER: BreakdownRow(REMOVED, FigureDimension.PROVIDER, _name_providers),
    Breakdown.RECIPIENT: BreakdownRow(
        FigureSubject.NOTIFIED, FigureDimension.RECIPIENT_KIND, _name_choices(RecipientKind)
    ),
    Breakdown.SOURCE: BreakdownRow(FigureSubject.FROM_SOURCES, FigureDimension.SOURCE_KIND, _name_choices(SourceKind)),
}
