"""A portal's own texts, and the approved translations of interface texts."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.languages import language_name
from countries.models.portal import Portal

LANGUAGE_TAG = RegexValidator(r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")
# Context of the interface texts that are lists of phrases, one a line (`countries.words.crisis_texts`).
WORDS_OF_CRISIS = "words of crisis"


class PortalText(models.Model):
    """A portal's own texts in one language; the standard ones come from the message catalogues.

    Their reviews: `TextReview`.
    """

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="texts", verbose_name=_("portal"))
    language = models.CharField(_("language"), max_length=12, validators=[LANGUAGE_TAG])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = models.CharField(_("title"), max_length=120)
    welcome = models.TextField(_("welcome"), help_text=_("One or two plain sentences at the top of the portal."))
    about = models.TextField(_("about"), help_text=_("Who runs the portal and with whom."))
    law = models.TextField(_("law"), blank=True, help_text=_("What the country's law says, in plain words."))
    suspended_message = models.TextField(
        _("message while suspended"), blank=True, help_text=_("Why, and where else to report.")
    )
    closed_message = models.TextField(
        _("message while closed"), blank=True, help_text=_("That it is closed for good, and where else to report.")
    )

    class Meta:
        verbose_name = _("portal text")
        verbose_name_plural = _("portal texts")
        ordering = ["portal", "position", "language"]
        constraints = [
            models.UniqueConstraint(fields=["portal", "language"], name="portal_text_once_a_language"),
        ]

    def __str__(self) -> str:
        return language_name(self.language)


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
            models.CheckConstraint(condition=~models.Q(forms=[]), name="approved_text_has_forms"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.digest[:8]}"
