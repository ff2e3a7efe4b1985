"""Health endpoints for monitoring: does the process answer, and can it store a report."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from countries.public.pages import open_page
from reports import disk_space, keys

logger = logging.getLogger(__name__)

TEXT = "text/plain; charset=utf-8"


@require_safe
@open_page
def liveness_probe(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok\n", content_type=TEXT)


@require_safe
@open_page
def readiness_probe(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, accepts the sealing key and has space; 503 with the reason otherwise.

    Each refusal is a line of the log.
    """
    reason, word = _check_storing()
    if reason:
        logger.warning("not ready", extra={"fact": f"not ready: {reason}"})
    return HttpResponse(f"{reason or word}\n", status=503 if reason else 200, content_type=TEXT)


def _check_storing() -> tuple[str, str]:
    """Why no report can be stored, "" if one can; and the word for that."""
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            current = keys.public_key(now)
            cursor.execute("SELECT reports_key_is_open(%s)", [current.id])
            if cursor.fetchone() != (True,):
                # The key was closed but the keyring's mirror here is older: every report would be refused.
                return "closed key", ""
    except DatabaseError:
        return "database", ""
    except keys.NoOpenKey:
        return "keys", ""
    if disk_space.is_wanting():
        return "disk full", ""
    # Still sealing, but the month's own key is missing: look into it before the old one is closed.
    return "", "ok" if keys.is_of_month(current.id, now) else "old key"
