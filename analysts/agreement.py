"""How far two people who do not know of each other come to the same verdict.

A pair is the category of a first look and that of the second look at the same incident (`Assessment.category`). Only
numbers by month are kept, and no person is part of them: they tell how clear the rules are, not who is right.
"""

from datetime import UTC, datetime

from django.db.models import F

from analysts.models import Agreement


def count(*, first: str, second: str, at: datetime, by: int = 1) -> None:
    """Count a pair up, or with `by=-1` down again after one of its looks was taken back. Never below zero.

    Part of the verb's transaction: pairs of two verbs at once wait for each other on their row only.
    """
    month = at.astimezone(UTC).date().replace(day=1)
    pairs = Agreement.objects.filter(month=month, first=first, second=second)
    if by < 0:
        pairs.filter(number__gte=-by).update(number=F("number") + by)
    elif not pairs.update(number=F("number") + by):
        # The first of its month. Where another verb was faster, its row is there now.
        Agreement.objects.bulk_create([Agreement(month=month, first=first, second=second)], ignore_conflicts=True)
        pairs.update(number=F("number") + by)
