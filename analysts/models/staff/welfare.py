"""Exposure, personal settings and masked words, which protect the people who view reports."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext_lazy as _

from analysts.codes import ContentWarning

WEEKDAYS = tuple(WEEKDAY_NAMES.items())


class Exposure(models.Model):
    """One user's exposure on one day. It does not name incidents."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    seconds = models.PositiveIntegerField(_("seconds of exposure"), default=0)
    # Exposure since the last break.
    since_break = models.PositiveIntegerField(_("seconds since the last break"), default=0)
    # The time until now counts from here when content is hidden; ahead of now where it was counted already.
    open_since = models.DateTimeField(_("revealed since"), null=True, blank=True)
    reveals = models.PositiveIntegerField(_("reveals"), default=0)
    # Addresses of the doors without a limit (`welfare.meter`), and those shown in full to be copied. With defaults of
    # the database, for processes of the version before.
    addresses_read = models.PositiveIntegerField(_("addresses read"), default=0, db_default=0)
    addresses_copied = models.PositiveIntegerField(_("addresses copied"), default=0, db_default=0)
    # Characters of addresses, reporters' words and letters that were shown. With a default of the database, too.
    characters_read = models.PositiveIntegerField(_("characters read"), default=0, db_default=0)
    # When they were unusually many; None otherwise.
    alarmed_at = models.DateTimeField(_("alarm raised at"), null=True, blank=True)
    decisions = models.PositiveIntegerField(_("decisions"), default=0)
    skips = models.PositiveIntegerField(_("skips"), default=0)
    breaks = models.PositiveIntegerField(_("breaks"), default=0)
    break_until = models.DateTimeField(_("on a break until"), null=True, blank=True)
    # How often the user continued past a limit.
    continued = models.PositiveIntegerField(_("went on"), default=0)
    continued_until = models.DateTimeField(_("going on until"), null=True, blank=True)
    # Whether one of these limits was the organisation's, and not a stricter one of their own.
    passed_limit = models.BooleanField(_("continued past the organisation's limit"), default=False, db_default=False)
    # Content warnings to avoid today.
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


class DisplayPreferences(models.Model):
    """One user's own settings; empty fields use the organisation's. Limits cannot be looser than the organisation's."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="display_preferences"
    )
    greys = models.BooleanField(_("greyscale"), null=True, blank=True)
    type_size = models.CharField(_("text size"), max_length=8, choices=TypeSize, blank=True)
    density = models.CharField(_("density"), max_length=8, choices=Density, blank=True)
    # Such as "Europe/London".
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    budget_minutes = models.PositiveSmallIntegerField(_("minutes per day"), null=True, blank=True)
    break_after_minutes = models.PositiveSmallIntegerField(_("minutes until a break"), null=True, blank=True)
    cut_off = models.TimeField(_("not after"), null=True, blank=True)
    # The last session that was held or declined.
    counselled_on = models.DateField(_("last counselling on"), null=True, blank=True)
    weekly_note = models.BooleanField(_("weekly note"), default=True, db_default=True)

    class Meta:
        verbose_name = _("own settings")
        verbose_name_plural = _("own settings")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(type_size__in=["", *TypeSize.values]), name="display_type_size_known"),
            models.CheckConstraint(condition=Q(density__in=["", *Density.values]), name="display_density_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SupportKind(models.TextChoices):
    """In the order in which pages list them."""

    PEER = "peer", _("colleague to talk to")
    LEAD = "lead", _("lead")
    COUNSELLOR = "counsellor", _("counsellor")


class SupportContact(models.Model):
    """A person to talk to, named on pages with revealed content. Nothing records who looks."""

    kind = models.CharField(_("role"), max_length=10, choices=SupportKind)
    name = models.CharField(_("name"), max_length=100)
    reach = models.CharField(_("how to reach them"), max_length=200, help_text=_("Telephone, chat or room."))
    # From Monday, 0; None: every day.
    weekday = models.PositiveSmallIntegerField(_("day"), choices=WEEKDAYS, null=True, blank=True)

    class Meta:
        verbose_name = _("contact to talk to")
        verbose_name_plural = _("contacts to talk to")
        default_permissions = ()
        ordering = ["weekday", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=SupportKind.values)
                & (Q(weekday=None) | Q(weekday__in=[weekday for weekday, _name in WEEKDAYS])),
                name="support_contact_codes_known",
            )
        ]

    def __str__(self) -> str:
        return self.name


class MaskedTerm(models.Model):
    """A word that stays masked in revealed text until the user asks to see masked words."""

    text = models.CharField(
        _("word or beginning of words"),
        max_length=60,
        unique=True,
        help_text=_("Case and accents are ignored. Words that begin with it are masked too."),
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(_("at"), editable=False)

    class Meta:
        verbose_name = _("masked word")
        verbose_name_plural = _("masked words")
        ordering = ["text"]

    def __str__(self) -> str:
        """Not the word, because titles and messages of admin pages contain this."""
        return str(self.pk)
