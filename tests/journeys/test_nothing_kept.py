"""The middleware lets through and the logs hold nothing that reveals the visitor or what was typed."""

import io
import logging
import logging.config
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as project
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from gunicorn.config import Config

from countries.models import Portal
from portal_site.logging import GunicornLogger, SilentReporter, SparseFormatter
from portal_site.middleware import NOBODY, forget_who_asks

WHO: dict[str, Any] = {
    "REMOTE_ADDR": "192.0.2.77",
    "REMOTE_HOST": "phone.example.net",
    "REMOTE_PORT": "51423",
    "HTTP_X_FORWARDED_FOR": "192.0.2.78",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_FORWARDED": "for=192.0.2.79",
    "HTTP_X_REAL_IP": "192.0.2.80",
    "HTTP_USER_AGENT": "markerbrowser/1",
    "HTTP_ACCEPT_LANGUAGE": "es-BZ",
    "HTTP_REFERER": "https://example.org/where-i-was",
    "HTTP_COOKIE": "session=markercookie",
    "HTTP_IF_NONE_MATCH": "markertag",
    "HTTP_AUTHORIZATION": "Basic marker",
    "HTTP_X_ANYTHING": "marker",
}


def seen_by_views(path: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def view(request: HttpRequest) -> HttpResponse:
        seen.update(request.META)
        return HttpResponse()

    forget_who_asks(view)(RequestFactory().get(path, **WHO))
    return seen


def test_public_views_see_nothing_of_who_asks() -> None:
    seen = seen_by_views("/bz/en/report/")

    assert {name for name in seen if name in WHO} == {"REMOTE_ADDR"}
    assert seen["REMOTE_ADDR"] == NOBODY
    assert "marker" not in str({name: value for name, value in seen.items() if isinstance(value, str)})


def test_staff_views_see_what_a_session_needs_and_no_more() -> None:
    seen = seen_by_views("/admin/queue/")

    assert {name for name in seen if name in WHO} == {
        "REMOTE_ADDR",
        "HTTP_COOKIE",
        "HTTP_IF_NONE_MATCH",
        "HTTP_AUTHORIZATION",
    }
    assert seen["REMOTE_ADDR"] == NOBODY


def test_scheme_is_believed_behind_the_web_server_only(settings: Any) -> None:
    assert "HTTP_X_FORWARDED_PROTO" not in seen_by_views("/bz/en/")
    settings.HTTPS = True
    assert seen_by_views("/bz/en/")["HTTP_X_FORWARDED_PROTO"] == "https"


@pytest.mark.parametrize(
    "path", ["/", "/bz/en/", "/bz/en/report/", "/bz/en/status/", "/bz/frame.svg", "/notice/en/x/", "/nowhere/"]
)
def test_public_answers_carry_strict_headers_and_no_cookie(belize: Portal, path: str) -> None:
    answer = Client(HTTP_COOKIE="session=of-another").get(path)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_staff_answers_carry_their_own_headers(db: None) -> None:
    answer = Client().get("/accounts/login/")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.fixture
def log() -> io.StringIO:
    """The terminal's output with the settings' own logging configuration."""
    written = io.StringIO()
    logging.config.dictConfig(project.LOGGING)
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, SparseFormatter) and isinstance(handler, logging.StreamHandler):
            handler.setStream(written)
    return written


def test_log_line_arrives_without_what_was_said(log: io.StringIO) -> None:
    try:
        raise ValueError("markertext from a reporter")
    except ValueError:
        logging.getLogger("reports.anything").exception("markermessage %s", "markerargument", extra={"fact": "count 3"})

    line = log.getvalue()
    assert "ERROR reports.anything count 3 ValueError" in line
    assert "test_nothing_kept.py:" in line
    assert "marker" not in line


def test_failure_of_a_public_request_is_logged_by_place_alone(
    belize: Portal, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: HttpRequest) -> Callable[[], None]:
        raise RuntimeError(f"canarytext {request.POST}")

    # Imported by its path: the package gives its views the names of their modules.
    monkeypatch.setattr(import_module("reports.views.report"), "read_post", fail)
    client = Client(raise_request_exception=False, HTTP_USER_AGENT="canarybrowser")
    answer = client.post("/bz/en/report/", {"addresses": "https://canary.example.org/"})

    assert answer.status_code == 500
    assert "canary" not in answer.content.decode()
    assert "status=500" in log.getvalue()
    assert "RuntimeError" in log.getvalue()
    assert "canary" not in log.getvalue()


def test_exception_reporter_reports_nothing() -> None:
    reporter = SilentReporter(None, ValueError, ValueError("marker"), None)
    assert (reporter.get_traceback_data(), reporter.get_traceback_text(), reporter.get_traceback_html()) == ({}, "", "")


def test_gunicorn_logs_neither_peers_nor_requests(capsys: pytest.CaptureFixture[str]) -> None:
    logger = GunicornLogger(Config())
    logger.error_log.warning("Invalid request from ip=192.0.2.77: %s", "marker")
    logger.access("marker", "marker", {}, 0)
    written = capsys.readouterr()

    assert "WARNING gunicorn.error" in written.err + written.out
    assert "192.0.2.77" not in written.err + written.out
    assert "marker" not in written.err + written.out
