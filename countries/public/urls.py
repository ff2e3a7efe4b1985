"""Paths of the pages that only tell. A portal is a path, not a host name: names show in DNS and TLS."""

from django.urls import path

from countries.public import network, robots, views

urlpatterns = [
    path("", network.network, name="network"),
    path("network/<language:language>/", network.network, name="network_in"),
    path("leave/", network.left, name="left"),
    path("leave/<language:language>/", network.left, name="left_in"),
    path("robots.txt", robots.robots, name="robots"),
    path("favicon.ico", network.favicon, name="favicon"),
    path(".well-known/security.txt", robots.security, name="security"),
    path("<slug:slug>/", views.default, name="portal_default"),
    path("<slug:slug>/style.css", views.style, name="portal_style"),
    path("<slug:slug>/pictures/<slug:digest>.<slug:ending>", views.portal_picture, name="portal_picture"),
    path("<slug:slug>/<language:language>/", views.home, name="portal_home"),
    path("<slug:slug>/<language:language>/leave/", network.leave, name="portal_leave"),
    path("<slug:slug>/<language:language>/about/", views.about, name="portal_about"),
    path("<slug:slug>/<language:language>/privacy/", views.privacy_page, name="portal_privacy"),
]
