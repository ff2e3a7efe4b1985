"""Languages without a shipped catalogue, as two people opened them, and the rule for a phrase of words of crisis."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from countries.languages import ZEROS, OpenedLanguage
from countries.models.text import LANGUAGE_TAG

LONGEST_PHRASE = 100


class TextDirection(models.TextChoices):
    LEFT_TO_RIGHT = "ltr", _("left to right")
    RIGHT_TO_LEFT = "rtl", _("right to left")


def numbering_systems() -> list[tuple[str, str]]:
    """CLDR's code of each numbering system whose digits pages can write, with the digits."""
    zeros = {"latn": ord("0"), **ZEROS}
    return [(code, "".join(chr(zero + digit) for digit in range(10))) for code, zero in zeros.items()]


class Language(models.Model):
    """A language of portals that no release ships. It names no account: who opened it is in its approval request.

    An open language changes only by an approval request of two operators (`translation.opened_languages`).
    """

    tag = models.CharField(
        _("tag"), max_length=12, unique=True, validators=[LANGUAGE_TAG], help_text=_("As in addresses: “kri”, “ne”.")
    )
    name = models.CharField(_("name"), max_length=60, help_text=_("In the language and its own script."))
    english_name = models.CharField(_("name in English"), max_length=60)
    direction = models.CharField(
        _("direction"), max_length=3, choices=TextDirection, default=TextDirection.LEFT_TO_RIGHT
    )
    # As `nplurals=2; plural=(n != 1);`, one of `countries.words.plurals`.
    plural_rule = models.CharField(_("plural rule"), max_length=500)
    # A code of CLDR: see `numbering_systems`.
    digits = models.CharField(_("digits"), max_length=8, default="latn")
    font_note = models.CharField(
        _("note on fonts"),
        max_length=300,
        blank=True,
        help_text=_("On which telephones its script was read without a missing letter, and by whom."),
    )
    personal_words = models.TextField(
        _("words that ask who a person is"),
        max_length=2_000,
        blank=True,
        help_text=_("One phrase a line, such as “your name”: a translation has them only where its English text does."),
    )
    shows_words = models.BooleanField(
        _("pages show the interface texts in it"),
        default=False,
        help_text=_("Texts that are not translated yet are shown in English. Otherwise all of them are."),
    )
    is_open = models.BooleanField(_("open"), default=False, help_text=_("Portals can use it."))

    class Meta:
        verbose_name = _("language")
        verbose_name_plural = _("languages")
        ordering = ["tag"]
        constraints = [
            models.CheckConstraint(condition=Q(tag__regex=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"), name="language_tag_plain"),
            models.CheckConstraint(condition=Q(direction__in=TextDirection.values), name="language_direction_known"),
            models.CheckConstraint(condition=Q(digits__in=["latn", *ZEROS]), name="language_digits_known"),
            models.CheckConstraint(
                condition=Q(plural_rule__regex=r"^nplurals=[1-6]; plural=[n0-9()?:%=!<>&| ]+;$"),
                name="language_plural_rule_plain",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(english_name=""), name="language_has_names"),
        ]

    def __str__(self) -> str:
        return self.name

    def as_opened(self) -> OpenedLanguage:
        """The copy that every process holds in memory."""
        return OpenedLanguage(
            tag=self.tag,
            name=self.name,
            english_name=self.english_name,
            direction=self.direction,
            digits=self.digits,
            plural_rule=self.plural_rule,
            shows_words=self.shows_words,
            personal_words=self.personal_words,
        )


def refuse_single_word(words: str) -> None:
    """A single word would raise an alarm in the titles that people report; a sentence mark ends a phrase."""
    if len(words.split()) < 2:
        raise ValidationError(_("Enter at least two words: a single one is in many ordinary reports."), code="single")
    if any(mark in words for mark in ".!?;:|।۔؟"):
        raise ValidationError(_("Enter the words only, without signs that end a sentence."), code="sentence")
