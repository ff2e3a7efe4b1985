"""Published statistics: what the public surface reads of closed periods."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from countries.statistics import PUBLISHED_AFTER


class PublishedStatistics(models.Model):
    """The protected figures of a quarter (`2026Q3`) or year (`2026`). A row is there only once it is public.

    Written by the worker (`analysts.figures.public_figures`); a trigger prevents changes and deletion. `figures`:
    `countries.statistics.PublicFigures`.
    """

    period = models.CharField(_("period"), max_length=6, primary_key=True)
    last_day = models.DateField(_("last day"))
    published_on = models.DateField(_("published on"))
    figures = models.JSONField(_("figures"))
    # The closed period that these figures come from.
    digest = models.CharField(_("digest"), max_length=64)

    objects: ClassVar[models.Manager["PublishedStatistics"]] = models.Manager()

    class Meta:
        verbose_name = _("published statistics")
        verbose_name_plural = _("published statistics")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(period__regex=r"^20[0-9]{2}(Q[1-4])?$"), name="statistics_quarter_or_year"
            ),
            models.CheckConstraint(
                condition=Q(published_on__gte=F("last_day") + PUBLISHED_AFTER), name="statistics_not_before_30_days"
            ),
        ]

    def __str__(self) -> str:
        return self.period
