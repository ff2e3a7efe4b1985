"""Closed periods: the figures of a quarter or year as they are published."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PeriodClose(models.Model):
    """The figures of a quarter (`2026Q3`) or year (`2026`), frozen by one senior analyst and confirmed by another.

    Until it is confirmed it can be withdrawn; afterwards a trigger prevents changes and deletion. `figures`: see
    `analysts.figures.snapshot`.
    """

    period = models.CharField(_("period"), max_length=6, primary_key=True)
    figures = models.JSONField(_("figures"))
    # SHA-256 of `figures` as canonical JSON, in hexadecimal.
    digest = models.CharField(_("digest"), max_length=64)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # Everything that happened until then is counted.
    closed_at = models.DateTimeField(_("closed at"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(period__regex=r"^20[0-9]{2}(Q[1-4])?$"), name="period_close_quarter_or_year"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="period_close_confirmed_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("closed_by")),
                name="period_close_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.period

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None
