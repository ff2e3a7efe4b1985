"""Appeals of site owners and providers against an illegal verdict."""

import uuid
from collections.abc import Collection
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.codes.appeals import AppealOutcome, AppealReason, Appellant, UnseenReason
from analysts.models.assessment import Assessment
from analysts.models.incident import Incident
from analysts.models.notice import Notice
from analysts.models.reply import Reply
from analysts.models.staff.user import User
from reports.models import WholeMinute


class AppealQuerySet(models.QuerySet["Appeal"]):
    def waiting(self) -> Self:
        """Appeals without a decision, the oldest first."""
        return self.filter(outcome="").order_by("received_at", "pk")

    def holding_up(self, incidents: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Incidents among these whose takedown waits for a decision: none, unless APPEALS_WAIT is set."""
        if not settings.APPEALS_WAIT:
            return set()
        return set(self.waiting().filter(incident__in=incidents).values_list("incident", flat=True))

    def visible_to(self, user: User) -> Self:
        return self.filter(incident__portals__overlap=user.portal_array)

    def open_to(self, user: User) -> Self:
        """Appeals that the user can decide: a senior analyst who has not assessed the incident, undone or not."""
        assessments = Assessment.objects.filter(incident=OuterRef("incident"), by=user)
        of_merged = Assessment.objects.filter(incident__merged_into=OuterRef("incident"), by=user)
        is_senior = User.objects.filter(pk=user.pk, role=Role.SENIOR)
        return self.visible_to(user).filter(Exists(is_senior), ~Exists(assessments), ~Exists(of_merged))


class Appeal(models.Model):
    """One appeal about one incident. Its words are those of the reply, or an internal note if it was entered by hand.

    A trigger refuses a reviewer who is no senior analyst or has assessed the incident, and any change once it is
    decided.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="appeals")
    appellant = models.CharField(_("appellant"), max_length=8, choices=Appellant)
    received_at = models.DateTimeField(_("received at"), db_column="received_hour")
    # None if it was entered by hand; then `entered_by` is set.
    reply = models.ForeignKey(Reply, models.PROTECT, null=True, blank=True, related_name="+")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # An account holder's: the letter that names the account. Its recipient is written to with the outcome.
    letter = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=AppealOutcome, blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=AppealReason, blank=True)
    # The ids of the senior analysts who revealed the incident since the appeal came.
    revealed_to = ArrayField(
        models.PositiveBigIntegerField(), verbose_name=_("revealed to"), default=list, db_default=[], blank=True
    )
    # Why it was decided by a person who had not revealed the incident and read the grounds; "" for all others.
    unseen_reason = models.CharField(
        _("reason for deciding unseen"), max_length=10, choices=UnseenReason, blank=True, default="", db_default=""
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

    objects: ClassVar[models.Manager["Appeal"]] = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        default_permissions = ()
        indexes = [
            models.Index(fields=["received_at", "id"], name="appeal_waiting", condition=Q(outcome="")),
            models.Index(fields=["reviewed_at", "outcome"], name="appeal_reviewed", condition=~Q(outcome="")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(appellant__in=Appellant.values), name="appeal_appellant_known"),
            models.CheckConstraint(condition=WholeMinute("received_at"), name="appeal_whole_minute"),
            models.CheckConstraint(
                condition=Q(unseen_reason__in=["", *UnseenReason.values]), name="appeal_unseen_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(reply__isnull=False, entered_by__isnull=True)
                | Q(reply__isnull=True, entered_by__isnull=False),
                name="appeal_by_reply_or_hand",
            ),
            models.CheckConstraint(
                condition=Q(letter=None) | Q(appellant=Appellant.HOLDER, reply=None), name="appeal_letter_of_holder"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", reason="", reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(
                    outcome__in=AppealOutcome.values,
                    reason__in=AppealReason.values,
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                ),
                name="appeal_decided_by_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


def mark_appeals_revealed(*, by: User, incident: Incident) -> None:
    """Record with the waiting appeals about the incident that it was revealed to `by`, who may decide them."""
    if by.role == Role.SENIOR:
        waiting = Appeal.objects.filter(incident=incident, outcome="").exclude(revealed_to__contains=[by.pk])
        waiting.update(revealed_to=Func("revealed_to", Value(by.pk), function="array_append"))
