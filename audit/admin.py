"""The auditor's viewer: newest events first, nothing to change, no page whose cost grows with the history."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEvent
from audit.permissions import allowed, check_can_read_events

# The stubs know ModelAdmin and Paginator as generic; at run time they are plain classes.
if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices

    EventAdmin = admin.ModelAdmin[AuditEvent]
    EventPaginator = Paginator[AuditEvent]
else:
    EventAdmin = admin.ModelAdmin
    EventPaginator = Paginator


class NewestPaginator(EventPaginator):
    """Pages over the newest matching events only, so neither the count nor a deep page reads them all."""

    REACH = 1000
    object_list: QuerySet[AuditEvent]

    @cached_property
    def count(self) -> int:
        return self.object_list[: self.REACH].count()


class ValuesInUseFilter(admin.FieldListFilter):
    """A filter by the values that occur. Django's own finds them by SELECT DISTINCT over the whole table."""

    def expected_parameters(self) -> list[str | None]:
        return [self.field_path]

    @cached_property
    def values(self) -> list[str]:
        return AuditEvent.objects.values_in_use(self.field_path)

    @property
    def chosen(self) -> list[str] | None:
        """What the query string asks for; None where it does not ask."""
        values = self.used_parameters.get(self.field_path)
        return values if isinstance(values, list) else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        if self.chosen is None:
            return queryset
        # A value that occurs nowhere, one the database cannot hold included, finds nothing.
        return queryset.filter(**{f"{self.field_path}__in": set(self.chosen) & set(self.values)})

    def choices(self, changelist: ChangeList) -> "Iterator[_ListFilterChoices]":
        yield {
            "selected": self.chosen is None,
            "query_string": changelist.get_query_string(remove=[self.field_path]),
            "display": _("All"),
        }
        for value in self.values:
            yield {
                "selected": self.chosen == [value],
                "query_string": changelist.get_query_string({self.field_path: value}),
                "display": value or _("(none)"),
            }


@admin.register(AuditEvent)
class AuditEventAdmin(EventAdmin):
    list_display = ("number", "at", "actor", "role", "action", "object_type", "object_id", "portal")
    list_filter = (
        ("action", ValuesInUseFilter),
        ("role", ValuesInUseFilter),
        ("portal", ValuesInUseFilter),
    )
    # Exact: every one of these is answered by an index.
    search_fields = ("actor__exact", "object_id__exact")
    search_help_text = _(
        "A user name or an object's id; or #1234 for event 1234 and those before it. "
        "At most the newest 1,000 matching events are listed."
    )
    ordering = ("-number",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = NewestPaginator
    actions = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """`#1234` starts the list at that event: the way to what lies beyond the paginator's reach."""
        if match := re.fullmatch(r"#([0-9]{1,19})", search_term.strip()):
            return queryset.filter(number__lte=int(match[1])), False
        return super().get_search_results(request, queryset, search_term)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Django would let the query string search any field in any way; only the filters are indexed."""
        return lookup in ("action", "role", "portal")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return allowed(check_can_read_events, request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False
