"""Paths of the pages without forms. A portal is a path, not a host name: DNS and TLS reveal host names."""

from django.urls import path

from countries.public import leaving, robots, trust, views
from countries.public.help import views as help_pages
from countries.public.network import views as network
from countries.public.statistics import views as statistics

urlpatterns = [
    path("", network.network_page, name="network"),
    path("network/<language:language>/", network.network_page, name="network_in"),
    path("network/<language:language>/about/", network.network_about, name="about_in"),
    path("network/<language:language>/letters/", network.network_letters, name="letters_in"),
    path("network/<language:language>/privacy/", network.network_privacy, name="privacy_in"),
    path("network/<language:language>/trust/", trust.network_trust, name="trust_in"),
    path("network/<language:language>/statistics/", statistics.network_statistics, name="statistics_in"),
    path("network/<language:language>/statistics/<int:year>/", statistics.network_year, name="year_in"),
    path("statistics/", statistics.network_statistics, name="statistics"),
    path("statistics/figures.csv", statistics.network_csv, name="network_statistics_csv"),
    path("statistics/figures.json", statistics.network_json, name="network_statistics_json"),
    path("statistics/schema.json", statistics.schema, name="statistics_schema"),
    path("leave/", leaving.neutral_page, name="left"),
    path("leave/<language:language>/", leaving.neutral_page, name="left_in"),
    path("robots.txt", robots.robots_txt, name="robots"),
    path("frame.svg", views.network_frame, name="network_frame"),
    path("favicon.ico", network.favicon_redirect, name="favicon"),
    path(".well-known/security.txt", robots.security_txt, name="security"),
    path("<slug:slug>/", network.start_or_country, name="portal_default"),
    path("<slug:slug>/frame.svg", views.portal_frame, name="portal_frame"),
    path("<slug:slug>/pictures/<slug:digest>.<slug:ending>", views.portal_picture, name="portal_picture"),
    path("<slug:slug>/statistics.csv", statistics.portal_csv, name="portal_statistics_csv"),
    path("<slug:slug>/statistics.json", statistics.portal_json, name="portal_statistics_json"),
    path("<slug:slug>/<language:language>/", views.home_page, name="portal_home"),
    path("<slug:slug>/<language:language>/leave/", leaving.leave_portal, name="portal_leave"),
    path("<slug:slug>/<language:language>/help/", help_pages.help_index, name="portal_help"),
    path("<slug:slug>/<language:language>/help/<slug:situation>/", help_pages.help_page, name="portal_help_page"),
    path("<slug:slug>/<language:language>/about/", views.about_page, name="portal_about"),
    path("<slug:slug>/<language:language>/privacy/", views.privacy_page, name="portal_privacy"),
    path("<slug:slug>/<language:language>/trust/", trust.portal_trust, name="portal_trust"),
    path("<slug:slug>/<language:language>/statistics/", statistics.portal_statistics, name="portal_statistics"),
    # Names of countries in other scripts, which are no slugs.
    path("<str:slug>/", network.start_or_country, name="country"),
]
