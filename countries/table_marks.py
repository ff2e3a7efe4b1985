"""Marks of the database's owner in comments of tables: every role may read them, only the owner may write them.

A mark needs no table, privilege or row of its own, so that it outlasts migrations and works on both surfaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql


@dataclass(frozen=True, slots=True)
class TableMark:
    """The comment of `table`, where it begins with `prefix`: no migration may comment on that table."""

    table: str
    prefix: str

    def read(self, connection: BaseDatabaseWrapper) -> str | None:
        """The text after the prefix; None without a mark, or without the table."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT obj_description(to_regclass(%s)::oid, 'pg_class')", [self.table])
            (comment,) = cursor.fetchone()
        return self.text_in(comment)

    def text_in(self, comment: str | None) -> str | None:
        """The text after the prefix, in the comment of the table; None without a mark."""
        if not comment or not comment.startswith(self.prefix):
            return None
        return comment.removeprefix(self.prefix).strip()

    def write(self, connection: BaseDatabaseWrapper, text: str) -> None:
        """Replace the mark. The connection must be the owner's."""
        self._set_comment(connection, sql.Literal(f"{self.prefix} {text}"))

    def remove(self, connection: BaseDatabaseWrapper) -> None:
        """Remove the mark. The connection must be the owner's."""
        self._set_comment(connection, sql.SQL("NULL"))

    def _set_comment(self, connection: BaseDatabaseWrapper, comment: sql.Composable) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(self.table), comment))


class LockdownPart(StrEnum):
    """A part that `manage.py lockdown` stops, as its options and output name it."""

    SIGN_IN = "sign-in"
    PUBLIC = "public"
    SENDING = "sending"
    MEMBERS = "members"
    PUBLISHING = "publishing"


# Set by `manage.py lockdown`, each with the time in UTC since which it holds: no member of staff can sign in, the
# public database role has no privilege, no letter leaves, no member fetches the URL list, nothing new is published.
SIGN_IN_STOPPED = TableMark("django_session", "Sign-in was stopped by manage.py lockdown:")
PUBLIC_STOPPED = TableMark("reports_submission", "The public role was stopped by manage.py lockdown:")
SENDING_STOPPED = TableMark("analysts_notice", "Sending was stopped by manage.py lockdown:")
MEMBERS_STOPPED = TableMark("analysts_memberkey", "The members' feed was stopped by manage.py lockdown:")
PUBLISHING_STOPPED = TableMark("countries_portal", "Publishing was stopped by manage.py lockdown:")
LOCKDOWN_MARKS: Mapping[str, TableMark] = {
    LockdownPart.SIGN_IN: SIGN_IN_STOPPED,
    LockdownPart.PUBLIC: PUBLIC_STOPPED,
    LockdownPart.SENDING: SENDING_STOPPED,
    LockdownPart.MEMBERS: MEMBERS_STOPPED,
    LockdownPart.PUBLISHING: PUBLISHING_STOPPED,
}


def format_mark_time(at: datetime) -> str:
    """The time of a lockdown as its mark contains it: to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def parse_mark_time(text: str) -> datetime | None:
    """The time that `format_mark_time` wrote; None for any other text, so that no page fails because of it."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M%z")
    except ValueError:
        return None
