"""Registers the admin pages of this app where Django looks for them."""

from countries.staff import admin, crisis_admin, language_admin, service_admin

__all__ = ["admin", "crisis_admin", "language_admin", "service_admin"]
