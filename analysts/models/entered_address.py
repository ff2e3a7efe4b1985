"""Addresses that staff entered: found, or received by other means than a public report."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import EntryOrigin
from analysts.models.incident import Incident
from analysts.models.staff.user import User
from countries.models import Portal
from reports.models import WholeHour


class EnteredAddressQuerySet(models.QuerySet["EnteredAddress"]):
    def visible_to(self, user: User) -> Self:
        """Entries for the user's portals, and those for the hotline as a whole."""
        return self.filter(Q(portal__in=user.portal_ids) | Q(portal=None))


class EnteredAddress(models.Model):
    """One address entered for an incident, which keeps it sealed. It is no report: nothing that counts reports has it.

    A trigger adds its portal to those of the incident, or `HOTLINE` (`analysts.models.staff.user`) if it has none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="entries")
    # None: for the hotline, so that analysts of all portals see it.
    portal = models.ForeignKey(Portal, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    origin = models.CharField(_("origin"), max_length=10, choices=EntryOrigin)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    entered_hour = models.DateTimeField(_("entered (hour)"))
    in_danger = models.BooleanField(_("says a child is in danger now"), default=False)
    # The incident it belonged to before that was merged into this one.
    merged_from = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    objects: ClassVar[models.Manager["EnteredAddress"]] = EnteredAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("entered address")
        verbose_name_plural = _("entered addresses")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(origin__in=EntryOrigin.values), name="entered_origin_known"),
            models.CheckConstraint(condition=WholeHour("entered_hour"), name="entered_whole_hour"),
            # The same form sent twice is one entry.
            models.UniqueConstraint(
                fields=["incident", "portal", "origin", "by", "entered_hour", "in_danger"],
                nulls_distinct=False,
                name="entered_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
