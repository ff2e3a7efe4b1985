"""Bases of every ModelAdmin: they close what Django's admin takes beyond the forms and links that it shows."""

from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from audit.generic_classes import ModelAdmin


class StaffModelAdmin[RowT: Model](ModelAdmin[RowT]):
    """Base class of every ModelAdmin. Refuses (400):

    * look-ups other than those that the list itself offers. Django allows any look-up on a model's own fields, and on
      those of related rows that a filter leads to, so that a user could guess letter by letter what no page shows them:
      a password hash, or the access phrase of a portal;
    * "save as new", which Django obeys also where no form offers it: the form of a row would then add another one.
    """

    allowed_lookups: frozenset[str] = frozenset()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in self.allowed_lookups

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Raises BadRequest for "save as new"."""
        if "_saveasnew" in request.POST:
            raise BadRequest("No form saves as new.")
        return super().changeform_view(request, *args, **kwargs)


class RecordedModelAdmin[RowT: Model](StaffModelAdmin[RowT]):
    """Admin of rows whose `save_model` and `delete_model` record audit events: there is no second history.

    Django's own would store what events must not contain. There are no bulk actions: each change has its event.
    """

    actions = None

    def log_addition(self, request: HttpRequest, obj: RowT, message: object) -> Any:
        """Recorded by `save_model`."""

    def log_change(self, request: HttpRequest, obj: RowT, message: object) -> Any:
        """Recorded by `save_model`."""

    def log_deletions(self, request: HttpRequest, queryset: object) -> Any:
        """Recorded by `delete_model`."""
