"""Checks that the threads of all processes fit what they share: the database's connections and the check of passwords.

Each thread keeps a connection of its own. Were there fewer connections than threads, reports would be refused for want
of one as soon as all threads are busy.
"""

from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from portal_site.checks.web_servers import read_gunicorn_config

# The worker's pool, and its two threads of jobs.
OF_WORKER = 8
# manage.py, the keys' and the backup's timers, and connections that the server has not cleared away yet.
RESERVE = 12


@register(Tags.security, deploy=True)
def check_connections(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Nothing if gunicorn's configuration cannot be read or the database does not answer: other checks say so."""
    config = _gunicorn_numbers()
    if config is not None:
        with suppress(DatabaseError):
            yield from connection_shortages(connection, config[0] * config[1])


@register(Tags.security, deploy=True)
def check_password_lane(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Strangers who wait for the check of a password must leave half of a process's threads to everybody else."""
    config = _gunicorn_numbers()
    threads = settings.PASSWORD_CHECKS - 1 + settings.PASSWORD_QUEUE
    # A process with one thread takes one request after the other, whose ever it is.
    if settings.STAFF and config is not None and config[1] > 1 and threads > config[1] // 2:
        yield Error(
            f"Strangers who sign in can take {threads} of the {config[1]} threads of each process.",
            hint="Lower PASSWORD_QUEUE or PASSWORD_CHECKS, or give gunicorn more threads.",
            id="portal_site.E072",
        )


def connection_shortages(connection: BaseDatabaseWrapper, threads: int) -> Iterator[CheckMessage]:
    """Limits of the server and of this role that all processes together would reach. Raises DatabaseError.

    threads: of one machine's surface; other machines and surfaces are taken to have as many.
    """
    with connection.cursor() as cursor:
        # `reserved_connections` is unknown to servers before PostgreSQL 16.
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
            " - coalesce(current_setting('reserved_connections', true)::int, 0), rolname, rolconnlimit"
            " FROM pg_roles WHERE rolname = current_user"
        )
        most, role, of_role = cursor.fetchone()
    together = settings.PUBLIC_MACHINES + settings.STAFF_MACHINES + settings.SOURCES_MACHINES
    match settings.PUBLIC, settings.STAFF:
        case True, True:
            together = machines = 1
        case True, False:
            machines = settings.PUBLIC_MACHINES
        case False, True:
            machines = settings.STAFF_MACHINES
        case _:
            machines = settings.SOURCES_MACHINES
    of_workers = OF_WORKER + settings.INTAKE_PROCESSES
    needed = threads * together + of_workers + RESERVE
    needed_by_role = threads * machines + (of_workers + RESERVE if settings.STAFF else 0)
    if needed > most:
        yield Error(
            f"All processes together may need {needed} connections to the database, which has {most} for them:"
            f" {threads} threads x {together} surfaces, {of_workers} for the workers, {RESERVE} in reserve.",
            hint="Raise max_connections, lower WEB_CONCURRENCY, or put a connection pooler between. PUBLIC_MACHINES,"
            " STAFF_MACHINES and SOURCES_MACHINES say how many machines serve each surface.",
            id="portal_site.E070",
        )
    if 0 <= of_role < needed_by_role:
        yield Error(
            f"This surface may need {needed_by_role} connections, and its role {role} has {of_role}.",
            hint=f"ALTER ROLE {role} CONNECTION LIMIT {needed_by_role}; as the server's superuser.",
            id="portal_site.E071",
        )


def _gunicorn_numbers() -> tuple[int, int] | None:
    """Workers, and threads of each; None if the configuration cannot be read."""
    try:
        config, _seen_file = read_gunicorn_config()
    except (Exception, SystemExit):  # the file is a program
        return None
    return int(config.settings["workers"].get()), int(config.settings["threads"].get())
