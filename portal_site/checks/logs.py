"""What Django itself would write down: only what the sparse formatter lets through, and nothing of who asks."""

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from portal_site.logging import SilentReporter, SparseFormatter

FIRST = "portal_site.middleware.forget_who_asks"


def log_handlers() -> Iterator[tuple[str, logging.Handler]]:
    """Every handler that is in place now, whatever put it there, with its logger's name."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        if isinstance(logger, logging.Logger):
            yield from ((logger.name, handler) for handler in logger.handlers)


@register(Tags.security, deploy=True)
def check_log_lines(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A message, its arguments or an exception's text may hold an address or what a reporter typed."""
    return [
        Error(
            f"The logger `{name}` has a handler ({type(handler).__name__}) that writes more than an event's place.",
            hint="Give every handler in LOGGING the formatter portal_site.logging.SparseFormatter.",
            id="portal_site.E030",
        )
        for name, handler in log_handlers()
        # Exactly this class: a subclass was made to write more.
        if not isinstance(handler, logging.NullHandler) and type(handler.formatter) is not SparseFormatter
    ]


@register(Tags.security, deploy=True)
def check_exceptions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Django's reports of a failure hold the request, with its address and its body."""
    ours = f"{SilentReporter.__module__}.{SilentReporter.__qualname__}"
    if ours == settings.DEFAULT_EXCEPTION_REPORTER and not settings.ADMINS and not settings.MANAGERS:
        return []
    return [
        Error(
            "A failure would be reported with the request it happened in.",
            hint=f"DEFAULT_EXCEPTION_REPORTER is {ours}, ADMINS and MANAGERS are empty.",
            id="portal_site.E031",
        )
    ]


@register(Tags.security, deploy=True)
def check_first_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What stands before it sees, and may keep, the visitor's address."""
    if settings.MIDDLEWARE[:1] == [FIRST]:
        return []
    return [
        Error(
            "Something sees each request before the visitor's address is dropped.",
            hint=f"{FIRST} comes first in MIDDLEWARE.",
            id="portal_site.E032",
        )
    ]
