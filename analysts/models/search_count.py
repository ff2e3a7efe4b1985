"""How often each analyst has searched in an hour."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reports.models import WholeHour


class SearchCount(models.Model):
    """The searches of one analyst in the hour of the latest one. One row a person, so that it needs no deletion."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+")
    hour = models.DateTimeField(_("hour"))
    searches = models.PositiveIntegerField(_("searches"))
    # The latest hour in which the limit was exceeded; None before.
    refused_hour = models.DateTimeField(_("hour in which the limit was exceeded"), null=True, blank=True)

    class Meta:
        verbose_name = _("number of searches")
        verbose_name_plural = _("numbers of searches")
        default_permissions = ()
        indexes = [
            models.Index(fields=["refused_hour"], name="search_refused", condition=Q(refused_hour__isnull=False))
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(WholeHour("hour")) & (Q(refused_hour=None) | Q(WholeHour("refused_hour"))),
                name="search_count_whole_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.hour:%Y-%m-%dT%H}Z"
