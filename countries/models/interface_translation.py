"""Translations of interface texts with their authors, the people who may write and approve them, and the glossary.

Only the staff surface loads these models: they name accounts, and the public surface has none.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from countries.languages import language_name
from countries.models.text import LANGUAGE_TAG, WORDS_OF_CRISIS


class TranslationState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    SUPERSEDED = "superseded", _("superseded")


class InterfaceTranslationQuerySet(models.QuerySet["InterfaceTranslation"]):
    def of_text(self, language: str, digest: str) -> "InterfaceTranslationQuerySet":
        return self.filter(language=language, digest=digest)

    def proposed(self) -> "InterfaceTranslationQuerySet":
        return self.filter(state=TranslationState.PROPOSED)

    def with_names(self) -> "InterfaceTranslationQuerySet":
        return self.select_related("translated_by", "reviewed_by")


class InterfaceTranslation(models.Model):
    """One version of the translation of an interface text. Only an approved one reaches the public.

    Without a translator it is the shipped translation, approved unchanged.
    """

    language = models.CharField(_("language"), max_length=12, validators=[LANGUAGE_TAG])
    # The source text at that time: it may have changed or gone since.
    digest = models.CharField(_("digest of the source text"), max_length=64)
    context = models.TextField(_("context"), blank=True)
    singular = models.TextField(_("source text"))
    plural = models.TextField(_("plural of the source text"), blank=True)
    # A list of strings: one, or one for each plural form of the language.
    forms = models.JSONField(_("translation"))
    state = models.CharField(_("state"), max_length=10, choices=TranslationState, default=TranslationState.DRAFT)
    is_machine_made = models.BooleanField(_("machine-made"), default=False)
    translated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("translated by"),
    )
    translated_at = models.DateTimeField(_("translated at"))
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    # Its translator's, for words of crisis only.
    change_reason = models.CharField(_("reason for the change"), max_length=500, blank=True, default="", db_default="")
    # The reason of the person who declined it.
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects: ClassVar[models.Manager["InterfaceTranslation"]] = InterfaceTranslationQuerySet.as_manager()

    class Meta:
        verbose_name = _("translation of an interface text")
        verbose_name_plural = _("translations of interface texts")
        default_permissions = ()
        ordering = ["-translated_at", "-pk"]
        indexes = [models.Index(fields=["language", "digest", "-translated_at"], name="interface_translation_history")]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "digest"],
                condition=Q(state=TranslationState.APPROVED),
                name="interface_translation_one_approved",
            ),
            models.UniqueConstraint(
                fields=["language", "digest"],
                condition=Q(state=TranslationState.PROPOSED),
                name="interface_translation_one_proposed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=TranslationState.values), name="interface_translation_state_known"
            ),
            models.CheckConstraint(condition=~Q(forms=[]), name="interface_translation_has_forms"),
            models.CheckConstraint(
                condition=Q(translated_by__isnull=False)
                | Q(is_machine_made=True, state__in=[TranslationState.APPROVED, TranslationState.SUPERSEDED]),
                name="interface_translation_by_person_or_shipped",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="interface_translation_reviewed_with_name_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(context=WORDS_OF_CRISIS)
                | ~Q(state__in=[TranslationState.PROPOSED, TranslationState.APPROVED])
                | ~Q(change_reason=""),
                name="interface_translation_crisis_with_reason",
            ),
            # Two people, enforced for all code.
            models.CheckConstraint(
                condition=~Q(state=TranslationState.APPROVED)
                | (Q(reviewed_by__isnull=False) & (Q(translated_by=None) | ~Q(reviewed_by=F("translated_by")))),
                name="interface_translation_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.digest[:8]} {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == TranslationState.PROPOSED


class LanguageReviewQuerySet(models.QuerySet["LanguageReview"]):
    def confirmed(self) -> "LanguageReviewQuerySet":
        """Reviews by two people, and those from before there were two: without the account that recorded them."""
        return self.filter(Q(recorded_by=None) | Q(confirmed_by__isnull=False))


class LanguageReview(models.Model):
    """A speaker reviewed all interface texts of a shipped language: one account records it, another confirms it."""

    language = models.CharField(_("language"), max_length=12, unique=True, validators=[LANGUAGE_TAG])
    # SHA-256 of the reviewed texts, from `standard_words.words_digest`: later texts are not reviewed.
    digest = models.CharField(_("digest of the words"), max_length=64)
    reviewed_by = models.CharField(_("reviewed by"), max_length=100, help_text=_("A named speaker of the language."))
    reviewed_on = models.DateField(_("reviewed on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["LanguageReview"]] = LanguageReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review of a language")
        verbose_name_plural = _("reviews of languages")
        default_permissions = ()
        ordering = ["language"]
        constraints = [
            # Two people, enforced for all code.
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | (Q(recorded_by__isnull=False) & ~Q(confirmed_by=F("recorded_by"))),
                name="language_review_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return language_name(self.language)

    @property
    def is_waiting(self) -> bool:
        """Whether another person has to confirm it before it counts."""
        return self.recorded_by_id is not None and self.confirmed_by_id is None


class GlossaryTerm(models.Model):
    """How a language translates a term, the same in every text."""

    language = models.CharField(_("language"), max_length=12, validators=[LANGUAGE_TAG])
    term = models.CharField(_("English term"), max_length=100)
    translation = models.CharField(_("translation"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("glossary term")
        verbose_name_plural = _("glossary terms")
        default_permissions = ()
        ordering = ["language", "term"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "term"],
                name="glossary_term_once_a_language",
                violation_error_message=_("The glossary has this term already."),
            ),
        ]

    def __str__(self) -> str:
        return self.term


class LanguageRole(models.Model):
    """The right of a translator's account to write the texts of one language; a reviewer also approves others' texts.

    Changes by an approval request of two administrators (`analysts.accounts.language_approvals`).
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="language_roles", verbose_name=_("account")
    )
    language = models.CharField(_("language"), max_length=12, validators=[LANGUAGE_TAG])
    is_reviewer = models.BooleanField(_("reviewer"), default=False)

    class Meta:
        verbose_name = _("language of a translator")
        verbose_name_plural = _("languages of translators")
        default_permissions = ()
        ordering = ["account", "language"]
        constraints = [
            models.UniqueConstraint(fields=["account", "language"], name="language_role_once_a_language"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.language}"
