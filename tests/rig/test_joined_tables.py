"""A statement with a condition at the end of many joins is found, others are not."""

import pytest

from tests.rig.joined_tables import most_joined

SEVEN = " ".join(f"JOIN t{number} USING (id)" for number in range(7))


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        (f"SELECT a FROM t {SEVEN} WHERE EXISTS(SELECT 1 FROM u JOIN v USING (id))", 9),
        (f"SELECT a FROM t {SEVEN} WHERE NOT (a IN (SELECT b FROM u WHERE EXISTS(SELECT 1 FROM v)))", 9),
        (f"SELECT 1 FROM t WHERE a = 'x' AND b = (SELECT max(c) FROM t {SEVEN} WHERE EXISTS(SELECT 1 FROM u))", 9),
        # Without such a condition, or where it is a column.
        (f"SELECT a FROM t {SEVEN} JOIN u USING (id) WHERE a = 1", 0),
        (f"SELECT EXISTS(SELECT 1 FROM u) FROM t {SEVEN}", 0),
        # Each part of a union apart.
        ("SELECT a FROM t WHERE EXISTS(SELECT 1 FROM u) UNION SELECT a FROM v WHERE EXISTS(SELECT 1 FROM w)", 2),
    ],
)
def test_tables_of_conditions_count(statement: str, number: int) -> None:
    assert most_joined(statement.encode()) == number
