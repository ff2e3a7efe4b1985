"""A process that ends in the middle of its work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import connection

# A verb has fewer statements than this, mostly, and a job too.
MOST_STATEMENTS = 40


class Crash(BaseException):
    """No `Exception`, because no code of the product goes on after it."""


@dataclass(slots=True)
class CrashPoint:
    """Ends the process at the statement of this number, counted from 1, as soon as it is reached.

    Before the statement is executed: what the process wrote to a file since the last one stays. At the end of a
    transaction, after it: the transaction is committed, and what follows it never runs.
    """

    number: int
    reached: bool = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
    ) -> Any:
        self.number -= 1
        if self.number or self.reached:
            return execute(sql, params, many, context)
        self.reached = True
        if sql.startswith("RELEASE"):
            execute(sql, params, many, context)
        raise Crash


def draw_statement(chance: Random) -> int:
    """The number of a statement, mostly an early one: few verbs have many."""
    return chance.randrange(1, chance.randrange(2, MOST_STATEMENTS))


@contextmanager
def crash_at(number: int) -> Iterator[CrashPoint]:
    """The code within ends at the statement of this number, and the world goes on after it."""
    point = CrashPoint(number)
    try:
        with connection.execute_wrapper(point):
            yield point
    except Crash:
        point.reached = True
    finally:
        if point.reached:
            # Nothing that waits for a commit runs in a process that has ended.
            connection.run_on_commit = []


def run_commit_hooks() -> None:
    """Calls that the code asked to run after its commit: within an example nothing is ever committed."""
    hooks, connection.run_on_commit = connection.run_on_commit, []
    for hook in hooks:
        hook[1]()
