"""The staff's view of what came in."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from analysts.codes import Fact
from analysts.models.incident import Incident
from analysts.models.user import User
from countries.models import Portal
from reports.models import Receipt, WholeHour


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """Reports of the user's portals, even where an incident is shared with others."""
        return self.filter(portal__in=user.portal_ids)


class Report(models.Model):
    """One receipt as staff see it. Its envelopes are `receipt.submissions`; its words stay in them."""

    receipt = models.OneToOneField(Receipt, models.PROTECT, primary_key=True, related_name="report")
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=12)
    received_hour = models.DateTimeField(_("received (hour)"))
    facts = ArrayField(
        models.CharField(max_length=16, choices=Fact),
        verbose_name=_("what the reporter ticked"),
        default=list,
        blank=True,
    )
    # New, or more was sent: the next batch writes the receipt's state even if no incident changes.
    unpublished = models.BooleanField(_("not yet published"), default=True)

    objects: ClassVar[models.Manager["Report"]] = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ()
        indexes = [
            models.Index(fields=["received_hour"], name="report_unpublished", condition=models.Q(unpublished=True)),
            models.Index(fields=["portal", "-received_hour"], name="report_portal"),
        ]
        constraints = [
            models.CheckConstraint(condition=WholeHour("received_hour"), name="report_received_whole_hour"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class Sighting(models.Model):
    """This report named this address (or is these words)."""

    # Random: a number that counts up would tell in which order reports came in.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="sightings")
    report = models.ForeignKey(Report, models.PROTECT, related_name="sightings")
    # Blind index of the address that led there, where the reporter named one; empty for all others.
    referrer_fingerprint = models.BinaryField(max_length=32, default=b"", blank=True)
    # The incident it was a sighting of before somebody merged that one into this.
    merged_from = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # The report's portal, repeated so that one index tells what a user may see of an incident.
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["incident", "report"], name="sighting_once"),
        ]
        indexes = [
            models.Index(fields=["incident", "portal"], name="sighting_portal"),
            models.Index(
                fields=["referrer_fingerprint"],
                name="sighting_referrer",
                condition=~models.Q(referrer_fingerprint=b""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} / {self.incident_id}"
