"""Where the search for the next waiting incident begins (docs/decisions/assessment.md)."""

import uuid

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from reports.models import WholeHour


class QueueHead(models.Model):
    """A lower bound for each priority: no incident of the priority waits since an earlier hour, but for `QueueReturn`
    and what only senior analysts may take.

    Only `advance_queue_heads` moves it. Without a row the bound is the beginning of time.
    """

    priority = models.PositiveSmallIntegerField(_("priority"), primary_key=True)
    since = models.DateTimeField(_("waiting since (hour)"))

    class Meta:
        verbose_name = _("queue head")
        verbose_name_plural = _("queue heads")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=WholeHour("since"), name="queue_head_whole_hour")]

    def __str__(self) -> str:
        return f"{self.priority} {self.since:%Y-%m-%dT%H}"


class QueueReturn(models.Model):
    """An incident that came to wait in the past: released, reopened, of another priority. Written by a trigger, in the
    transaction that puts it there, until the heads are moved."""

    # Counted ids would tell the order of arrival within the hour.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    priority = models.PositiveSmallIntegerField(_("priority"))
    since = models.DateTimeField(_("waiting since (hour)"))

    class Meta:
        verbose_name = _("return to the queue")
        verbose_name_plural = _("returns to the queue")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=WholeHour("since"), name="queue_return_whole_hour")]

    def __str__(self) -> str:
        return f"{self.priority} {self.since:%Y-%m-%dT%H}"


def advance_queue_heads() -> None:
    """Move the heads to the first waiting incidents. Does nothing while another connection does it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT analysts_advance_queue_heads()")
