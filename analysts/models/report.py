"""Reports as staff see them, and the incidents they name."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from analysts.codes import Fact
from analysts.models.figures.rollup import RECORD_KEY
from analysts.models.incident import Incident
from analysts.models.staff.user import User
from countries.models import Portal, Source
from reports.models import Receipt, SealingKey, WholeHour


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """Reports to the user's portals only, even if an incident was also reported to other portals."""
        return self.filter(portal__in=user.portal_ids)


class Report(models.Model):
    """One receipt as staff see it. Its texts stay sealed in `receipt.submissions`."""

    receipt = models.OneToOneField(Receipt, models.PROTECT, primary_key=True, related_name="report")
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=12)
    received_hour = models.DateTimeField(_("received (hour)"))
    facts = ArrayField(
        models.CharField(max_length=16, choices=Fact),
        verbose_name=_("facts selected by the reporter"),
        default=list,
        blank=True,
    )
    # The partner organisation whose system sent it; None of a reporter's.
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # New or supplemented: the next batch publishes the receipt's state even if no incident changes.
    unpublished = models.BooleanField(_("not yet published"), default=True)
    record_key = models.PositiveSmallIntegerField(_("record key"), null=True, editable=False, db_default=RECORD_KEY)

    objects: ClassVar[models.Manager["Report"]] = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ()
        indexes = [
            models.Index(fields=["received_hour"], name="report_unpublished", condition=models.Q(unpublished=True)),
            models.Index(fields=["portal", "-received_hour"], name="report_portal"),
            # Figures of a day.
            models.Index(fields=["received_hour"], name="report_received"),
            models.Index(
                fields=["source", "received_hour"],
                name="report_of_source",
                condition=models.Q(source__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=WholeHour("received_hour"), name="report_received_whole_hour"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class Sighting(models.Model):
    """A link between a report and an incident: the report named the address, or consists of the words."""

    # Random: a sequential number would reveal the order in which reports arrived.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="sightings")
    report = models.ForeignKey(Report, models.PROTECT, related_name="sightings")
    # Blind index of the referring address, if the reporter named one; otherwise empty.
    referrer_fingerprint = models.BinaryField(max_length=32, default=b"", blank=True)
    # The first round of the incident whose verdict answers the report: the next one if the report came after a verdict.
    round = models.PositiveSmallIntegerField(_("answered from round"), default=1)
    # The incident was known before: the address had been reported already.
    is_repeat = models.BooleanField(_("reported before"), default=False, db_default=False)
    # The incident it belonged to before that was merged into this one.
    merged_from = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # The verdict on its incident answers it: not for a merged address that no analyst opened or compared.
    shares_verdict = models.BooleanField(_("shares the verdict"), default=True, db_default=True)
    # Its reporter asked for another look at it.
    asked_again = models.BooleanField(_("asked to look again"), default=False, db_default=False)
    # The report writes the address as `named_incident` has it, and in no other way: it is not sealed once more.
    has_incident_spelling = models.BooleanField(_("spelt as the incident"), default=False, db_default=False)
    # Under an `addresses` key: each way in which the report writes the address. Empty for words, for sightings from
    # before it was kept, where the incident has it, and once it is erased.
    key = models.ForeignKey(SealingKey, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sealed_address = models.BinaryField(default=b"", blank=True)
    # Copied from the report, so that one index answers which sightings of an incident a user can see.
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["incident", "report"], name="sighting_once"),
            models.CheckConstraint(condition=models.Q(round__gte=1), name="sighting_round_from_one"),
            models.CheckConstraint(
                condition=models.Q(sealed_address=b"") | models.Q(key__isnull=False), name="sighting_sealed_has_key"
            ),
            models.CheckConstraint(
                condition=models.Q(has_incident_spelling=False) | models.Q(sealed_address=b""),
                name="sighting_spelling_once",
            ),
        ]
        indexes = [
            models.Index(fields=["incident", "portal"], name="sighting_portal"),
            models.Index(fields=["key", "id"], name="sighting_readable", condition=~models.Q(sealed_address=b"")),
            models.Index(
                fields=["referrer_fingerprint"],
                name="sighting_referrer",
                condition=~models.Q(referrer_fingerprint=b""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} / {self.incident_id}"

    @property
    def named_incident(self) -> Incident:
        """The incident of the address that the report names; it may be merged."""
        return self.merged_from or self.incident
