"""Where the outbox stands in the staff site."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.notices import outbox_views as views
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [
        page("notices/", views.notices, "notices"),
        page("notices/<uuid:notice_id>/", views.notice, "notice"),
        page("notices/<uuid:notice_id>/read/", views.read, "read_notice"),
        page("notices/<uuid:notice_id>/sent/", views.record_sent, "record_notice_sent"),
        page("notices/<uuid:notice_id>/send-now/", views.send_now, "send_now_notice"),
        page("notices/<uuid:notice_id>/take-back/", views.take_back, "take_back_notice"),
        page("notices/<uuid:notice_id>/try-again/", views.try_again, "try_again_notice"),
        page("notices/<uuid:notice_id>/by-hand/", views.send_by_hand, "send_by_hand_notice"),
        page("notices/<uuid:notice_id>/items/<uuid:item_id>/leave-out/", views.leave_out, "leave_out_of_notice"),
    ]
