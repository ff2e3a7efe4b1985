"""Access of a recipient's personal account to the inbox of the one recipient that it is bound to."""

from datetime import date, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.models.recipient import Recipient

# How long an approval or a confirmation lasts, and how early the next one is due.
CONFIRMED_FOR = timedelta(days=92)
DUE_BEFORE = timedelta(days=14)


class RecipientAccessQuerySet(models.QuerySet["RecipientAccess"]):
    def in_use(self) -> Self:
        """Access that is not suspended, of active accounts that still have the role."""
        return self.filter(suspended_at=None, user__is_active=True, user__role=Role.RECIPIENT)

    def open(self, today: date) -> Self:
        """Access that opens an inbox: confirmed within the quarter, to a recipient that is verified and in use."""
        return self.in_use().filter(confirmed_on__gt=today - CONFIRMED_FOR, recipient__in=Recipient.objects.usable())

    def to_confirm(self, today: date) -> Self:
        return self.in_use().filter(confirmed_on__lte=today - CONFIRMED_FOR + DUE_BEFORE)


class RecipientAccess(models.Model):
    """Two administrators bind an account to a recipient, for good; one person confirms or suspends it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="recipient_access"
    )
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="accounts")
    # When it was approved, or last confirmed, and by whom.
    confirmed_on = models.DateField(_("confirmed on"))
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects: ClassVar[models.Manager["RecipientAccess"]] = RecipientAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("access to an inbox")
        verbose_name_plural = _("accesses to inboxes")
        default_permissions = ()
        ordering = ["confirmed_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_by=None)
                | Q(suspended_at__isnull=False, suspended_by__isnull=False),
                name="recipient_access_suspended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user_id)

    @property
    def confirmed_until(self) -> date:
        """The last day on which it opens the inbox."""
        return self.confirmed_on + CONFIRMED_FOR - timedelta(days=1)

    def is_confirmed(self, today: date) -> bool:
        return today <= self.confirmed_until
