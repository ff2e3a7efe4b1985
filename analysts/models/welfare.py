"""What protects the people who look: how much they saw today, and how they want to see it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import ContentWarning


class Exposure(models.Model):
    """One person's day: how long something lay open before them, and what they did about it. No incident is named."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    seconds = models.PositiveIntegerField(_("seconds something was shown"), default=0)
    # The same since the last break.
    since_break = models.PositiveIntegerField(_("seconds since the last break"), default=0)
    # Since when something is shown now; counted up once it is veiled.
    open_since = models.DateTimeField(_("shown since"), null=True, blank=True)
    reveals = models.PositiveIntegerField(_("reveals"), default=0)
    decisions = models.PositiveIntegerField(_("decisions"), default=0)
    skips = models.PositiveIntegerField(_("skips"), default=0)
    breaks = models.PositiveIntegerField(_("breaks"), default=0)
    break_until = models.DateTimeField(_("on a break until"), null=True, blank=True)
    # How often they went on although it was time to stop.
    went_on = models.PositiveIntegerField(_("went on"), default=0)
    went_on_until = models.DateTimeField(_("going on until"), null=True, blank=True)
    # What they do not want to see today.
    avoids = ArrayField(
        models.CharField(max_length=8, choices=ContentWarning), verbose_name=_("not today"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("exposure")
        verbose_name_plural = _("exposures")
        default_permissions = ()
        indexes = [models.Index(fields=["day"], name="exposure_of_day")]
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="exposure_once_a_day"),
            models.CheckConstraint(
                condition=Q(avoids__contained_by=ContentWarning.values), name="exposure_avoids_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class TypeSize(models.TextChoices):
    NORMAL = "normal", _("normal")
    LARGE = "large", _("large")
    LARGER = "larger", _("very large")


class Density(models.TextChoices):
    ROOMY = "roomy", _("roomy")
    COMPACT = "compact", _("compact")


class Comfort(models.Model):
    """One person's own settings; empty where those of the organisation are enough. Limits are never looser."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="comfort")
    greys = models.BooleanField(_("greys instead of colours"), null=True, blank=True)
    type_size = models.CharField(_("size of letters"), max_length=8, choices=TypeSize, blank=True)
    density = models.CharField(_("density"), max_length=8, choices=Density, blank=True)
    budget_minutes = models.PositiveSmallIntegerField(_("minutes a day"), null=True, blank=True)
    break_after_minutes = models.PositiveSmallIntegerField(_("minutes until a break"), null=True, blank=True)
    cut_off = models.TimeField(_("not after"), null=True, blank=True)

    class Meta:
        verbose_name = _("own settings")
        verbose_name_plural = _("own settings")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(type_size__in=["", *TypeSize.values]), name="comfort_type_size_known"),
            models.CheckConstraint(condition=Q(density__in=["", *Density.values]), name="comfort_density_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class VeiledTerm(models.Model):
    """A word that stays blank inside what reporters wrote until somebody asks for it as well."""

    text = models.CharField(
        _("word or beginning of words"),
        max_length=60,
        unique=True,
        help_text=_("Capitals and accents do not matter. Words that begin with it are blanked too."),
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(_("at"), editable=False)

    class Meta:
        verbose_name = _("veiled word")
        verbose_name_plural = _("veiled words")
        ordering = ["text"]

    def __str__(self) -> str:
        """Never the word: titles and messages of admin pages hold this."""
        return str(self.pk)
