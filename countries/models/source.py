"""Sources: partner organisations whose systems send reports, and the keys with which they do."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from countries.models.portal import Portal

LARGEST_QUOTA = 100_000


class SourceKind(models.TextChoices):
    HOTLINE = "hotline", _("hotline")
    PLATFORM = "platform", _("platform")
    POLICE = "police", _("police")


class Source(models.Model):
    """A partner organisation whose system sends reports to one portal, which may be the international one.

    Name, kind and portal stay as they are: two people approve them with each key. It can send nothing without a key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=SourceKind)
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+", verbose_name=_("portal"))
    # Over the whole installation, by all of its keys.
    quota = models.PositiveIntegerField(
        _("addresses a day"), default=1000, validators=[MinValueValidator(1), MaxValueValidator(LARGEST_QUOTA)]
    )
    # Counted each night over the last months (`analysts.sources.standing`): what it reported that was decided, and how
    # much of that was illegal.
    decided = models.PositiveIntegerField(_("decided"), default=0)
    actionable = models.PositiveIntegerField(_("actionable"), default=0)
    # That share is below the one set: its reports come later in the queue.
    is_late = models.BooleanField(_("comes later"), default=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SourceKind.values), name="source_kind_known"),
            models.CheckConstraint(condition=Q(quota__range=(1, LARGEST_QUOTA)), name="source_quota_bounded"),
        ]

    def __str__(self) -> str:
        return self.name


class SourceKey(models.Model):
    """A key of a source's system, made when a second person approved it. It is shown once and stored as a hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="keys")
    # The first characters of the key, for recognition.
    prefix = models.CharField(_("begins with"), max_length=12, unique=True)
    digest = models.BinaryField(_("hash of the key"), max_length=32, unique=True)
    expires_on = models.DateField(_("valid until"))
    opened_on = models.DateField(_("approved on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    used_on = models.DateField(_("last used on"), null=True, blank=True)

    class Meta:
        verbose_name = _("key of a source")
        verbose_name_plural = _("keys of sources")
        default_permissions = ()
        ordering = ["source", "prefix"]

    def __str__(self) -> str:
        return f"{self.source} ({self.prefix})"
