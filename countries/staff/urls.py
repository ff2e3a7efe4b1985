"""Routes of the operators' pages in the staff site, which precede the admin's own."""

from countries.staff import exchange_views, language_views, starting_views, words_exchange
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("countries/portal/new/", starting_views.portal_new, "portal_new"),
    ("countries/portal/<int:portal_id>/export/", exchange_views.portal_export, "portal_export"),
    ("countries/portal/<int:portal_id>/import/", exchange_views.portal_import, "portal_import"),
    ("words/<str:tag>/export/<slug:ending>/", words_exchange.words_export, "words_export"),
    ("words/<str:tag>/import/", words_exchange.words_import, "words_import"),
    ("languages/", language_views.language_list, "languages"),
    ("languages/<str:tag>/", language_views.language_page, "language"),
]
