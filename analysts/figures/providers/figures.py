"""The figures of providers in a closed period: hosting providers and platforms, by type of content and action.

Everything is read from the frozen national numbers, so that report, sheets and verification use the same ones. There
are no figures of providers by portal or day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Sum

from analysts.codes.content_types import ContentType
from analysts.codes.recipient_actions import is_refusal
from analysts.figures.intervals import WITHIN_HOURS, percentile, share_within
from analysts.figures.reading import FigurePeriod
from analysts.models import DailyFigure, FigureDimension, FigureSubject, Recipient
from analysts.models.figures.rollup import BEFORE_NOTICE
from countries.disclosure import KEYS
from reports.notices import AnswerKind, RecipientAction

OF_PROVIDERS = (
    FigureDimension.PROVIDER_TYPE,
    FigureDimension.PROVIDER_KIND,
    FigureDimension.PROVIDER_HOURS,
    FigureDimension.PROVIDER_ACTION,
)


@dataclass(slots=True)
class ProviderNumbers:
    """Notices to one provider and what it did. Notices are web addresses; letters may name many of them."""

    provider: str
    letters: int = 0
    notices: Counter[ContentType] = field(default_factory=Counter)
    replies: Counter[AnswerKind] = field(default_factory=Counter)
    # By type of content.
    actions: dict[ContentType, Counter[RecipientAction]] = field(default_factory=dict)
    refused: Counter[ContentType] = field(default_factory=Counter)
    # By upper bound of the time from first notice to removal, in hours.
    hours: Counter[int] = field(default_factory=Counter)
    before_notice: int = 0

    @property
    def all_actions(self) -> Counter[RecipientAction]:
        return sum(self.actions.values(), Counter[RecipientAction]())

    @property
    def decided(self) -> int:
        return self.all_actions.total()

    @property
    def removed(self) -> int:
        """Confirmed by checks, after a notice."""
        return self.hours.total()

    @property
    def precision(self) -> float | None:
        return precision_of(self.decided, self.refused.total())

    @property
    def median_hours(self) -> int | None:
        return percentile(self.hours, 0.5)

    @property
    def slow_hours(self) -> int | None:
        return percentile(self.hours, 0.9)

    @property
    def shares_within(self) -> list[float | None]:
        return [share_within(self.hours, hours) for hours in WITHIN_HOURS]


def precision_of(decided: int, refused: int) -> float | None:
    """The share of decisions that do not refuse the notice as not illegal; None without decisions."""
    return 1 - refused / decided if decided else None


def read_providers(national: Mapping[str, int]) -> dict[str, ProviderNumbers]:
    """The numbers of each provider, by its id, from national numbers by `subject dimension value`."""
    providers: dict[str, ProviderNumbers] = {}
    for name, number in national.items():
        subject, dimension, *parts = name.split(" ")
        if parts and (subject, dimension) in _ADD:
            provider = providers.setdefault(parts[0], ProviderNumbers(parts[0]))
            _ADD[subject, dimension](provider, parts[1:], number)
    return providers


def _add_letters(numbers: ProviderNumbers, _parts: list[str], number: int) -> None:
    numbers.letters += number


def _add_notices(numbers: ProviderNumbers, parts: list[str], number: int) -> None:
    numbers.notices[ContentType(parts[0])] += number


def _add_replies(numbers: ProviderNumbers, parts: list[str], number: int) -> None:
    numbers.replies[AnswerKind(parts[0])] += number


def _add_removals(numbers: ProviderNumbers, parts: list[str], number: int) -> None:
    if parts[0] == BEFORE_NOTICE:
        numbers.before_notice += number
    else:
        numbers.hours[int(parts[0])] += number


def _add_actions(numbers: ProviderNumbers, parts: list[str], number: int) -> None:
    kind, action, ground, _automated, _redress = parts
    content = ContentType(kind)
    numbers.actions.setdefault(content, Counter())[RecipientAction(action)] += number
    if is_refusal(action, ground):
        numbers.refused[content] += number


_ADD = {
    (FigureSubject.LETTERS.value, FigureDimension.PROVIDER.value): _add_letters,
    (FigureSubject.NOTIFIED.value, FigureDimension.PROVIDER_TYPE.value): _add_notices,
    (FigureSubject.REPLIES.value, FigureDimension.PROVIDER_KIND.value): _add_replies,
    (FigureSubject.REMOVED.value, FigureDimension.PROVIDER_HOURS.value): _add_removals,
    (FigureSubject.ANSWERED.value, FigureDimension.PROVIDER_ACTION.value): _add_actions,
}


def read_keys(period: FigurePeriod) -> dict[str, int]:
    """The sums of record keys of the providers' numbers, by the same names. One statement."""
    dimensions = [FigureDimension.PROVIDER, *OF_PROVIDERS]
    rows = DailyFigure.objects.filter(period.of_portal, period.by_month, dimension__in=dimensions)
    summed = rows.order_by().values_list("subject", "dimension", "value").annotate(Sum("key"))
    return {f"{subject} {dimension} {value}": key % KEYS for subject, dimension, value, key in sorted(summed)}


def read_names(national: Mapping[str, int]) -> dict[str, str]:
    """The names of the providers as they are now, to be frozen with the numbers. One statement."""
    providers = [UUID(provider) for provider in read_providers(national)]
    names = Recipient.objects.filter(pk__in=providers).values_list("pk", "name")
    return {str(pk): name for pk, name in sorted(names, key=lambda row: str(row[0]))}


@dataclass(frozen=True, slots=True)
class ProviderReportRow:
    """A row of the yearly report: one provider and one type of content."""

    name: str
    content: ContentType
    notices: int
    actions: Mapping[RecipientAction, int]
    refused: int


def report_rows(national: Mapping[str, int], names: Mapping[str, str]) -> Iterator[ProviderReportRow]:
    """Providers by name, and of each the types of content of which there was a notice or an action."""
    providers = read_providers(national).values()
    for numbers in sorted(providers, key=lambda provider: (names.get(provider.provider, ""), provider.provider)):
        for content in ContentType:
            actions = numbers.actions.get(content, Counter())
            if numbers.notices[content] or actions:
                yield ProviderReportRow(
                    names.get(numbers.provider, numbers.provider),
                    content,
                    numbers.notices[content],
                    {action: actions[action] for action in RecipientAction},
                    numbers.refused[content],
                )
