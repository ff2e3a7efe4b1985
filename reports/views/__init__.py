"""The pages that take something from a reporter, or from the recipient of a notice."""

from reports.views.notice import notice_answer_page
from reports.views.report import report_details_page, report_page
from reports.views.status import status_page

__all__ = ["notice_answer_page", "report_details_page", "report_page", "status_page"]
