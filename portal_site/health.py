"""Health endpoints for monitoring: does the process answer, and can it store a report."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from countries.public.pages import open_page
from reports import disk_space, keys

TEXT = "text/plain; charset=utf-8"


@require_safe
@open_page
def liveness_probe(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok\n", content_type=TEXT)


@require_safe
@open_page
def readiness_probe(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, accepts the sealing key and has space; 503 with the reason otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            current = keys.public_key(timezone.now())
            cursor.execute("SELECT reports_key_is_open(%s)", [current.id])
            if cursor.fetchone() != (True,):
                # The key was closed but the keyring's mirror here is older: every report would be refused.
                return HttpResponse("closed key\n", status=503, content_type="text/plain")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type=TEXT)
    except keys.NoOpenKey:
        return HttpResponse("keys\n", status=503, content_type=TEXT)
    if disk_space.is_wanting():
        return HttpResponse("disk full\n", status=503, content_type=TEXT)
    # Still sealing, but the month's own key is missing: look into it before the old one is closed.
    word = "ok" if keys.is_of_month(current.id, timezone.now()) else "old key"
    return HttpResponse(f"{word}\n", content_type=TEXT)
