"""Registers the admin pages of this app where Django looks for them."""

from countries.staff import admin

__all__ = ["admin"]
