"""Hourly report counts of portals."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models import Portal
from reports.models import WholeHour


class PortalHour(models.Model):
    """The number of reports to a portal in an hour, written by intake and read by the volume alert."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="+")
    hour = models.DateTimeField(_("hour"))
    reports = models.PositiveIntegerField(_("reports"), default=0)
    # Whether an alarm about this hour was raised.
    mailed = models.BooleanField(_("mailed"), default=False)

    class Meta:
        verbose_name = _("portal hour")
        verbose_name_plural = _("portal hours")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["portal", "hour"], name="portal_hour_once"),
            models.CheckConstraint(condition=WholeHour("hour"), name="portal_hour_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.portal_id} {self.hour:%Y-%m-%dT%H}"
