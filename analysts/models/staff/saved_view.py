"""Saved views of the list of all incidents."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.models.staff.user import User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """The user's own, and those that colleagues share."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedView(models.Model):
    """Filters and order of the list of all incidents under a name. It opens nothing: each reader sees their portals."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=60)
    # The query string of the list.
    query = models.CharField(_("filters"), max_length=1000)
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)
    at = models.DateTimeField(_("at"))

    objects: ClassVar[models.Manager["SavedView"]] = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        default_permissions = ()
        indexes = [models.Index(fields=["name"], name="saved_view_shared", condition=Q(is_shared=True))]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="saved_view_once",
                violation_error_message=_("You already have a view of this name."),
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="saved_view_named"),
        ]

    def __str__(self) -> str:
        return self.name
