"""How many reports a portal got in an hour."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models import Portal
from reports.models import WholeHour


class PortalHour(models.Model):
    """A count, written by intake. It shows what is far more than usual without counting reports again."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="+")
    hour = models.DateTimeField(_("hour"))
    reports = models.PositiveIntegerField(_("reports"), default=0)
    # An alarm about this hour was ordered.
    mailed = models.BooleanField(_("mailed"), default=False)

    class Meta:
        verbose_name = _("hour of a portal")
        verbose_name_plural = _("hours of portals")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["portal", "hour"], name="portal_hour_once"),
            models.CheckConstraint(condition=WholeHour("hour"), name="portal_hour_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.portal_id} {self.hour:%Y-%m-%dT%H}"
