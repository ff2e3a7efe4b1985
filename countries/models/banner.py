"""The banner on every public page. Its row is what the public surface may read of it: there is one while it is shown.

`countries.models.mode.InstallationMode` records who started it and why, for staff.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReadyText(models.TextChoices):
    """The banners shipped with the product in every language: `countries.public.banner` has their words."""

    MAINTENANCE = "maintenance", _("maintenance today, reports are taken")
    SLOW = "slow", _("many reports, answers take longer")
    RECEIPTS_LATE = "receipts_late", _("receipts show news later than usual")


class Banner(models.Model):
    """The published banner. Own words are there only if two administrators wanted them: a trigger enforces it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    ready_text = models.CharField(_("ready text"), max_length=16, choices=ReadyText, blank=True)
    # By interface language, of a banner without a ready text.
    words = models.JSONField(_("words by language"), default=dict, blank=True)
    # None: until a person ends it. No write is needed for its end.
    shown_until = models.DateTimeField(_("shown until"), null=True, blank=True)

    class Meta:
        verbose_name = _("banner")
        verbose_name_plural = _("banners")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="banner_one"),
            models.CheckConstraint(
                condition=models.Q(ready_text__in=ReadyText.values, words={})
                | (models.Q(ready_text="") & ~models.Q(words={})),
                name="banner_ready_or_own_words",
            ),
        ]

    def __str__(self) -> str:
        return self.ready_text or "own words"
