"""Rules of two people in the database: each is known here, and each compares accounts, never names that can change."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import connection, models
from django.db.models import F, Q

type AnyField = models.Field[Any, Any] | models.ForeignObjectRel | GenericForeignKey

# Each constraint that keeps two columns of people apart, or one person out of several rows of one thing.
CONSTRAINTS = {
    "address_allowance_approved_by_another",
    "approval_request_approved_by_another",
    "assessment_once_a_person",
    "bulk_closing_approved_by_another",
    "emergency_suspension_decided_by_another",
    "flood_sample_declined_by_another",
    "history_import_approved_by_another",
    "interface_translation_approved_by_another",
    "language_review_confirmed_by_another",
    "mode_approved_by_another",
    "period_close_confirmed_by_another",
    "recipient_verified_by_another",
    "setting_change_approved_by_another",
    "withdrawal_decided_by_another",
    "words_release_by_two_people",
}
# A unique constraint that counts what one person has, and keeps no two apart.
OF_ONE_PERSON = {"draft_once_an_act", "entered_once"}
# Rules that compare rows of two tables, or more rows than a constraint can.
TRIGGERS = {
    "appeal_checked",
    "assessment_later_review_by_another",
    "banner_words_approved",
    "bulkclosing_sample_opened",
    "user_identity_noted",
}


def comparisons_of(condition: Q) -> Iterator[tuple[str, str]]:
    """The pairs of columns that the condition compares."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from comparisons_of(child)
        elif isinstance(child, tuple) and isinstance(child[1], F):
            [compared] = child[1].deconstruct()[1]
            yield child[0], compared


def is_person(field: AnyField) -> bool:
    """Whether the column, by its name or by what it refers to, says which person."""
    return field.related_model is get_user_model() or field.name in ("by", "actor") or field.name.endswith("_by")


def compared_people() -> Iterator[tuple[str, AnyField]]:
    """(constraint, column) for each comparison in which a column is a person."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            names: set[str] = set()
            if isinstance(constraint, models.CheckConstraint) and isinstance(constraint.condition, Q):
                for pair in comparisons_of(constraint.condition):
                    fields = {model._meta.get_field(name.split("__")[0]) for name in pair}
                    if any(is_person(field) for field in fields):
                        names |= {field.name for field in fields}
            elif isinstance(constraint, models.UniqueConstraint) and len(constraint.fields) > 2:
                names = {name for name in constraint.fields if is_person(model._meta.get_field(name))}
            yield from ((constraint.name, model._meta.get_field(name)) for name in names)


def test_rules_of_two_people_compare_accounts() -> None:
    found = list(compared_people())
    assert {name for name, _field in found} - OF_ONE_PERSON == CONSTRAINTS
    assert {field.name for _name, field in found if field.related_model is not get_user_model()} == set()


def test_database_has_the_rules_of_two_people(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname = ANY(%s)", [sorted(TRIGGERS)])
        assert {name for (name,) in cursor.fetchall()} == TRIGGERS
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conname = ANY(%s) UNION"
            " SELECT relname FROM pg_class WHERE relname = ANY(%s)",
            [sorted(CONSTRAINTS), sorted(CONSTRAINTS)],
        )
        assert {name for (name,) in cursor.fetchall()} == CONSTRAINTS
