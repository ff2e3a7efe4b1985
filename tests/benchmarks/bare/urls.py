"""An information page, a form, and the page after a sent form."""

from django.urls import path
from django.views.generic import TemplateView

from tests.benchmarks.bare import views

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("report/", views.report_page, name="report"),
    path("report/redirected/", views.report_redirected, name="report_redirected"),
    path("thanks/", TemplateView.as_view(template_name="thanks.html"), name="thanks"),
]
