"""Where these pages stand in the staff site, before the admin's own."""

from countries.staff import changes, exchange, starting
from countries.staff_pages import Page

PAGES: list[Page] = [
    ("countries/portal/new/", starting.portal_new, "portal_new"),
    ("countries/portal/<int:portal_id>/export/", exchange.portal_export, "portal_export"),
    ("countries/portal/<int:portal_id>/import/", exchange.portal_import, "portal_import"),
    ("countries/changes/", changes.changes_list, "changes"),
    ("countries/changes/<int:change_id>/", changes.review, "change_review"),
    ("countries/changes/<int:change_id>/confirm/", changes.confirm, "change_confirm"),
    ("countries/changes/<int:change_id>/refuse/", changes.refuse, "change_refuse"),
]
