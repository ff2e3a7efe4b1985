"""Inter-rater agreement: counted by month, without names."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from analysts.assessment.agreement import (
    CATEGORIES,
    Figures,
    Matrix,
    Reading,
    by_month,
    count_pair,
    figures_of,
    months_until,
    overall_figures,
    sum_matrices,
)
from analysts.models import Agreement, Assessment

MARCH = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


def counted() -> list[tuple[date, str, str, int]]:
    return list(
        Agreement.objects.order_by("month", "first", "second").values_list("month", "first", "second", "number")
    )


def test_a_pair_is_counted_in_its_month(db: None) -> None:
    count_pair(first="A", second="B", at=MARCH)
    count_pair(first="A", second="B", at=MARCH)
    count_pair(first="B", second="A", at=MARCH)
    count_pair(first="A", second="B", at=datetime(2026, 4, 1, tzinfo=UTC))

    march, april = date(2026, 3, 1), date(2026, 4, 1)
    assert counted() == [(march, "A", "B", 2), (march, "B", "A", 1), (april, "A", "B", 1)]


@pytest.mark.django_db(transaction=True)
def test_pairs_that_are_counted_at_once_are_all_counted() -> None:
    everybody = threading.Barrier(8)

    def look() -> None:
        try:
            everybody.wait()
            for _ in range(5):
                with transaction.atomic():
                    count_pair(first="B", second="C", at=MARCH)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counted() == [(date(2026, 3, 1), "B", "C", 40)]


# Fleiss, Statistical Methods for Rates and Proportions (2nd edition, 1981), table 13.1: 100 people, two raters.
DIAGNOSES = {
    ("psychotic", "psychotic"): 75,
    ("psychotic", "neurotic"): 1,
    ("psychotic", "organic"): 4,
    ("neurotic", "psychotic"): 5,
    ("neurotic", "neurotic"): 4,
    ("neurotic", "organic"): 1,
    ("organic", "organic"): 10,
}
# Viera and Garrett, Understanding interobserver agreement (Family Medicine 37, 2005, 360-363), table 1.
LECTURES = {("yes", "yes"): 15, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 70}


def test_kappa_is_that_of_published_examples() -> None:
    diagnoses, lectures = overall_figures(DIAGNOSES), overall_figures(LECTURES)
    assert (diagnoses.pairs, diagnoses.rate) == (100, 0.89)
    # Expected agreement: .80 x .80 + .10 x .05 + .10 x .15 = .66.
    assert diagnoses.kappa == pytest.approx((0.89 - 0.66) / (1 - 0.66))
    assert diagnoses.reading == Reading.SUBSTANTIAL
    assert (lectures.rate, round(lectures.kappa or 0, 2)) == (0.85, 0.57)
    assert lectures.reading == Reading.MODERATE


def test_figures_of_a_category_are_its_specific_agreement_and_kappa_against_all_others() -> None:
    neurotic = figures_of("neurotic", DIAGNOSES)
    # Chosen by both raters: 4; by one only: 6 and 1.
    assert (neurotic.pairs, neurotic.rate) == (11, 8 / 15)
    # 4 | 6 / 1 | 89: observed .93, by chance .10 x .05 + .90 x .95 = .86.
    assert neurotic.kappa == pytest.approx((0.93 - 0.86) / (1 - 0.86))
    # With two categories, each is compared with the other one only.
    assert figures_of("yes", LECTURES).kappa == figures_of("no", LECTURES).kappa == overall_figures(LECTURES).kappa


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ({}, Figures(0, None, None)),
        ({("A", "A"): 40}, Figures(40, 1.0, None)),
        # One rater always chooses the same category: agreement equals chance.
        ({("A", "A"): 30, ("B", "A"): 10}, Figures(40, 0.75, 0.0)),
        # No agreement, and none expected by chance.
        ({("A", "B"): 40}, Figures(40, 0.0, 0.0)),
        ({("A", "B"): 20, ("B", "A"): 20}, Figures(40, 0.0, -1.0)),
        ({("A", "A"): 20, ("B", "B"): 20}, Figures(40, 1.0, 1.0)),
    ],
)
def test_figures_at_the_edges(matrix: Matrix, expected: Figures) -> None:
    assert overall_figures(matrix) == expected


def test_category_without_choices_has_no_figures() -> None:
    assert figures_of("C", {("A", "A"): 3, ("B", "A"): 1}) == Figures(0, None, None)


@pytest.mark.parametrize(
    ("found", "reading"),
    [
        (Figures(19, 1.0, 1.0), Reading.FEW),
        (Figures(20, 1.0, None), Reading.UNDEFINED),
        (Figures(20, 0.5, -0.1), Reading.NONE),
        (Figures(20, 0.5, 0.0), Reading.NONE),
        (Figures(20, 0.5, 0.2), Reading.SLIGHT),
        (Figures(20, 0.5, 0.4), Reading.FAIR),
        (Figures(20, 0.5, 0.41), Reading.MODERATE),
        (Figures(20, 1.0, 1.0), Reading.NEARLY_COMPLETE),
    ],
)
def test_kappa_is_read_in_words_and_few_pairs_tell_nothing(found: Figures, reading: Reading) -> None:
    assert found.reading == reading


def test_months_go_over_the_turn_of_the_year() -> None:
    assert months_until(date(2026, 2, 28), 3) == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert len(months_until(date(2026, 12, 31))) == 12


def test_matrices_are_read_by_month_in_one_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    months = months_until(MARCH.date(), 2)
    count_pair(first="A", second="B", at=MARCH)
    count_pair(first="A", second="A", at=datetime(2026, 2, 3, tzinfo=UTC))
    count_pair(first="C", second="C", at=datetime(2025, 12, 31, tzinfo=UTC))
    Agreement.objects.create(month=MARCH.date().replace(day=1), first="P", second="P", number=0)

    with django_assert_num_queries(1):
        matrices = by_month(months)
    assert matrices == {date(2026, 2, 1): {("A", "A"): 1}, date(2026, 3, 1): {("A", "B"): 1}}
    assert sum_matrices(matrices.values()) == {("A", "A"): 1, ("A", "B"): 1}


def test_categories_are_all_that_an_assessment_can_come_to() -> None:
    assert [str(each) for each in CATEGORIES] == [
        "A",
        "B",
        "C",
        "P",
        "I",
        "not_illegal",
        "not_assessed",
        "outside_remit",
    ]
    assert Assessment(verdict="illegal", severity="A").category in CATEGORIES
    assert Assessment(verdict="not_assessed").category in CATEGORIES
