"""Which error page answers which failure. `countries.public.errors` draws the pages."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg.errors import InsufficientPrivilege

from countries.public import errors
from countries.public.leading_on import lead_on


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """A page, for signed-in staff in their frame; for a member's or source's system only its title, as JSON.

    Strangers on the staff surface get a plain one, unless the public pages are on it too.
    """
    if settings.SURFACE == "sources":
        problem = {"type": "about:blank", "title": str(errors.WORDS[status].title), "status": status}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    if settings.STAFF and request.path_info.startswith(settings.MEMBERS_PATH):
        return JsonResponse({"detail": str(errors.WORDS[status].title)}, status=status)
    staff_page = None
    if settings.STAFF:
        # The public surface has no such pages.
        from portal_site.staff_errors import plain_error_page, staff_error_page  # noqa: PLC0415 - as said

        staff_page = staff_error_page(request, status) or (None if settings.PUBLIC else plain_error_page(status))
    return staff_page or errors.error_page(request, status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page, or the way on from an address of the public that once had one."""
    onward = lead_on(request) if settings.PUBLIC else None
    return onward or error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 where the database cannot be reached or this role was stopped (worth trying again), otherwise 500."""
    error = sys.exc_info()[1]
    is_unreachable = isinstance(error, OperationalError | InterfaceError)
    is_locked_down = isinstance(error, DatabaseError) and isinstance(error.__cause__, InsufficientPrivilege)
    return error_page(request, 503 if is_unreachable or is_locked_down else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF failures as one of our pages: Django's own breaks the content security policy."""
    return error_page(request, 403)
