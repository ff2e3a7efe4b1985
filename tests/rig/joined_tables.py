"""Statements that join so many tables that PostgreSQL no longer chooses their order.

Beyond eight it joins them as they are written: first all that are joined, and last that of an `EXISTS` or `IN` in the
condition, which may be the only one that leaves few rows. Such a statement reads whole tables.
"""

import re
from dataclasses import dataclass

# join_collapse_limit and from_collapse_limit, as shipped.
MOST_JOINED = 8
TOKEN = re.compile(rb"\(|\)|'[^']*'|\"[^\"]*\"|[A-Za-z_]+")


@dataclass
class _Level:
    """Within a pair of parentheses: the number of tables so far, and whether a condition that is a SELECT follows."""

    after: bytes = b""
    tables: int = 0
    has_condition: bool = False

    @property
    def joined(self) -> int:
        """Without such a condition, the order in which it is written serves."""
        return self.tables + 1 if self.has_condition else 0


def most_joined(statement: bytes) -> int:
    """The most tables, that of its condition included, of a SELECT within the statement that has such a condition."""
    levels, most, word = [_Level()], 0, b""
    for token in TOKEN.findall(statement):
        level = levels[-1]
        if token == b"(":
            levels.append(_Level(word))
        elif token == b")":
            levels.pop()
            most = max(most, level.joined)
            is_condition = level.after in (b"EXISTS", b"IN") and level.tables > 0
            # Through parentheses that hold no SELECT, up to the condition of the one around them.
            levels[-1].has_condition |= is_condition or (level.tables == 0 and level.has_condition)
        elif token in (b"FROM", b"JOIN"):
            # What came before it was a column.
            level.has_condition &= level.tables > 0
            level.tables += 1
        elif token == b"UNION":
            most = max(most, level.joined)
            levels[-1] = _Level(level.after)
        word = token
    return max(most, levels[0].joined)
