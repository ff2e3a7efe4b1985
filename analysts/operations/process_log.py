"""Errors of processes that serve no requests, in the log without the text of an error."""

import logging
import sys
import threading

logger = logging.getLogger(__name__)


def log_uncaught_errors() -> None:
    """Log what Python would print: errors that nothing catches, in any thread, and warnings."""
    sys.excepthook = lambda _type, error, _traceback: log_error(error, "not caught")
    threading.excepthook = lambda failure: log_error(failure.exc_value, "not caught")
    sys.unraisablehook = lambda failure: log_error(failure.exc_value, "not caught")
    logging.captureWarnings(capture=True)


def log_error(error: BaseException | None, fact: str) -> None:
    """`fact`: a constant sentence."""
    logger.error("%s", fact, exc_info=error, extra={"fact": fact})
