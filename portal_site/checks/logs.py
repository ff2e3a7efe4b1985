"""Checks that Django's own logs hold only what the sparse formatter lets through, and nothing about visitors."""

import logging
from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from portal_site.logging import SilentReporter, SparseFormatter

FIRST = "portal_site.middleware.forget_who_asks"


def log_handlers() -> Iterator[tuple[str, logging.Handler]]:
    """Every installed handler, including those added by other libraries, with the name of its logger."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        if isinstance(logger, logging.Logger):
            yield from ((logger.name, handler) for handler in logger.handlers)


@register(Tags.security, deploy=True)
def check_log_lines(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """A message, its arguments or an exception's text may hold an address or what a reporter typed."""
    for name, handler in log_handlers():
        # Exactly this class: a subclass could write more.
        if not isinstance(handler, logging.NullHandler) and type(handler.formatter) is not SparseFormatter:
            yield Error(
                f"The logger `{name}` has a handler ({type(handler).__name__}) that does not use SparseFormatter.",
                hint="Set the formatter portal_site.logging.SparseFormatter on every handler in LOGGING.",
                id="portal_site.E030",
            )


@register(Tags.security, deploy=True)
def check_exceptions(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Django's reports of a failure hold the request, with its address and its body."""
    ours = f"{SilentReporter.__module__}.{SilentReporter.__qualname__}"
    if ours != settings.DEFAULT_EXCEPTION_REPORTER or settings.ADMINS or settings.MANAGERS:
        yield Error(
            "An unhandled error would be reported together with its request.",
            hint=f"Set DEFAULT_EXCEPTION_REPORTER to {ours}, and leave ADMINS and MANAGERS empty.",
            id="portal_site.E031",
        )


@register(Tags.security, deploy=True)
def check_first_middleware(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """A middleware before it sees the visitor's address and may store it."""
    if settings.MIDDLEWARE[:1] != [FIRST]:
        yield Error(
            "A middleware sees each request before the visitor's address is removed.",
            hint=f"Put {FIRST} first in MIDDLEWARE.",
            id="portal_site.E032",
        )
