"""Alerts to the police and to child protection, by call or letter, about a report that waits for its verdict."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role, Verdict
from analysts.codes.letter_topics import WithdrawReason
from analysts.models.assessment import Assessment
from analysts.models.incident import Incident
from analysts.models.recipient import Recipient
from analysts.models.staff.user import User
from countries.models import ContactKind


class AlertReason(models.TextChoices):
    """Why it cannot wait for a verdict. Coded, so that it cannot hold a reporter's words."""

    NOW = "now", _("the report describes danger now")
    SOON = "soon", _("the report describes danger in the next days")
    ACCESS = "access", _("a person with access to the child is said to abuse it")
    LIFE = "life", _("a life may be in danger")


class ChildAlertQuerySet(models.QuerySet["ChildAlert"]):
    def unseen(self, user: User) -> Self:
        """Alerts of the portals of a senior analyst that none has seen, the oldest first; none for other roles."""
        unseen = self.filter(seen_at=None, incident__portals__overlap=user.portal_array).order_by("at", "pk")
        return unseen if user.role == Role.SENIOR else unseen.none()

    def calls(self) -> Self:
        """Calls that were not withdrawn."""
        return self.filter(to=None, withdrawn_reason="")

    def to_correct(self) -> Self:
        """Calls that were wrong, the oldest first. A letter is corrected by a letter (`notices.corrections`)."""
        return self.wrong().filter(to=None, corrected_at=None).order_by("at", "pk")

    def wrong(self) -> Self:
        """Alerts that were withdrawn, or since which a verdict in force says that it is not illegal."""
        since = Assessment.objects.in_force().filter(incident=OuterRef("incident"), at__gte=OuterRef("at"))
        is_cleared = Q(Exists(since.filter(verdict=Verdict.NOT_ILLEGAL)), incident__severity="")
        return self.filter(is_cleared | ~Q(withdrawn_reason=""))


class ChildAlert(models.Model):
    """A recorded call, or a letter, before any verdict: a report says that a child is in danger.

    No referral: nothing that is published, counted or listed follows from it. `kind`, `name` and `phone` of a call are
    those of the portal's verified contact at that time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="alerts", db_index=False)
    kind = models.CharField(_("kind"), max_length=16, choices=ContactKind)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    # Who was written to; None: called.
    to = models.ForeignKey(Recipient, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    reason = models.CharField(_("reason"), max_length=8, choices=AlertReason)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    # The senior analyst who learned of it.
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    # Who called again to say that the report was wrong.
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    corrected_at = models.DateTimeField(_("corrected at"), null=True, blank=True)
    withdrawn_reason = models.CharField(
        _("reason for withdrawing it"), max_length=9, choices=WithdrawReason, blank=True, default="", db_default=""
    )
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects: ClassVar[models.Manager["ChildAlert"]] = ChildAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        default_permissions = ()
        ordering = ["at"]
        indexes = [
            models.Index(fields=["at", "id"], name="child_alert_unseen", condition=Q(seen_at=None)),
            models.Index(fields=["at", "id"], name="child_alert_uncorrected", condition=Q(corrected_at=None, to=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind", "name", "to"], nulls_distinct=False, name="child_alert_once"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=AlertReason.values, kind__in=ContactKind.values), name="child_alert_codes_known"
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None) | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="child_alert_seen_by_person",
            ),
            models.CheckConstraint(
                condition=Q(corrected_at=None, corrected_by=None)
                # Without "is not null", a comparison with no time is unknown, which a constraint accepts.
                | Q(corrected_at__isnull=False, corrected_at__gte=F("at"), corrected_by__isnull=False),
                name="child_alert_corrected_by_person",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_reason="", withdrawn_by=None, withdrawn_at=None)
                | Q(
                    withdrawn_reason__in=WithdrawReason.values,
                    withdrawn_by__isnull=False,
                    withdrawn_at__isnull=False,
                    withdrawn_at__gte=F("at"),
                ),
                name="child_alert_withdrawn_by_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
