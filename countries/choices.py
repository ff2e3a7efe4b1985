"""Closed sets whose members are more than a code and a label."""

from typing import Self

from django.db.models import TextChoices


class RowChoices(TextChoices):
    """Choices written as code, row, label: all other attributes of a member are in its row.

    class Size(RowChoices):
        row: SizeRow  # a frozen dataclass

        SMALL = "small", SizeRow(limit=10), _("small")
    """

    row: object

    # Only for the type checker: any number of positional values, which also covers a look-up by value, `Size("small")`.
    def __new__(cls, code: str, *rows: object) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        (member.row,) = rows
        return member
