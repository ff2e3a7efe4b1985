"""Registers the admin pages of this app where Django looks for them, and its fields' names with the audit log."""

from audit.free_text import add_field_rules
from audit.labels import add_detail_labels
from countries.staff.contacts import service_admin
from countries.staff.document.recorded_changes import field_labels, field_rules
from countries.staff.translation import language_admin
from countries.staff.workspace import admin

__all__ = ["admin", "language_admin", "service_admin"]

add_detail_labels(field_labels())
add_field_rules(field_rules())
