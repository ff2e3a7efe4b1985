"""What the frame of each staff page shows, with one query: health, reports of danger, lanes and saved views."""

from datetime import datetime
from typing import NamedTuple, cast

from analysts.assessment.queue_filters import ids_in_danger
from analysts.models import User
from analysts.models.compiled_query import PreparedStatement, write_counts
from analysts.models.known_statement import WrittenSql
from analysts.operations.health_signs import HealthSigns, SignRow, build_signs, write_signs
from analysts.pages.lanes import write_menu_parts


class FrameNumbers(NamedTuple):
    """`danger`: incidents in the queue with a child in danger, 0 for users without a queue; `menu`: for
    `read_menu_parts`.
    """

    signs: HealthSigns
    danger: int
    menu: list[str]


def read_frame(user: User | None, now: datetime) -> FrameNumbers:
    """One query. `user`: None for users without a queue."""
    return _frame(user, now)


def _write_frame(user: User | None, now: datetime) -> WrittenSql[FrameNumbers]:
    danger, of_danger = write_counts({"danger": ids_in_danger(user)}) if user else ("SELECT 0", [])
    parts, of_parts = write_menu_parts(user) if user else ("ARRAY[]::text[]", [])
    statement, values = write_signs(now, f"({danger}), ({parts})", [*of_danger, *of_parts])

    def read(rows: list[tuple[object, ...]]) -> FrameNumbers:
        *signs, reports, menu = rows[0]
        return FrameNumbers(build_signs(cast("SignRow", tuple(signs))), cast("int", reports), cast("list[str]", menu))

    return WrittenSql(statement, values, read)


_frame = PreparedStatement(_write_frame, lambda: FrameNumbers(HealthSigns(None, None, None, None, (), {}, ()), 0, []))
