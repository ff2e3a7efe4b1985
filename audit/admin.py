"""The read-only audit log viewer, newest events first. No page's cost grows with the history."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions, anchors, chain, labels
from audit.actions import Auditor
from audit.display_values import DisplayValue, display_value
from audit.event_fields import EVENT_FIELDS
from audit.forms import EventFilters
from audit.models import AuditEvent, AuditEventQuerySet
from audit.permissions import check_can_read_events, is_allowed
from audit.staff_admin import StaffModelAdmin

# Characters of details that are shown as they are stored; an export has them all.
MOST_UNREADABLE = 2000


class NewestPaginator(Paginator):  # type: ignore[type-arg] # generic in the stubs alone
    """Paginates the newest matching events only, so that neither the count nor a deep page reads them all."""

    REACH = 1000
    object_list: QuerySet[AuditEvent]

    @cached_property
    def count(self) -> int:
        return self.object_list[: self.REACH].count()


class FormFilter(admin.ListFilter):
    """All filters in one form above the list. Django's own filters would list a link for every action."""

    title = gettext_lazy("filters")

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], *args: Any) -> None:
        super().__init__(request, params, *args)
        self.form = EventFilters({name: params.pop(name)[-1] for name in self.expected_parameters() if name in params})

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(EventFilters.base_fields)

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        if not self.form.is_valid():
            return queryset.none()
        events = self.form.apply(cast(AuditEventQuerySet, queryset))
        # The first ordering column decides which index serves the query.
        return events.order_by("-at") if self.form.by_time() else events

    def choices(self, changelist: ChangeList) -> Iterator[Mapping[str, object]]:
        return iter(())


class EventList(ChangeList):
    """The change list, with access to its filter form."""

    @property
    def filters(self) -> EventFilters:
        [spec] = self.filter_specs
        return cast(FormFilter, spec).form

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> list[str | Combinable]:
        """The filter's own order first, then the newest number."""
        return [*map(str, queryset.query.order_by), "-number"]


def neighbouring_pages(listed: EventList) -> list[tuple[str, str]]:
    """The labels and query strings of the pages before and after the one listed."""
    page = listed.paginator.page(listed.page_num)
    pages = [(_("Newer events"), listed.page_num - 1)] if page.has_previous() else []
    pages += [(_("Earlier events"), listed.page_num + 1)] if page.has_next() else []
    return [(label, listed.get_query_string({"p": number})) for label, number in pages]


@admin.register(AuditEvent)
class AuditEventAdmin(StaffModelAdmin[AuditEvent]):
    list_display = ("number", "when", "what", "who", "which", "portal_link")
    list_filter = (FormFilter,)
    ordering = ("-number",)
    # All filters are served by an index.
    allowed_lookups = frozenset(EventFilters.base_fields)
    sortable_by = ()
    list_per_page = 50
    # No "show all" link.
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = NewestPaginator
    actions = None
    # The event's page is a custom template without form fields.
    fields = ()

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return EventList

    # --- Each page view is recorded, refused ones are not ------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        context = {
            "title": _("Audit events"),
            "head": chain.newest_anchor(),
            "last_check": anchors.last_check(),
            "AT_FAULT": anchors.AT_FAULT,
            "reach": NewestPaginator.REACH,
        }
        answer = super().changelist_view(request, {**context, **(extra_context or {})})
        page_context = answer.context_data if isinstance(answer, TemplateResponse) else None
        if page_context and (listed := page_context.get("cl")):
            chosen = listed.filters.chosen() if listed.filters.is_valid() else {}
            page_context |= {
                "chosen": chosen,
                "query": listed.get_query_string(remove=["p"]),
                "neighbours": neighbouring_pages(listed),
            }
            actions.view_events(by=auditor_of(request), filters=chosen, page=listed.page_num)
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        event = cast(AuditEvent, context["original"])
        context |= {"title": f"{event.number}: {labels.of_action(event.action)}", "subtitle": None}
        context["lines"] = [
            (_("When"), self.when(event)),
            (_("What"), self.what(event)),
            (_("Who"), self.who(event)),
            *(
                (capfirst(str(field.heading)), str(value))
                for field in EVENT_FIELDS
                if field.is_later and (value := getattr(event, field.name)) is not None
            ),
            (_("Object"), self.which(event)),
            (_("Portal"), self.portal_link(event)),
        ]
        unreadable = event.unreadable_texts()
        if text := unreadable.get("details"):
            context["details"] = DisplayValue(Truncator(text).chars(MOST_UNREADABLE))
        else:
            context["details"] = display_value(event.details) if event.details else None
        context["unreadable"] = bool(unreadable)
        context |= {
            "earlier": event.number - 1,
            "later": event.number + 1 if event.number < chain.newest_anchor().number else 0,
        }
        answer = super().render_change_form(request, context, *args, **kwargs)
        actions.view_event(by=auditor_of(request), event=event)
        return answer

    # --- Columns and lines --------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("when"))
    def when(self, event: AuditEvent) -> str:
        if text := event.unreadable_texts().get("at"):
            return text
        # As the export and the hash have it, for readers in all time zones.
        at = event.at.astimezone(UTC)
        return format_html('<time datetime="{}">{} UTC</time>', at.isoformat(), date_format(at, "j M Y, H:i:s"))

    @admin.display(description=gettext_lazy("what"))
    def what(self, event: AuditEvent) -> str:
        return format_html('{} <code class="quiet">{}</code>', labels.of_action(event.action), event.action)

    @admin.display(description=gettext_lazy("who"))
    def who(self, event: AuditEvent) -> str:
        if not event.actor:
            return labels.of_role(event.role)
        filters = {"actor": event.actor} if event.actor_id is None else {"account": str(event.actor_id)}
        link = filter_link(event.actor, _("Events of this account"), **filters)
        return format_html('{} <span class="quiet">{}</span>', link, labels.of_role(event.role))

    @admin.display(description=gettext_lazy("object"))
    def which(self, event: AuditEvent) -> str:
        if not event.object_id:
            return "–"
        link = filter_link(event.object_id, _("Events of this object"), object=event.object_id)
        return format_html('<span class="quiet">{}</span> {}', labels.of_object(event.object_type), link)

    @admin.display(description=gettext_lazy("portal"))
    def portal_link(self, event: AuditEvent) -> str:
        return filter_link(event.portal, _("Events of this portal"), portal=event.portal) if event.portal else "–"

    # --- Permissions --------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return is_allowed(check_can_read_events, request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False


def auditor_of(request: HttpRequest) -> Auditor:
    return cast(Auditor, request.user)


def filter_link(text: str, title: str, **filters: str) -> str:
    """A link to the list with these filters."""
    address = reverse("admin:audit_auditevent_changelist", query=filters)
    return format_html('<a href="{}" title="{}"><bdi>{}</bdi></a>', address, title, text)
