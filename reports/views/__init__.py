"""The pages with forms, for reporters and for recipients of notices."""

from reports.views.notice import notice_answer_page
from reports.views.report import report_details_page, report_page
from reports.views.status import status_page

__all__ = ["notice_answer_page", "report_details_page", "report_page", "status_page"]
