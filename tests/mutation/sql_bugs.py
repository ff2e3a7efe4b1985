"""Bugs of one word or sign in the functions and triggers of the migrated database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.mutation.python_bugs import other_numbers

# Parts that are no code: comments, and texts but those that are compared with the kind of statement.
UNREAD = re.compile(r"--[^\n]*|'(?!(?:INSERT|UPDATE|DELETE)')(?:[^']|'')*'")
SIGNS: tuple[tuple[str, str], ...] = (
    (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bIS NOT DISTINCT FROM\b", "IS DISTINCT FROM"),
    (r"\bIS DISTINCT FROM\b", "IS NOT DISTINCT FROM"),
    (r"\bNOT (?!NULL|DISTINCT)", ""),
    (r"(?<!NOT )\bEXISTS\b", "NOT EXISTS"),
    (r"(?<!BETWEEN )\bAND\b", "OR"),
    (r"\bOR\b(?! REPLACE)", "AND"),
    (r"<>", "="),
    (r"(?<![<>:!=])=(?![>=])", "<>"),
    (r"<=", "<"),
    (r">=", ">"),
    (r"(?<![<@])<(?![=>@])", "<="),
    (r"(?<![->=@<])>(?![=>@])", ">="),
    (r"(?<=\s)\+(?=\s)", "-"),
    (r"\bUNION ALL\b", "EXCEPT"),
    (r"\bRETURN NEW\b", "RETURN NULL"),
    (r"\bRAISE EXCEPTION [^;]*;", "NULL;"),
    (r"\bPERFORM [^;]*;", "NULL;"),
    (r"\bDISTINCT\b", ""),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r"'UPDATE'", "'DELETE'"),
    (r"'DELETE'", "'UPDATE'"),
    (r"'INSERT'", "'UPDATE'"),
)
NUMBER = re.compile(r"(?<![\w$%{.])(?<!LIMIT )\d+\b(?!\w)")
FUNCTIONS = """
    SELECT proname, pg_get_functiondef(pg_proc.oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND proname ~ '^(analysts|audit|countries|reports)_'
    ORDER BY oid::regprocedure::text
"""
TRIGGERS = """
    SELECT proname, tgname, tgrelid::regclass::text, pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger
    JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND proname ~ '^(analysts|audit|countries|reports)_' ORDER BY tgname, tgrelid
"""


@dataclass(frozen=True, slots=True)
class SqlBug:
    """`seed` puts it into the database, and `mend` takes it out. `function`: the one that it is in, or is called."""

    function: str
    name: str
    line: int
    before: str
    after: str
    seed: str
    mend: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}: {self.before} -> {self.after}"


def list_bugs(database: psycopg.Connection) -> list[SqlBug]:
    """All bugs that can be seeded into the database and that it accepts."""
    bugs = [bug for name, text in database.execute(FUNCTIONS) for bug in _bugs_of_function(name, text)]
    bugs += [bug for row in database.execute(TRIGGERS) for bug in _bugs_of_trigger(*row)]
    return [bug for bug in bugs if _is_accepted(database, bug)]


def _bugs_of_function(name: str, text: str) -> Iterator[SqlBug]:
    for start, end, after in _replacements(text, text.index("AS $")):
        line = text.count("\n", 0, start) + 1
        changed = text[:start] + after + text[end:]
        yield SqlBug(name, name, line, " ".join(text[start:end].split()), after, changed, text)


def _bugs_of_trigger(function: str, name: str, table: str, text: str) -> Iterator[SqlBug]:
    drop = sql.SQL("DROP TRIGGER IF EXISTS {} ON ").format(sql.Identifier(name)).as_string() + table
    mend = f"{drop}; {text}"
    yield SqlBug(function, name, 1, "the trigger", "none", drop, mend)
    without_events = (
        text.replace(" OR UPDATE", "", 1),
        text.replace("INSERT OR ", "", 1),
        text.replace(" OR DELETE", "", 1),
    )
    without_condition = re.sub(r" WHEN \(.*\) EXECUTE", " EXECUTE", text)
    for changed in dict.fromkeys([*without_events, without_condition]):
        if changed != text:
            yield SqlBug(function, name, 1, text, changed, f"{drop}; {changed}", mend)
    if " WHEN (" in text:
        for start, end, after in _replacements(text, text.index(" WHEN (")):
            yield SqlBug(function, name, 1, text[start:end], after, f"{drop}; {text[:start]}{after}{text[end:]}", mend)


def _replacements(text: str, begin: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, other text) for each sign behind `begin` that is code."""
    code = UNREAD.sub(lambda match: "\0" * len(match[0]), text)
    for pattern, after in SIGNS:
        for match in re.compile(pattern).finditer(code, begin):
            yield match.start(), match.end(), after
    for match in NUMBER.finditer(code, begin):
        for number in other_numbers(int(match[0])):
            yield match.start(), match.end(), str(number)


def _is_accepted(database: psycopg.Connection, bug: SqlBug) -> bool:
    try:
        with database.transaction(force_rollback=True):
            database.execute(bug.seed)
    except psycopg.Error:
        return False
    return True
