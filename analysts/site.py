"""The one frame of all staff pages: Django's admin site, with the dashboard as index and the queue inside."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from analysts.addressees import urls as addressees
from analysts.answering import urls as answering
from analysts.chasing import urls as chasing
from analysts.handoff import urls as handoff
from analysts.notices import outbox_urls as outbox
from analysts.notices import urls as notices
from analysts.routing import urls as routing
from analysts.tracing import urls as tracing
from analysts.url_list import urls as url_list
from analysts.views import (
    accounts,
    acts,
    agreement,
    codes,
    dashboard,
    deciding,
    floods,
    incident,
    keys,
    merging,
    my_settings,
    pause,
    queue,
    record,
    reveal,
    welfare,
)
from analysts.views.shell import StaffRequest
from countries.staff import languages
from countries.staff import urls as operators
from countries.staff_pages import refusals_explained

# Only these have ordinary admin pages: no role may open those of a library (groups, jobs, authenticators).
OWN_APPS = ("analysts", "audit", "countries")


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
        def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_view(refusals_explained(view)), name=name)

        return [
            page("queue/", queue.queue, "queue"),
            page("queue/next/", acts.claim_next, "claim_next"),
            page("incidents/<uuid:incident_id>/", incident.incident, "incident"),
            page("incidents/<uuid:incident_id>/reveal/", reveal.reveal, "reveal"),
            page("incidents/<uuid:incident_id>/unblank/", reveal.unblank, "unblank"),
            page("incidents/<uuid:incident_id>/copy/", reveal.copy, "copy"),
            page("incidents/<uuid:incident_id>/veil/", reveal.draw, "veil"),
            page("incidents/<uuid:incident_id>/claim/", acts.claim, "claim"),
            page("incidents/<uuid:incident_id>/release/", acts.release, "release"),
            page("incidents/<uuid:incident_id>/hand-over/", acts.hand_over, "hand_over"),
            page("incidents/<uuid:incident_id>/assess/", deciding.assess, "assess"),
            page("incidents/<uuid:incident_id>/undo/", deciding.undo, "undo"),
            page("incidents/<uuid:incident_id>/skip/", deciding.skip, "skip"),
            page("incidents/<uuid:incident_id>/renew/", deciding.renew, "renew"),
            page("incidents/<uuid:incident_id>/draft/<slug:act>/", deciding.draft, "draft"),
            page("incidents/<uuid:incident_id>/close/", acts.close, "close"),
            page("incidents/<uuid:incident_id>/reopen/", acts.reopen, "reopen"),
            page("incidents/<uuid:incident_id>/hold/", acts.hold, "hold"),
            page("incidents/<uuid:incident_id>/release-hold/", acts.release_hold, "release_hold"),
            page("incidents/<uuid:incident_id>/note/", acts.note, "note"),
            page("incidents/<uuid:incident_id>/answers-read/", acts.read_answers, "read_answers"),
            page("floods/<uuid:incident_id>/", floods.flood, "flood"),
            page("floods/<uuid:incident_id>/close/", floods.close_flood, "close_flood"),
            page("floods/closings/<uuid:closing_id>/undo/", floods.undo_flood, "undo_flood"),
            page("incidents/<uuid:incident_id>/merge/", merging.merge, "merge"),
            page("incidents/<uuid:incident_id>/split/<uuid:report_id>/", merging.split, "split"),
            page("incidents/<uuid:incident_id>/ask/<uuid:report_id>/", acts.ask, "ask"),
            page("my-settings/", my_settings.my_settings, "my_settings"),
            page("welfare/", welfare.welfare, "welfare"),
            page("pause/", pause.pause, "pause"),
            page("pause/break/", pause.take_break, "take_break"),
            page("pause/avoid/", pause.avoid, "avoid"),
            page("pause/go-on/", pause.go_on, "go_on"),
            page("agreement/", agreement.agreement, "agreement"),
            page("codes/", codes.codes, "codes"),
            page("codes/correct/", codes.correct, "correct_code"),
            page("keys/", keys.keys, "keys"),
            page("confirmations/", accounts.confirmations, "confirmations"),
            page("confirmations/<int:proposal_id>/confirm/", accounts.confirm, "confirm"),
            page("confirmations/<int:proposal_id>/refuse/", accounts.refuse, "refuse"),
            page("accounts/<int:user_id>/recover/", accounts.recover, "recover"),
            page("audit/auditevent/export/", record.export, "audit_export"),
            page("languages/", languages.language_list, "languages"),
            page("languages/<str:tag>/", languages.language, "language"),
            *addressees.urls(self),
            *handoff.urls(self),
            *routing.urls(self),
            *tracing.urls(self),
            *notices.urls(self),
            *answering.urls(self),
            *chasing.urls(self),
            *url_list.urls(self),
            *outbox.urls(self),
            *operators.urls(self),
            *super().get_urls(),
        ]

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
