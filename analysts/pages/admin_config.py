"""Puts the project's own site where Django's admin site would stand."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "analysts.pages.site.StaffSite"
