"""Envelopes that intake could not take in: logged by kind, not by report, so that no line shows when one arrived."""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class IntakeFailures:
    """Failures since they were last logged. `receipts`: those that failed, which intake leaves out until it is emptied.

    `errors`: one error of each kind, without what the code held when it failed.
    """

    receipts: set[UUID] = field(default_factory=set)
    errors: dict[tuple[object, ...], tuple[Mapping[str, str], Exception]] = field(default_factory=dict)

    def note(self, receipt_id: UUID, extra: Mapping[str, str], error: Exception) -> None:
        """`extra`: of the line of the log, the same for every report."""
        self.receipts.add(receipt_id)
        places = tuple((frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__))
        kind = (extra["fact"], type(error), places)
        if kind not in self.errors:
            traceback.clear_frames(error.__traceback__)
            error.args, error.__cause__, error.__context__ = (), None, None
            self.errors[kind] = extra, error

    def log(self) -> None:
        """A line for each kind."""
        for extra, error in self.errors.values():
            logger.error("%s", extra["fact"], exc_info=error, extra=extra)
        self.errors.clear()
