"""Paths of the pages without forms. A portal is a path, not a host name: DNS and TLS reveal host names."""

from django.urls import path

from countries.public import help_pages, network, robots, views

urlpatterns = [
    path("", network.network_page, name="network"),
    path("network/<language:language>/", network.network_page, name="network_in"),
    path("leave/", network.neutral_page, name="left"),
    path("leave/<language:language>/", network.neutral_page, name="left_in"),
    path("robots.txt", robots.robots_txt, name="robots"),
    path("favicon.ico", network.favicon_redirect, name="favicon"),
    path(".well-known/security.txt", robots.security_txt, name="security"),
    path("<slug:slug>/", views.portal_redirect, name="portal_default"),
    path("<slug:slug>/style.css", views.portal_stylesheet, name="portal_style"),
    path("<slug:slug>/pictures/<slug:digest>.<slug:ending>", views.portal_picture, name="portal_picture"),
    path("<slug:slug>/<language:language>/", views.home_page, name="portal_home"),
    path("<slug:slug>/<language:language>/leave/", network.leave_portal, name="portal_leave"),
    path("<slug:slug>/<language:language>/help/", help_pages.help_index, name="portal_help"),
    path("<slug:slug>/<language:language>/help/<slug:situation>/", help_pages.help_page, name="portal_help_page"),
    path("<slug:slug>/<language:language>/about/", views.about_page, name="portal_about"),
    path("<slug:slug>/<language:language>/privacy/", views.privacy_page, name="portal_privacy"),
]
