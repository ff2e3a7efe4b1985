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
from countries.staff_pages import Page, paths

# Only these have ordinary admin pages: no role may open those of a library (groups, jobs, authenticators).
OWN_APPS = ("analysts", "audit", "countries")


PAGES: list[Page] = [
    ("queue/", queue.queue, "queue"),
    ("queue/next/", acts.claim_next, "claim_next"),
    ("incidents/<uuid:incident_id>/", incident.incident, "incident"),
    ("incidents/<uuid:incident_id>/reveal/", reveal.reveal, "reveal"),
    ("incidents/<uuid:incident_id>/unblank/", reveal.unblank, "unblank"),
    ("incidents/<uuid:incident_id>/copy/", reveal.copy, "copy"),
    ("incidents/<uuid:incident_id>/veil/", reveal.draw, "veil"),
    ("incidents/<uuid:incident_id>/claim/", acts.claim, "claim"),
    ("incidents/<uuid:incident_id>/release/", acts.release, "release"),
    ("incidents/<uuid:incident_id>/hand-over/", acts.hand_over, "hand_over"),
    ("incidents/<uuid:incident_id>/assess/", deciding.assess, "assess"),
    ("incidents/<uuid:incident_id>/undo/", deciding.undo, "undo"),
    ("incidents/<uuid:incident_id>/skip/", deciding.skip, "skip"),
    ("incidents/<uuid:incident_id>/renew/", deciding.renew, "renew"),
    ("incidents/<uuid:incident_id>/draft/<slug:act>/", deciding.draft, "draft"),
    ("incidents/<uuid:incident_id>/close/", acts.close, "close"),
    ("incidents/<uuid:incident_id>/reopen/", acts.reopen, "reopen"),
    ("incidents/<uuid:incident_id>/hold/", acts.hold, "hold"),
    ("incidents/<uuid:incident_id>/release-hold/", acts.release_hold, "release_hold"),
    ("incidents/<uuid:incident_id>/note/", acts.note, "note"),
    ("incidents/<uuid:incident_id>/answers-read/", acts.read_answers, "read_answers"),
    ("floods/<uuid:incident_id>/", floods.flood, "flood"),
    ("floods/<uuid:incident_id>/close/", floods.close_flood, "close_flood"),
    ("floods/closings/<uuid:closing_id>/undo/", floods.undo_flood, "undo_flood"),
    ("incidents/<uuid:incident_id>/merge/", merging.merge, "merge"),
    ("incidents/<uuid:incident_id>/split/<uuid:report_id>/", merging.split, "split"),
    ("incidents/<uuid:incident_id>/ask/<uuid:report_id>/", acts.ask, "ask"),
    ("my-settings/", my_settings.my_settings, "my_settings"),
    ("welfare/", welfare.welfare, "welfare"),
    ("pause/", pause.pause, "pause"),
    ("pause/break/", pause.take_break, "take_break"),
    ("pause/avoid/", pause.avoid, "avoid"),
    ("pause/go-on/", pause.go_on, "go_on"),
    ("agreement/", agreement.agreement, "agreement"),
    ("codes/", codes.codes, "codes"),
    ("codes/correct/", codes.correct, "correct_code"),
    ("keys/", keys.keys, "keys"),
    ("confirmations/", accounts.confirmations, "confirmations"),
    ("confirmations/<int:proposal_id>/confirm/", accounts.confirm, "confirm"),
    ("confirmations/<int:proposal_id>/refuse/", accounts.refuse, "refuse"),
    ("accounts/<int:user_id>/recover/", accounts.recover, "recover"),
    ("audit/auditevent/export/", record.export, "audit_export"),
    ("languages/", languages.language_list, "languages"),
    ("languages/<str:tag>/", languages.language, "language"),
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
