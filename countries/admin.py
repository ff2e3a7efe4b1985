"""Registers the admin pages of this app where Django looks for them."""

from countries.staff import admin, service_admin

__all__ = ["admin", "service_admin"]
