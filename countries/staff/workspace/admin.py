"""Admin of portals: their list, and the workspace of each (`step_admin`). Every save is recorded."""

from collections.abc import Callable
from functools import partial
from typing import cast

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON, record_event
from countries.figures import report_count_label
from countries.languages import language_name
from countries.models import Portal, PortalState
from countries.public import published
from countries.staff.appearance import views as launch_kit
from countries.staff.appearance.forms import PortalLook
from countries.staff.document.history import portal_history_page
from countries.staff.document.portal_document import document_of
from countries.staff.document.portal_fields import PORTAL_FIELDS
from countries.staff.document.recorded_changes import describe_portal_changes
from countries.staff.document.steps import PortalStep
from countries.staff.requests.staff_pages import OperatorRequest, format_day, portals_shown
from countries.staff.translation.language_field import LanguageField
from countries.staff.workspace import portal_list, state_page
from countries.staff.workspace.checklist import PREFETCHED, texts_in_order
from countries.staff.workspace.step_admin import AskingForm, ChangeMessage, StepAdmin
from countries.staff.workspace.step_frame import StepRequest


class PortalForm(PortalLook, AskingForm):
    default_language = LanguageField(
        label=gettext_lazy("Default language"),
        max_length=12,
        initial="en",
        help_text=gettext_lazy("The portal's address without a language leads to the text in this language."),
    )

    class Meta:
        model = Portal
        fields = tuple(field.name for field in PORTAL_FIELDS if not field.is_picture)

    def clean_access_phrase(self) -> str:
        phrase: str = self.cleaned_data["access_phrase"].strip()
        if not phrase and self.instance.state == PortalState.RESTRICTED:
            raise ValidationError(_("A restricted portal needs an access phrase."))
        return phrase


@admin.register(Portal)
class PortalAdmin(StepAdmin):
    """Admin of portals. They are suspended or closed, never deleted: reporters' receipts still point to them."""

    form = PortalForm
    list_display = ("name", "state_label", "checklist", "languages", "reports", "stale", "launched")
    list_filter = ("state",)
    allowed_lookups = frozenset({"state__exact"})
    search_fields = ("name", "slug", "country")
    ordering = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Portal]:
        """All portals for users who may change portals; for a country partner, their own."""
        portals = super().get_queryset(request).prefetch_related(*PREFETCHED)
        portals = portal_list.sortable_portals(portals, request.GET)
        if self.has_change_permission(request) or not request.user.is_authenticated:
            return portals
        return portals.filter(pk__in=request.user.portal_ids)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Portal:
        """Raise Http404 if the portal is missing or not the user's. Django would redirect to the dashboard."""
        portal: Portal | None = super().get_object(request, object_id, from_field)
        if portal is None:
            raise Http404
        return portal

    @admin.display(description=gettext_lazy("languages"))
    def languages(self, portal: Portal) -> str:
        return ", ".join(language_name(text.language) for text in texts_in_order(portal))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The change list, with a `PortalListRow` set on each portal."""
        changes = super().get_changelist_instance(request)
        portals = changes.result_list
        rows = portal_list.portal_rows(portals)
        for portal in portals:
            portal.row = rows[portal.pk]
        return changes

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_label(self, portal: Portal) -> str:
        return portal_list.state_label(portal)

    @admin.display(description=gettext_lazy("checklist"), ordering="open_items")
    def checklist(self, portal: Portal) -> str:
        return portal_list.checklist_label(_list_row(portal).checklist)

    @admin.display(description=gettext_lazy("reports, last month"))
    def reports(self, portal: Portal) -> str:
        """The count of the last closed month, protected: the arrival of a single report must not be visible."""
        row = _list_row(portal)
        label = date_format(row.month, "YEAR_MONTH_FORMAT")
        return portal_list.render_cell(label, report_count_label(row.reports))

    @admin.display(description=gettext_lazy("contacts to check"), ordering="contacts_due")
    def stale(self, portal: Portal) -> str:
        return portal_list.render_cell(_("Contacts to check"), _list_row(portal).stale)

    @admin.display(description=gettext_lazy("launched on"), ordering="launched_on")
    def launched(self, portal: Portal) -> str:
        day = format_day(portal.launched_on) or self.get_empty_value_display()
        return portal_list.render_cell(_("Launched"), day)

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=name)

        kit, in_language = "<int:portal_id>/kit/", "<int:portal_id>/kit/<language:language>/"
        return [
            *(
                page(f"<int:portal_id>/{step}/", partial(self.step_view, step=step), step.url_name)
                for step in PortalStep
            ),
            page("<int:portal_id>/state/", state_page.portal_state, "portal_state"),
            page("pictures/<slug:digest>/", launch_kit.picture_shown, "portal_picture_shown"),
            page(kit, launch_kit.portal_kit, "portal_kit"),
            page(f"{kit}band.svg", launch_kit.colour_band, "portal_band"),
            page(f"{in_language}poster/", launch_kit.poster_sheet, "portal_poster"),
            page(f"{in_language}cards/", launch_kit.card_sheet, "portal_cards"),
            page(f"{in_language}code.svg", launch_kit.qr_code, "portal_code"),
            page(f"{in_language}badge.svg", launch_kit.svg_badge, "portal_badge_svg"),
            page(f"{in_language}badge.png", launch_kit.png_badge, "portal_badge_png"),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The history from the audit log, not Django's own, which knows only what was saved in the admin."""
        portals = portals_shown(request)
        if not object_id.isdecimal():
            raise Http404
        names_people = self.has_change_permission(request)
        return portal_history_page(request, get_object_or_404(portals, pk=object_id), names_people=names_people)

    def get_readonly_fields(self, request: HttpRequest, obj: Portal | None = None) -> tuple[str, ...]:
        """The address cannot change: it is printed on posters and signed into every open form."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        return False

    def log_addition(self, request: HttpRequest, obj: Portal, message: ChangeMessage) -> LogEntry:
        entry = super().log_addition(request, obj, message)
        _record_save(request, "portal.add", obj)
        return entry

    def log_change(self, request: HttpRequest, obj: Portal, message: ChangeMessage) -> LogEntry:
        entry = super().log_change(request, obj, message)
        _record_save(request, "portal.change", obj)
        return entry


def _list_row(portal: Portal) -> portal_list.PortalListRow:
    row: portal_list.PortalListRow = portal.row  # type: ignore[attr-defined] # set by get_changelist_instance
    return row


def _record_save(request: HttpRequest, action: str, portal: Portal) -> None:
    """Record the save as an audit event.

    The admin calls its two log hooks last, inside the save's transaction, when the portal and its texts, contacts and
    partners are saved.
    """
    # This process shows the change at once, the others within seconds.
    transaction.on_commit(published.clear_cache)
    step_request = cast(StepRequest, request)
    changes = describe_portal_changes(step_request.before, document_of(portal))
    details: dict[str, JSON] = {"changes": changes, "workspace_step": step_request.step.value}
    by = cast(OperatorRequest, request).user
    record_event(by=by, action=action, on=portal, portal=portal.slug, details=details)
