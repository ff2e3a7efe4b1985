"""Which error page answers which failure. The pages themselves are `countries.errors`."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from countries.errors import error_page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 where the database is away (worth trying again), 500 for anything else."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return error_page(request, 503 if away else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's own page breaks the content security policy."""
    return error_page(request, 403)
