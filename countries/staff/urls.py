"""Routes of the operators' pages in the staff site, which precede the admin's own."""

from countries.staff import contact_views, exchange_views, language_views, starting_views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("countries/portal/new/", starting_views.portal_new, "portal_new"),
    ("countries/portal/<int:portal_id>/export/", exchange_views.portal_export, "portal_export"),
    ("countries/portal/<int:portal_id>/import/", exchange_views.portal_import, "portal_import"),
    ("contacts/", contact_views.contact_list, "contact_checks"),
    ("contacts/<int:contact_id>/check/", contact_views.contact_check, "contact_check"),
    ("languages/", language_views.language_list, "languages"),
    ("languages/<str:tag>/", language_views.language_page, "language"),
]
