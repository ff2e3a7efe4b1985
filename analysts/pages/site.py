"""The one frame of all staff pages: Django's admin site, with the dashboard as index and the queue inside."""

from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from analysts.accounts import views
from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import (
    agreement_views,
    code_views,
    decision_views,
    flood_views,
    merge_views,
    queue_views,
)
from analysts.handoff import urls as handoff
from analysts.pages import audit_export, dashboard, incident, incident_actions
from analysts.retention import views as retention_views
from analysts.takedown.chasing import urls as chasing
from analysts.takedown.notices import outbox_urls as outbox
from analysts.takedown.notices import reply_urls as answering
from analysts.takedown.notices import urls as notices
from analysts.takedown.recipients import urls as addressees
from analysts.takedown.routing import urls as routing
from analysts.takedown.tracing import urls as tracing
from analysts.takedown.url_list import urls as url_list
from analysts.welfare import break_views, reveal_views, settings_views
from analysts.welfare import views as welfare_views
from countries.staff import language_views
from countries.staff import urls as operators
from countries.staff.staff_pages import Page, paths

# Only these have ordinary admin pages: no role may open those of a library (groups, jobs, authenticators).
OWN_APPS = ("analysts", "audit", "countries")


PAGES: list[Page] = [
    ("queue/", queue_views.queue, "queue"),
    ("queue/next/", incident_actions.claim_next, "claim_next"),
    ("incidents/<uuid:incident_id>/", incident.incident, "incident"),
    ("incidents/<uuid:incident_id>/reveal/", reveal_views.reveal, "reveal"),
    ("incidents/<uuid:incident_id>/unblank/", reveal_views.unblank, "unblank"),
    ("incidents/<uuid:incident_id>/copy/", reveal_views.copy, "copy"),
    ("incidents/<uuid:incident_id>/veil/", reveal_views.draw, "veil"),
    ("incidents/<uuid:incident_id>/claim/", incident_actions.claim, "claim"),
    ("incidents/<uuid:incident_id>/release/", incident_actions.release, "release"),
    ("incidents/<uuid:incident_id>/hand-over/", incident_actions.hand_over, "hand_over"),
    ("incidents/<uuid:incident_id>/assess/", decision_views.assess, "assess"),
    ("incidents/<uuid:incident_id>/undo/", decision_views.undo, "undo"),
    ("incidents/<uuid:incident_id>/skip/", decision_views.skip, "skip"),
    ("incidents/<uuid:incident_id>/renew/", decision_views.renew, "renew"),
    ("incidents/<uuid:incident_id>/draft/<slug:act>/", decision_views.draft, "draft"),
    ("incidents/<uuid:incident_id>/close/", incident_actions.close, "close"),
    ("incidents/<uuid:incident_id>/reopen/", incident_actions.reopen, "reopen"),
    ("incidents/<uuid:incident_id>/hold/", incident_actions.hold, "hold"),
    ("incidents/<uuid:incident_id>/release-hold/", incident_actions.release_hold, "release_hold"),
    ("incidents/<uuid:incident_id>/note/", incident_actions.note, "note"),
    ("incidents/<uuid:incident_id>/answers-read/", incident_actions.read_answers, "read_answers"),
    ("floods/<uuid:incident_id>/", flood_views.flood, "flood"),
    ("floods/<uuid:incident_id>/close/", flood_views.close_flood, "close_flood"),
    ("floods/closings/<uuid:closing_id>/undo/", flood_views.undo_flood, "undo_flood"),
    ("incidents/<uuid:incident_id>/merge/", merge_views.merge, "merge"),
    ("incidents/<uuid:incident_id>/split/<uuid:report_id>/", merge_views.split, "split"),
    ("incidents/<uuid:incident_id>/ask/<uuid:report_id>/", incident_actions.ask, "ask"),
    ("my-settings/", settings_views.my_settings, "my_settings"),
    ("welfare/", welfare_views.welfare, "welfare"),
    ("pause/", break_views.pause, "pause"),
    ("pause/break/", break_views.take_break, "take_break"),
    ("pause/avoid/", break_views.avoid, "avoid"),
    ("pause/go-on/", break_views.go_on, "go_on"),
    ("agreement/", agreement_views.agreement, "agreement"),
    ("codes/", code_views.codes, "codes"),
    ("codes/correct/", code_views.correct, "correct_code"),
    ("keys/", retention_views.keys, "keys"),
    ("confirmations/", views.confirmations, "confirmations"),
    ("confirmations/<int:proposal_id>/confirm/", views.confirm, "confirm"),
    ("confirmations/<int:proposal_id>/refuse/", views.refuse, "refuse"),
    ("accounts/<int:user_id>/recover/", views.recover, "recover"),
    ("audit/auditevent/export/", audit_export.export, "audit_export"),
    ("languages/", language_views.language_list, "languages"),
    ("languages/<str:tag>/", language_views.language, "language"),
    *addressees.PAGES,
    *handoff.PAGES,
    *routing.PAGES,
    *tracing.PAGES,
    *notices.PAGES,
    *answering.PAGES,
    *chasing.PAGES,
    *url_list.PAGES,
    *outbox.PAGES,
    *operators.PAGES,
]


class StaffSite(admin.AdminSite):
    site_title = _("Reporting Portals")
    site_header = _("Reporting Portals")
    index_title = _("Dashboard")
    # Another surface serves the portals, perhaps on another host.
    site_url = None
    # A handful of pages needs no second navigation beside the header's.
    enable_nav_sidebar = False

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model._meta.app_label in OWN_APPS], admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [*paths(self, PAGES), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return dashboard.dashboard(cast(StaffRequest, request), self.get_app_list(request))

    # Signing in and out is the sign-in library's alone, second factor included. The stubs would have all of these
    # answer with a page.

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        onward = {REDIRECT_FIELD_NAME: request.GET.get(REDIRECT_FIELD_NAME, "")}
        return redirect(reverse(settings.LOGIN_URL, query=onward))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")
