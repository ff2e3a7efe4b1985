"""Logs by allow-list: what happened and where in the code, never what was said or by whom."""

import logging
import traceback

from django.views.debug import ExceptionReporter
from gunicorn.glogging import Logger


class SparseFormatter(logging.Formatter):
    """Level, logger, status, exception type and place. Never the message, its arguments or an exception's text:
    any of them may hold what a reporter typed. A log call that must be read passes `extra={"fact": "..."}` with a
    constant or a count.
    """

    def format(self, record: logging.LogRecord) -> str:
        parts = [self.formatTime(record, "%Y-%m-%dT%H:00"), record.levelname, record.name]
        if isinstance(status := getattr(record, "status_code", None), int):
            parts.append(f"status={status}")
        if isinstance(fact := getattr(record, "fact", None), str):
            parts.append(fact)
        if record.exc_info and record.exc_info[0] is not None:
            parts.append(record.exc_info[0].__name__)
            # Compiled modules name a file that is not there.
            frames = [frame for frame in traceback.extract_tb(record.exc_info[2]) if frame.filename.endswith(".py")]
            parts.extend(f"{frame.filename}:{frame.lineno}" for frame in frames[-3:])
        else:
            parts.append(f"{record.pathname}:{record.lineno}")
        return " ".join(parts)


class SilentReporter(ExceptionReporter):
    """An exception reporter that reports nothing: tracebacks print local variables, and those hold reports."""

    def get_traceback_data(self) -> dict[str, object]:
        return {}

    def get_traceback_text(self) -> str:  # type: ignore[override] # marked safe there; nothing is as safe
        return ""

    def get_traceback_html(self) -> str:  # type: ignore[override] # the same
        return ""


class GunicornLogger(Logger):
    """gunicorn's own log, with the same formatter: stock messages carry `Invalid request from ip=...`."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(SparseFormatter())
        self.access_log.disabled = True

    def access(self, *args: object, **kwargs: object) -> None:
        """No access log."""
