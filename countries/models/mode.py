"""Modes of the whole installation, which administrators start and end: read-only, a banner, sending stopped.

Only the staff surface loads this model: it names accounts, and the public surface has none.
"""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models.banner import ReadyText


class ModeKind(models.TextChoices):
    READ_ONLY = "read_only", _("read-only")
    BANNER = "banner", _("banner")
    SENDING_STOPPED = "sending", _("sending stopped")


class InstallationModeQuerySet(models.QuerySet["InstallationMode"]):
    def open(self) -> "InstallationModeQuerySet":
        """Modes that have not been ended: running, waiting for a second person, or past their time."""
        return self.filter(ended_at=None)

    def running(self, now: datetime) -> "InstallationModeQuerySet":
        """Modes in force. One past its time is not, whether or not its end has been recorded."""
        approved = models.Q(words={}) | models.Q(approved_by__isnull=False)
        return self.open().filter(approved, models.Q(ends_at=None) | models.Q(ends_at__gt=now))

    def expired(self, now: datetime) -> "InstallationModeQuerySet":
        """Modes past their time whose end has not been recorded."""
        return self.open().filter(ends_at__lte=now)


class InstallationMode(models.Model):
    """One mode, from its start (or the request for a banner with own words) to its end. Kept for good."""

    kind = models.CharField(_("kind"), max_length=9, choices=ModeKind)
    reason = models.TextField(_("reason"))
    # A banner's text: one of the product's, or own words by interface language, which a second administrator approves.
    ready_text = models.CharField(_("ready text"), max_length=16, choices=ReadyText, blank=True)
    words = models.JSONField(_("words by language"), default=dict, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("started by")
    )
    started_at = models.DateTimeField(_("started at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    # None: until a person ends it.
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    # Who ended or declined it; None where its time came.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects: ClassVar[models.Manager["InstallationMode"]] = InstallationModeQuerySet.as_manager()

    class Meta:
        verbose_name = _("mode of the installation")
        verbose_name_plural = _("modes of the installation")
        default_permissions = ()
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ModeKind.values), name="mode_kind_known"),
            models.UniqueConstraint(fields=["kind"], condition=models.Q(ended_at=None), name="mode_once_at_a_time"),
            models.CheckConstraint(
                condition=(~models.Q(kind=ModeKind.BANNER) & models.Q(ready_text="", words={}))
                | models.Q(kind=ModeKind.BANNER, ready_text__in=ReadyText.values, words={})
                | (models.Q(kind=ModeKind.BANNER, ready_text="") & ~models.Q(words={})),
                name="mode_banner_ready_or_own_words",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None, approved_at=None)
                | (models.Q(approved_by__isnull=False, approved_at__isnull=False) & ~models.Q(words={})),
                name="mode_approved_with_name_and_time",
            ),
            # Two people, enforced for all code.
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("started_by")), name="mode_approved_by_another"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False)
                | models.Q(ended_at=models.F("ends_at"), ended_by=None),
                name="mode_ended_by_a_person_or_its_time",
            ),
        ]

    def __str__(self) -> str:
        return str(ModeKind(self.kind).label)

    @property
    def is_waiting(self) -> bool:
        """Whether a second administrator has to approve it first."""
        return bool(self.words) and self.approved_by_id is None and self.ended_at is None
