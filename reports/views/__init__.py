"""The pages that take something from a reporter."""

from reports.views.report import details, report
from reports.views.status import status

__all__ = ["details", "report", "status"]
