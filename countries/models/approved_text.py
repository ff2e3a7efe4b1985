"""Approved translations of interface texts: what the public surface reads."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from countries.models.text import LANGUAGE_TAG


class ApprovedText(models.Model):
    """The approved translation of one interface text into one language. It names no account.

    Written in the transaction of the approval (`countries.staff.translation.actions`). A new version is a new row, so
    that the number and sum of the ids of a language change with every change: the public surface compares those.
    """

    language = models.CharField(_("language"), max_length=12, validators=[LANGUAGE_TAG])
    # Digest of the source text: `countries.words.sources.SourceText.digest`.
    digest = models.CharField(_("digest of the source text"), max_length=64)
    context = models.TextField(_("context"), blank=True)
    singular = models.TextField(_("source text"))
    plural = models.TextField(_("plural of the source text"), blank=True)
    # A list of strings: one, or one for each plural form of the language.
    forms = models.JSONField(_("translation"))

    class Meta:
        verbose_name = _("approved text")
        verbose_name_plural = _("approved texts")
        default_permissions = ()
        ordering = ["language", "digest"]
        constraints = [
            models.UniqueConstraint(fields=["language", "digest"], name="approved_text_once_a_language"),
            models.CheckConstraint(condition=~Q(forms=[]), name="approved_text_has_forms"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.digest[:8]}"
