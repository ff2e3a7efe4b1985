"""Paths of the pages with a form. A receipt code is never in a path: only a form's body carries it.

The secret of a notice's link is in its path: a recipient follows it from a letter. No log here holds a path.
"""

from django.urls import path

from reports.views.notice import notice_answer_page
from reports.views.report import report_details_page, report_page
from reports.views.status import status_page

urlpatterns = [
    path("<slug:slug>/<language:language>/report/", report_page, name="report"),
    path("<slug:slug>/<language:language>/details/", report_details_page, name="details"),
    path("<slug:slug>/<language:language>/status/", status_page, name="status"),
    path("notice/<language:language>/<str:secret>/", notice_answer_page, name="notice"),
]
