"""Where these pages stand in the staff site; what members' systems call is `analysts.takedown.url_list.api`."""

from analysts.takedown.url_list import views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("url-list/", views.url_list, "url_list"),
    ("url-list/members/", views.member_keys, "members"),
    ("url-list/members/<uuid:key_id>/close/", views.close_member_key, "close_member_key"),
    ("incidents/<uuid:incident_id>/url-list/add/", views.list_address, "list_address"),
    ("incidents/<uuid:incident_id>/url-list/keep/", views.keep, "keep_listed"),
    ("incidents/<uuid:incident_id>/url-list/take-off/", views.take_off, "take_off"),
]
