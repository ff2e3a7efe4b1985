"""Saved views of the list of all incidents: what is saved, renamed, shared and deleted, and by whom."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_can_see_queue
from analysts.models import SavedView, User
from audit.actions import JSON, record_event
from audit.permissions import Denied

# Number of views that a user can see, and of those that one can save.
MOST_SHOWN = 30
MOST_SAVED = 50


def views_of(user: User) -> QuerySet[SavedView]:
    """The user's own views and the shared ones, by name."""
    return SavedView.objects.visible_to(user).select_related("owner").order_by("name", "pk")[:MOST_SHOWN]


@transaction.atomic
def save_view(*, by: User, name: str, query: str, is_shared: bool, now: datetime | None = None) -> SavedView:
    """Save the filters under a name that the user has not given yet. Raises ValidationError for one that they have."""
    check_can_see_queue(by)
    if SavedView.objects.filter(owner=by).count() >= MOST_SAVED:
        raise Denied(_("You have as many views as can be saved. Delete one first."))
    view = SavedView(owner=by, name=name, query=query, is_shared=is_shared, at=now or timezone.now())
    _save_unique(view)
    record_event(by=by, action="saved_view.add", on=view, details=_details_of(view), at=now)
    return view


@transaction.atomic
def change_view(*, by: User, view: SavedView, name: str, is_shared: bool, now: datetime | None = None) -> SavedView:
    """Rename one's own view, share it, or end that. Raises ValidationError for a name that another one has."""
    check_owns_view(by, view)
    view.name, view.is_shared = name, is_shared
    _save_unique(view)
    record_event(by=by, action="saved_view.change", on=view, details=_details_of(view), at=now)
    return view


@transaction.atomic
def delete_view(*, by: User, view: SavedView, now: datetime | None = None) -> None:
    check_owns_view(by, view)
    details, number = _details_of(view), view.pk
    view.delete()
    record_event(by=by, action="saved_view.delete", details={**details, "number": number}, at=now)


def check_owns_view(user: User, view: SavedView) -> None:
    check_can_see_queue(user)
    if view.owner_id != user.pk:
        raise Denied(_("Only the person who saved a view can change it."))


def _save_unique(view: SavedView) -> None:
    try:
        view.full_clean()
    except ValidationError as error:
        raise ValidationError([message for messages in error.message_dict.values() for message in messages]) from None
    view.save()


def _details_of(view: SavedView) -> dict[str, JSON]:
    return {"name": view.name, "filters": view.query, "shared": view.is_shared}
