"""Routes of the operators' pages in the staff site, which precede the admin's own."""

from countries.staff import emergency_views, exchange_views, language_views, starting_views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("countries/portal/new/", starting_views.portal_new, "portal_new"),
    ("countries/portal/<int:portal_id>/export/", exchange_views.portal_export, "portal_export"),
    ("countries/portal/<int:portal_id>/import/", exchange_views.portal_import, "portal_import"),
    ("countries/portal/<int:portal_id>/emergency/", emergency_views.emergency_page, "portal_emergency"),
    (
        "countries/portal/<int:portal_id>/emergency/decide/",
        emergency_views.emergency_decision,
        "portal_emergency_decision",
    ),
    ("languages/", language_views.language_list, "languages"),
    ("languages/<str:tag>/", language_views.language_page, "language"),
]
