"""The pages that take something from a reporter, or from the addressee of a notice."""

from reports.views.notice import notice
from reports.views.report import details, report
from reports.views.status import status

__all__ = ["details", "notice", "report", "status"]
