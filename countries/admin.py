"""Registers the admin pages of this app where Django looks for them, and its fields' names with the audit log."""

from audit.labels import add_detail_labels
from countries.staff import admin, crisis_admin, language_admin, service_admin
from countries.staff.recorded_changes import field_labels

__all__ = ["admin", "crisis_admin", "language_admin", "service_admin"]

add_detail_labels(field_labels())
