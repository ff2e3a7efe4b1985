"""Where the outbox stands in the staff site."""

from analysts.takedown.notices import outbox_views as views
from countries.staff.staff_pages import Page

PAGES: list[Page] = [
    ("notices/", views.notices, "notices"),
    ("notices/<uuid:notice_id>/", views.notice, "notice"),
    ("notices/<uuid:notice_id>/read/", views.read, "read_notice"),
    ("notices/<uuid:notice_id>/sent/", views.record_sent, "record_notice_sent"),
    ("notices/<uuid:notice_id>/send-now/", views.send_now, "send_now_notice"),
    ("notices/<uuid:notice_id>/take-back/", views.take_back, "take_back_notice"),
    ("notices/<uuid:notice_id>/try-again/", views.try_again, "try_again_notice"),
    ("notices/<uuid:notice_id>/by-hand/", views.send_by_hand, "send_by_hand_notice"),
    ("notices/<uuid:notice_id>/items/<uuid:item_id>/leave-out/", views.leave_out, "leave_out_of_notice"),
]
