"""Closed sets whose members are more than a code and a label."""

from typing import Self

from django.db.models import TextChoices


class RowChoices(TextChoices):
    """Choices written as code, row, label: whatever else the code asks of a member is in its row.

    class Size(RowChoices):
        row: SizeRow  # a frozen dataclass

        SMALL = "small", SizeRow(limit=10), _("small")
    """

    row: object

    # Any number of rows for the type checker alone, which holds a look-up by value, `Size("small")`, to this too.
    def __new__(cls, code: str, *rows: object) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        (member.row,) = rows
        return member
