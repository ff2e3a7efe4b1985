"""The inter-rater agreement page: by month, by category, and the confusion matrix. No names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import cast

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.agreement import (
    CATEGORIES,
    Figures,
    Matrix,
    by_month,
    figures_of,
    months_until,
    overall_figures,
    sum_matrices,
)
from analysts.assessment.permissions import check_can_see_agreement
from analysts.codes.appeals import AppealOutcome
from analysts.models import Appeal
from countries.disclosure import FEWEST_PAIRS
from countries.staff.requests.staff_pages import staff_page


class PeriodForm(forms.Form):
    """Selects one month, or all of them."""

    month = forms.ChoiceField(label=gettext_lazy("Period"), required=False)

    def __init__(self, data: QueryDict, months: Sequence[date]) -> None:
        super().__init__(data, label_suffix="")
        month = cast(forms.ChoiceField, self.fields["month"])
        choices = [(f"{first:%Y-%m}", month_name(first)) for first in reversed(months)]
        month.choices = [("", _("the last 12 months")), *choices]

    def chosen(self) -> str:
        """The month as YYYY-MM; "" for all months and for invalid input."""
        return str(self.cleaned_data["month"]) if self.is_valid() else ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """Pairs whose first review chose this category, by the category of the second review."""

    name: str
    numbers: list[tuple[int, bool]]
    total: int


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int
    label: str
    # Fewer than FEWEST_PAIRS pairs: drawn hollow.
    is_small: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Percentages by month, in SVG units. A month without pairs interrupts the line."""

    points: list[Point]
    lines: list[str]
    months: list[tuple[int, str]]


LEFT, STEP, TOP, HEIGHT = 70, 55, 20, 160


@require_safe
def agreement_page(request: StaffRequest) -> HttpResponse:
    check_can_see_agreement(request.user)
    matrices = by_month(months_until(timezone.now().date()))
    period = PeriodForm(request.GET, [*matrices])
    month = period.chosen()
    chosen = sum_matrices(matrix for first, matrix in matrices.items() if month in ("", f"{first:%Y-%m}"))
    months = [(month_name(first), overall_figures(matrix)) for first, matrix in matrices.items()]
    context = {
        "title": _("Inter-rater agreement"),
        "appeals": count_appeals(timezone.now()),
        "few": FEWEST_PAIRS,
        "period": period,
        "months": months[::-1],
        "chart": build_chart([*matrices], months),
        "categories": [(str(category.label), figures_of(category, chosen)) for category in CATEGORIES],
        "columns": [str(category.label) for category in CATEGORIES],
        "matrix": matrix_rows(chosen),
        "over_time": [
            (str(category.label), [figures_of(category, matrix) for matrix in matrices.values()])
            for category in CATEGORIES
        ],
    }
    return staff_page(request, "analysts/assessment/agreement.html", context)


def matrix_rows(matrix: Matrix) -> list[MatrixRow]:
    return [
        MatrixRow(
            name=str(first.label),
            numbers=[(matrix.get((first, second), 0), first == second) for second in CATEGORIES],
            total=sum(matrix.get((first, second), 0) for second in CATEGORIES),
        )
        for first in CATEGORIES
    ]


def build_chart(firsts: Sequence[date], months: Sequence[tuple[str, Figures]]) -> Chart:
    points = [
        None
        if figures.percent is None
        else Point(
            x=LEFT + STEP * at,
            y=TOP + HEIGHT * (100 - figures.percent) // 100,
            label=f"{name}: {figures.percent} %",
            is_small=figures.pairs < FEWEST_PAIRS,
        )
        for at, (name, figures) in enumerate(months)
    ]
    runs = [[*run] for is_drawn, run in groupby(points, key=lambda point: point is not None) if is_drawn]
    return Chart(
        points=[point for point in points if point],
        lines=[" ".join(f"{point.x},{point.y}" for point in run if point) for run in runs],
        months=[(LEFT + STEP * at, date_format(first, "M")) for at, first in enumerate(firsts)],
    )


def month_name(month: date) -> str:
    return date_format(month, "YEAR_MONTH_FORMAT")


def count_appeals(now: datetime) -> list[tuple[str, int]]:
    """Appeals of all portals: decided within a year by outcome, and waiting. Each with its label. One query."""
    appeals = Appeal.objects.filter(Q(outcome="") | Q(reviewed_at__gt=now - timedelta(days=365)))
    numbers = dict(appeals.order_by().values_list("outcome").annotate(number=Count("pk")))
    labels = {**{outcome.value: str(capfirst(outcome.label)) for outcome in AppealOutcome}, "": _("Waiting")}
    return [(label, numbers.get(outcome, 0)) for outcome, label in labels.items()]
