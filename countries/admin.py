"""Where Django looks for the admin pages of this app."""

from countries.staff import admin

__all__ = ["admin"]
