"""Sessions in the database, as Django keeps them, with one statement to load one and one to save it."""

from datetime import datetime

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from analysts.models.compiled_query import PreparedQuery, PreparedUpdate


@PreparedQuery
def _current_sessions(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


@PreparedUpdate
def _update_session(key: str, data: str, expires: datetime) -> tuple[QuerySet[Session], dict[str, object]]:
    return Session.objects.filter(pk=key), {"session_data": data, "expire_date": expires}


class SessionStore(DatabaseSessions):
    def _get_session_from_db(self) -> Session | None:
        if self.session_key and (found := _current_sessions(self.session_key, timezone.now())):
            return found[0]
        self._session_key = None
        return None

    def save(self, must_create: bool = False) -> None:
        """Save all of the session. Raises UpdateError if it has been deleted meanwhile."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        try:
            # Django's own opens a transaction for it.
            is_there = _update_session(row.pk, row.session_data, row.expire_date)
        except DatabaseError:
            raise UpdateError from None
        if not is_there:
            raise UpdateError
