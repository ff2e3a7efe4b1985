"""Reviews of a portal's own texts by speakers: each of one text in one language, as it was on that day."""

import hashlib
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace
from django.utils.translation import gettext_lazy as _

from countries.models.text import PortalText


class PortalTextPart(models.TextChoices):
    """The texts that a portal has in each language, by the name of their field. Each is reviewed on its own."""

    TITLE = "title", _("title")
    WELCOME = "welcome", _("welcome")
    ABOUT = "about", _("about")
    LAW = "law", _("law")
    SUSPENDED_MESSAGE = "suspended_message", _("message while suspended")
    CLOSED_MESSAGE = "closed_message", _("message while closed")


def text_digest(words: str) -> str:
    """SHA-256 in hexadecimal of the text with its line endings normalised: changes with any letter."""
    return hashlib.sha256(words.replace("\r\n", "\n").replace("\r", "\n").encode()).hexdigest()


class _Sha256(models.Func):
    function = "sha256"
    template = "encode(%(function)s(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = models.CharField(max_length=64)


def digest_of_column(name: str) -> Combinable:
    """`text_digest` of a column, computed by the database."""
    line_feed = models.Value("\n")
    plain = Replace(models.F(name), models.Value("\r\n"), line_feed)
    return _Sha256(Replace(plain, models.Value("\r"), line_feed))


class TextReviewQuerySet(models.QuerySet["TextReview"]):
    def current(self) -> "TextReviewQuerySet":
        """The reviews whose text is still the one that was reviewed."""
        now = models.Case(
            *(models.When(part=part, then=digest_of_column(f"text__{part.value}")) for part in PortalTextPart)
        )
        return self.alias(digest_now=now).filter(digest=models.F("digest_now"))


class TextReview(models.Model):
    """A named speaker reviewed one text. The row stays when the text changes, but its digest no longer fits."""

    text = models.ForeignKey(PortalText, models.CASCADE, related_name="reviews", verbose_name=_("portal text"))
    part = models.CharField(_("text"), max_length=20, choices=PortalTextPart)
    # SHA-256 of the reviewed text, from `text_digest`: a later text is not reviewed.
    digest = models.CharField(_("digest of the text"), max_length=64)
    reviewed_by = models.CharField(_("reviewed by"), max_length=100, help_text=_("A named speaker of the language."))
    reviewed_on = models.DateField(_("reviewed on"))
    if settings.STAFF:
        # The public surface has no accounts to refer to. None: recorded by a command, or before this column.
        recorded_by = models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            null=True,
            blank=True,
            related_name="+",
            verbose_name=_("recorded by"),
        )

    objects: ClassVar[models.Manager["TextReview"]] = TextReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review of a text")
        verbose_name_plural = _("reviews of texts")
        default_permissions = ()
        ordering = ["text", "part"]
        constraints = [
            models.UniqueConstraint(fields=["text", "part"], name="text_review_once_a_part"),
            models.CheckConstraint(condition=models.Q(part__in=PortalTextPart.values), name="text_review_part_known"),
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="text_review_digest_sha256"
            ),
            models.CheckConstraint(condition=models.Q(reviewed_by__length__gt=0), name="text_review_with_name"),
        ]

    def __str__(self) -> str:
        return f"{self.text}: {PortalTextPart(self.part).label}"


def is_part_reviewed(text: PortalText, part: PortalTextPart) -> bool:
    """Whether the text is reviewed as it is written now. One query, unless `reviews` are prefetched."""
    digest = text_digest(getattr(text, part.value))
    return any(review.part == part and review.digest == digest for review in text.reviews.all())


def emergency_message(text: PortalText) -> str:
    """The message of an emergency suspension: the reviewed message; "" for the product's standard sentence."""
    return text.suspended_message if is_part_reviewed(text, PortalTextPart.SUSPENDED_MESSAGE) else ""
