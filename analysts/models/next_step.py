"""The next step of each open illegal incident."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes.next_steps import NextStepKind, WaitingFor
from analysts.models.incident import Incident
from analysts.models.staff.user import User

# Other to-do kinds list the rest.
LISTED_FOR_REVIEW = [kind for kind in NextStepKind if not kind.row.to_do]


class NextStepQuerySet(models.QuerySet["NextStep"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(incident__portals__overlap=user.portal_array)

    def to_review(self) -> Self:
        """Steps that only their date of review brings to a to-do list, the earliest first."""
        return self.filter(kind__in=LISTED_FOR_REVIEW).order_by("review_at", "pk")


class NextStep(models.Model):
    """The party that an open illegal incident waits for, and the date of review. One row while it is open.

    Derived from traces, routes, notices, replies, holds and questions, and stored so that a list reads it by index; or
    chosen by a person, until something new happens.
    """

    incident = models.OneToOneField(Incident, models.PROTECT, primary_key=True, related_name="next_step")
    kind = models.CharField(_("next step"), max_length=16, choices=NextStepKind)
    # When the wait began.
    since = models.DateTimeField(_("since"))
    # From then on it is overdue and listed.
    review_at = models.DateTimeField(_("review at"))
    # None: the queue of the analysts of its portals.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Whether the owner was assigned by hand: they stay the owner of the steps that follow.
    is_assigned = models.BooleanField(_("assigned by hand"), default=False)
    # Who chose it; None if it is derived.
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects: ClassVar[models.Manager["NextStep"]] = NextStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("next step")
        verbose_name_plural = _("next steps")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["review_at", "incident"],
                name="next_step_to_review",
                condition=Q(kind__in=LISTED_FOR_REVIEW),
            ),
            models.Index(fields=["kind", "incident"], name="next_step_of_kind"),
            models.Index(fields=["owner"], name="next_step_of_owner", condition=Q(owner__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NextStepKind.values), name="next_step_kind_known"),
            models.CheckConstraint(
                condition=Q(is_assigned=False) | Q(owner__isnull=False), name="next_step_assigned_has_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def get_kind_display(self) -> str:  # type: ignore[no-redef] # in place of Django's
        """As Django's, which translates all choices to find one: lists show it in every row."""
        return str(self.step_kind.label)

    @property
    def step_kind(self) -> NextStepKind:
        return NextStepKind(self.kind)

    @property
    def waits_for(self) -> WaitingFor:
        return self.step_kind.row.waits_for

    @property
    def is_wait(self) -> bool:
        return self.waits_for != WaitingFor.ANALYST

    def is_overdue(self, now: datetime) -> bool:
        return self.review_at <= now

    def due_section(self, now: datetime) -> str:
        """The id of the incident page's section where it is done; "" before it is due."""
        return self.step_kind.row.section if self.is_overdue(now) else ""
