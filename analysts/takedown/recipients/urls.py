"""Where these pages stand in the staff site."""

from analysts.takedown.recipients import import_page, performance_page, views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("addressees/", views.addressee_list, "addressees"),
    ("addressees/add/", views.add, "addressee_add"),
    ("addressees/import/", import_page.import_page, "addressee_import"),
    ("addressees/example.csv", import_page.example, "addressee_example"),
    ("addressees/league/", performance_page.league, "addressee_league"),
    ("addressees/<uuid:addressee_id>/", views.addressee, "addressee"),
    ("addressees/<uuid:addressee_id>/change/", views.change, "addressee_change"),
    ("addressees/<uuid:addressee_id>/verify/", views.verify, "addressee_verify"),
    ("addressees/<uuid:addressee_id>/close-down/", views.close_down, "addressee_close_down"),
    ("addressees/<uuid:addressee_id>/reopen/", views.reopen, "addressee_reopen"),
]
