"""Routes of the operators' pages in the staff site, which precede the admin's own."""

from countries.staff.contacts import views as contact_views
from countries.staff.requests.staff_pages import Page
from countries.staff.translation import exchange as words_exchange
from countries.staff.translation import language_list, language_views
from countries.staff.translation import review_views as words_review_views
from countries.staff.translation import upkeep_views as words_upkeep_views
from countries.staff.translation import views as words_views
from countries.staff.workspace import emergency_views, exchange_views, starting_views, withdrawal_views

WORDS = "words/<language:words_tag>"

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
    ("countries/portal/<int:portal_id>/withdraw/", withdrawal_views.withdrawal_page, "portal_withdrawal"),
    (
        "countries/portal/<int:portal_id>/withdraw/decide/",
        withdrawal_views.withdrawal_decision,
        "portal_withdrawal_decision",
    ),
    ("contacts/", contact_views.contact_list, "contact_checks"),
    ("contacts/<int:contact_id>/check/", contact_views.contact_check, "contact_check"),
    ("languages/", language_list.language_list, "languages"),
    ("languages/<str:tag>/", language_views.language_page, "language"),
    ("languages/<str:tag>/confirm/", language_views.language_confirmation, "language_confirmation"),
    ("words/", words_views.words_overview, "words"),
    (f"{WORDS}/", words_views.words_list, "words_list"),
    (f"{WORDS}/changed/", words_upkeep_views.words_changed, "words_changed"),
    (f"{WORDS}/glossary/", words_upkeep_views.words_glossary, "words_glossary"),
    (f"{WORDS}/import/", words_exchange.words_import, "words_import"),
    (f"{WORDS}/review/", words_review_views.words_review, "words_review"),
    (f"{WORDS}/texts.po", words_exchange.words_po, "words_po"),
    (f"{WORDS}/texts.xlsx", words_exchange.words_xlsx, "words_xlsx"),
    (f"{WORDS}/<slug:text_digest>/", words_views.words_text, "words_text"),
    (f"{WORDS}/<slug:text_digest>/decide/", words_views.words_decide, "words_decide"),
]
