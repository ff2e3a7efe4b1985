"""Paths of the pages that only tell. A portal is a path, not a host name: names show in DNS and TLS."""

from django.urls import path

import countries.converters  # noqa: F401 - registers `<language:...>`
from countries import views

urlpatterns = [
    path("", views.network, name="network"),
    path("<slug:slug>/", views.default, name="portal_default"),
    path("<slug:slug>/style.css", views.style, name="portal_style"),
    path("<slug:slug>/<language:language>/", views.home, name="portal_home"),
    path("<slug:slug>/<language:language>/about/", views.about, name="portal_about"),
    path("<slug:slug>/<language:language>/privacy/", views.privacy_page, name="portal_privacy"),
]
