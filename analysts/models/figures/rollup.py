"""Figures by day, and gauges of open work: what pages of figures read instead of the incidents."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Floor, Random
from django.utils.translation import gettext_lazy as _

from countries.disclosure import KEYS
from countries.models import Portal

# The default of the record key of a report or incident: a random number below KEYS. Sums of them protect counts
# (`countries.disclosure`). A record whose content is erased has none.
RECORD_KEY = Floor(Random() * KEYS)


class FigureSubject(models.TextChoices):
    """The subject of a count, and its day."""

    # On the day of the report; without those of partners' systems.
    REPORTS = "reports", _("reports received")
    FROM_SOURCES = "sources", _("reports from partners’ systems")
    ADDRESSES = "addresses", _("web addresses reported")
    # On the day of the verdict that counts; an incident that was reopened counts again.
    ASSESSED = "assessed", _("incidents assessed")
    # Left the backlog: on the day of the first verdict, or of being merged without one.
    DECIDED = "decided", _("incidents decided for the first time")
    # On the day of the first notice to a recipient.
    NOTIFIED = "notified", _("recipients notified")
    # On the day on which it was sent, reminders included.
    LETTERS = "letters", _("notices sent")
    # On the day of the reply.
    REPLIES = "replies", _("replies received")
    # A recipient's last action on a web address, on the day of the reply that says so.
    ANSWERED = "answered", _("actions of recipients")
    # On the day on which removal was confirmed.
    REMOVED = "removed", _("incidents removed")


class FigureDimension(models.TextChoices):
    """The dimension by which the counts of a day are divided; a record has one value or several in it."""

    ALL = "all", _("all")
    LANGUAGE = "language", _("language")
    NEWNESS = "newness", _("reported before")
    VERDICT = "verdict", _("verdict")
    SEVERITY = "severity", _("category")
    AGE = "age", _("age")
    SEX = "sex", _("sex")
    SITE_TYPE = "site_type", _("site type")
    FLAG = "flag", _("flag")
    REASON = "reason", _("reason")
    # From report to verdict, or from notice to removal: the upper bound of an interval, in hours.
    HOURS = "hours", _("time taken")
    COUNTRY = "country", _("hosting country")
    PROVIDER = "provider", _("hosting provider")
    RECIPIENT_KIND = "recipient", _("type of recipient")
    SOURCE_KIND = "source", _("type of partner")
    # In wide intervals, for lists of portals.
    WIDE_HOURS = "wide_hours", _("time taken, in wide intervals")
    # The provider (a hosting provider or platform) and, separated by spaces: the type of content; the kind of reply;
    # the time taken, in wide intervals; the type of content, action, ground, whether automated, redress.
    PROVIDER_TYPE = "prov_type", _("provider and type of content")
    PROVIDER_KIND = "prov_kind", _("provider and kind of reply")
    PROVIDER_HOURS = "prov_hours", _("provider and time taken")
    PROVIDER_ACTION = "prov_act", _("provider and action")
    # Both, in wide intervals, separated by a space: for the times taken by language, category and country.
    LANGUAGE_HOURS = "lang_hours", _("time taken by language")
    SEVERITY_HOURS = "sev_hours", _("time taken by category")
    COUNTRY_HOURS = "land_hours", _("time taken by hosting country")


# Values of NEWNESS, and of HOURS for content that was removed before a notice was sent (`analysts.figures.counting`).
NEW, AGAIN, BEFORE_NOTICE = "new", "again", "before"


# There are no figures of these by portal.
OF_NO_PORTAL = (
    FigureDimension.PROVIDER,
    FigureDimension.PROVIDER_TYPE,
    FigureDimension.PROVIDER_KIND,
    FigureDimension.PROVIDER_HOURS,
    FigureDimension.PROVIDER_ACTION,
)
# A part of a value that was not said.
NOT_SAID = "-"


class DailyFigure(models.Model):
    """The number of records of a day that have one value of one dimension: for one portal, or for all (None).

    One table of this form instead of one row for each combination of values: there are few values of each dimension,
    and many combinations. Written by `analysts.figures.rollups` alone.
    """

    day = models.DateField(_("day"))
    # The sums of a month that is over, so that long periods are read in few rows; `day` is its first.
    is_month = models.BooleanField(_("month"), default=False)
    subject = models.CharField(_("subject"), max_length=10, choices=FigureSubject)
    dimension = models.CharField(_("dimension"), max_length=10, choices=FigureDimension)
    # The code, language, country or recipient; empty for ALL.
    value = models.CharField(_("value"), max_length=80, blank=True)
    portal = models.ForeignKey(Portal, models.CASCADE, null=True, related_name="+", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    # The sum of the record keys.
    key = models.PositiveBigIntegerField(_("sum of record keys"))

    class Meta:
        verbose_name = _("figure of a day")
        verbose_name_plural = _("figures by day")
        default_permissions = ()
        indexes = [models.Index(fields=["day"], name="daily_figure_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "dimension", "portal", "is_month", "day", "value"],
                include=["number", "key"],
                nulls_distinct=False,
                name="daily_figure_once",
            ),
            models.CheckConstraint(
                condition=Q(subject__in=FigureSubject.values, dimension__in=FigureDimension.values),
                name="daily_figure_known",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="daily_figure_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.subject} {self.dimension} {self.value}"


class FigureProgress(models.Model):
    """How far figures are counted: changes of rows before `counted_until` are included. One row.

    `counted_from`: figures of days before it were taken over from an earlier system; these days are never counted.
    `first_count_at`: when the first count of all days began; until it is done, the days before `counted_until` are
    counted, and none after.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    counted_until = models.DateTimeField(_("counted until"))
    counted_from = models.DateField(_("counted from"), null=True)
    first_count_at = models.DateTimeField(_("first count began at"), null=True)

    class Meta:
        verbose_name = _("progress of figures")
        verbose_name_plural = _("progress of figures")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="figure_progress_one_row")]

    def __str__(self) -> str:
        return f"{self.counted_until:%Y-%m-%dT%H:%M}"


class GaugeKind(models.TextChoices):
    """Open work that is counted as it is now."""

    WAITING = "waiting", _("waiting for a verdict")
    TAKEDOWN = "takedown", _("takedown in progress")
    NOTIFIED = "notified", _("first notice sent, not yet removed")
    OVERDUE = "overdue", _("overdue next steps")


class WorkGauge(models.Model):
    """Open work by kind, portal (None: all) and age, counted every few minutes. Every run replaces all rows."""

    kind = models.CharField(_("kind"), max_length=8, choices=GaugeKind)
    portal = models.ForeignKey(Portal, models.CASCADE, null=True, related_name="+", db_index=False)
    # The upper bound of an interval, in hours.
    hours = models.PositiveIntegerField(_("age in hours"))
    number = models.PositiveIntegerField(_("number"))

    objects: ClassVar[models.Manager["WorkGauge"]] = models.Manager()

    class Meta:
        verbose_name = _("gauge of open work")
        verbose_name_plural = _("gauges of open work")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["portal", "kind", "hours"], nulls_distinct=False, name="work_gauge_once"),
            models.CheckConstraint(condition=Q(kind__in=GaugeKind.values), name="work_gauge_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.hours} {self.number}"


class FigureTarget(models.Model):
    """Within how many hours operators want verdicts and removals. One row; without it there are no targets."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    assess_hours = models.PositiveIntegerField(_("hours from report to verdict"))
    removal_hours = models.PositiveIntegerField(_("hours from first notice to removal"))

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="figure_target_one_row")]

    def __str__(self) -> str:
        return f"{self.assess_hours} {self.removal_hours}"
