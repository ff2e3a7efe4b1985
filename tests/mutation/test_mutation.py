"""The bugs that `make mutation` seeds: of which kinds, where, and that each is in force and taken out again."""

import ast
from collections import Counter

import pytest
from django.db import connection

from portal_site.environment import PROJECT
from tests.mutation import python_bugs, sql_bugs
from tests.mutation.entries import Entries, seconds_of_likely_tests
from tests.mutation.places import EVERYWHERE, PLACES, SQL_PLACES

SOURCE = '''
"""A docstring with 3 words."""
LIMIT = 30
KINDS = {"one": 1, "two": 2}

def may(user, now=None, *, rows=()):
    """Another one."""
    now = now or LIMIT
    if not user or user in rows:
        raise ValueError(_("Never %(number)s.") % {"number": 5})
    return all(row < LIMIT for row in rows)
'''
RULE = """
    CREATE FUNCTION audit_for_a_test(number integer) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        -- Not = 7.
        IF number > 3 AND number IS NOT NULL THEN RAISE EXCEPTION 'more than 3 = too many'; END IF;
        RETURN true;
    END $$
"""


def test_each_operator_table_row_and_statement_gets_its_bug() -> None:
    changes = {(bug.before, bug.after) for bug in python_bugs.list_bugs("module.py", SOURCE)}
    assert {
        ("30", "300"),
        ("30", "10"),
        ("{'one': 1, 'two': 2}", "{'two': 2}"),
        ("not user", "user"),
        ("not user or user in rows", "not user and user in rows"),
        ("not user or user in rows", "user in rows"),
        ("user in rows", "user not in rows"),
        ("row < LIMIT", "row <= LIMIT"),
        ("all((row < LIMIT for row in rows))", "any((row < LIMIT for row in rows))"),
    } <= changes
    # No text, no default of a moment, and no sentence for people.
    assert not [before for before, _after in changes if before in ("5", "3") or before.startswith("now or")]


def test_seeded_module_behaves_as_the_bug_says() -> None:
    answers = Counter[str]()
    for bug in python_bugs.list_bugs("module.py", SOURCE):
        names: dict[str, object] = {"_": str}
        exec(compile(python_bugs.seed_bug(bug, SOURCE), "module.py", "exec"), names)  # noqa: S102 - the source is above
        may = names["may"]
        assert callable(may)
        try:
            answers[f"{bug.before}: {may('ana', rows=(10, 30))}"] += 1
        except ValueError:
            answers[f"{bug.before}: refused"] += 1
    assert answers["row < LIMIT: True"] == answers["not user: refused"] == answers["user in rows: refused"] == 1
    assert ast.unparse(ast.parse(SOURCE)) not in answers


def test_tests_that_enter_the_function_of_a_bug_are_likely() -> None:
    entries = {
        "enters it": Entries(2.0, ["module.py:6", "other.py:6"]),
        "enters another": Entries(1.0, ["module.py:60"]),
        "enters none": Entries(0.5, ["other.py:6"]),
        EVERYWHERE[0]: Entries(9.0, []),
    }
    likely = {bug.before: seconds_of_likely_tests(bug, entries) for bug in python_bugs.list_bugs("module.py", SOURCE)}
    assert likely["not user"] == likely["row < LIMIT"] == {"enters it": 2.0}
    # In force as soon as the file is loaded.
    assert (
        likely["30"]
        == likely["{'one': 1, 'two': 2}"]
        == {"enters it": 2.0, "enters another": 1.0} | {EVERYWHERE[0]: 0.0}
    )


@pytest.mark.django_db
def test_rule_of_the_database_is_changed_and_mended() -> None:
    with connection.cursor() as cursor:
        cursor.execute(RULE)
        database = connection.connection
        bugs = [bug for bug in sql_bugs.list_bugs(database) if bug.function == "audit_for_a_test"]
        assert {(bug.before, bug.after) for bug in bugs} == {
            (">", ">="), ("3", "30"), ("3", "1"), ("AND", "OR"), ("IS NOT NULL", "IS NULL"),
            ("RAISE EXCEPTION 'more than 3 = too many';", "NULL;"),
        }  # fmt: skip
        [bug] = [bug for bug in bugs if bug.after == "NULL;"]
        database.execute(bug.seed)
        cursor.execute("SELECT audit_for_a_test(9)")
        assert cursor.fetchone() == (True,)
        database.execute(bug.mend)
        assert {str(bug) for bug in bugs} == {
            str(bug) for bug in sql_bugs.list_bugs(database) if bug.function == "audit_for_a_test"
        }


@pytest.mark.django_db
def test_every_rule_of_the_database_has_a_place() -> None:
    connection.ensure_connection()
    bugs = sql_bugs.list_bugs(connection.connection)
    beginnings = tuple(name for place in SQL_PLACES for name in place.files)
    assert len(bugs) > 200
    assert [str(bug) for bug in bugs if not bug.function.startswith(beginnings)] == []


def test_every_place_has_files_and_tests_that_exist() -> None:
    missing = [
        path
        for place in (*PLACES, *SQL_PLACES)
        for path in (*(place.files if place in PLACES else ()), *(test.split("::")[0] for test in place.tests))
        if not list(PROJECT.glob(path))
    ]
    files = Counter(path for place in PLACES for pattern in place.files for path in PROJECT.glob(pattern))
    assert (missing, [path for path, number in files.items() if number > 1]) == ([], [])
