"""Legal holds, which protect incidents from erasure."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import HoldReason
from analysts.models.incident import Incident


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> Self:
        return self.filter(released_at=None)


class Hold(models.Model):
    """A legal hold: the incident's address and words stay readable until a senior analyst releases it.

    The review date is only a reminder: a hold ends by release alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=12, choices=HoldReason)
    note = models.CharField(_("note"), max_length=120, blank=True)
    review_on = models.DateField(_("review due on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects: ClassVar[models.Manager["Hold"]] = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        default_permissions = ()
        ordering = ["at"]
        indexes = [
            models.Index(fields=["review_on"], name="hold_review", condition=Q(released_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(released_at=None), name="hold_once_at_a_time"),
            models.CheckConstraint(condition=Q(reason__in=HoldReason.values), name="hold_reason_known"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="hold_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
