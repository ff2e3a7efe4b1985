"""Replaces Django's default admin site with the project's own."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "analysts.pages.site.StaffSite"
