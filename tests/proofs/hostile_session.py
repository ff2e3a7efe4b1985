"""A session of the public role whose time-outs an attacker chose, opened again whenever staff end it."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
from psycopg.sql import Composed

from portal_site.database import roles
from tests.proofs.stack import Stack

TIMEOUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")


def open_session(stack: Stack) -> psycopg.Connection:
    session = stack.connect(roles.PUBLIC)
    for name in TIMEOUTS:
        # Not every version has each of them.
        with suppress(psycopg.Error):
            session.execute(f"SET {name} = 0".encode())
    session.autocommit = False
    return session


@dataclass
class Attacker:
    """Tries statements one by one. `ended`: how often staff ended its session meanwhile."""

    stack: Stack
    ended: int = 0
    warnings: list[str] = field(default_factory=list)
    session: psycopg.Connection | None = None

    def rows(self, query: LiteralString) -> list[tuple[object, ...]]:
        found = self._session().execute(query).fetchall()
        self._session().rollback()
        return found

    def error_of(self, statement: str | Composed, *, alone: bool = False, commit: bool = False) -> Exception | None:
        """The error of the statement; None where it was carried out. It is undone unless `commit` or `alone`.

        alone: outside a transaction. A statement that was skipped with a warning is an error too.
        """
        session = self._session()
        self.warnings.clear()
        try:
            session.autocommit = alone
            session.execute(statement.encode() if isinstance(statement, str) else statement)
            if commit:
                session.commit()
        except psycopg.Error as error:
            return error
        finally:
            with suppress(psycopg.Error):
                session.rollback()
                session.autocommit = False
        skipped = [each for each in self.warnings if "permission denied" in each or "no privileges" in each]
        return PermissionError(skipped[0]) if skipped else None

    def close(self) -> None:
        if self.session is not None:
            self.session.close()

    def _session(self) -> psycopg.Connection:
        if self.session is None or self.session.closed:
            self.ended += self.session is not None
            self.session = open_session(self.stack)
            self.session.add_notice_handler(lambda notice: self.warnings.append(notice.message_primary or ""))
        return self.session
