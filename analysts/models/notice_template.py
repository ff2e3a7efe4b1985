"""Notice texts by type of recipient, purpose and language."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind
from countries.choices import RowChoices


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRow:
    """One purpose of a notice. Its texts are in `notices/shipped`, its label is the member's."""

    # It refers to no earlier notice, and says in good faith that the hotline saw the content.
    comes_first: bool = False
    # A clock sends it. All others are letters of people: no machine may file them away, and an answer is welcome.
    is_automatic: bool = False
    # It asks for something: it has a reply link, and starts the clocks of the takedown.
    asks: bool = True
    # It answers a reply or an appeal: it lists no address, and is no step of a takedown.
    answers_reply: bool = False
    # It is written before any verdict, and says so first: it states no ground, category or time.
    is_unassessed: bool = False


class Purpose(RowChoices):
    row: PurposeRow

    FIRST = "first", PurposeRow(comes_first=True), _("first notice")
    AGAIN = "again", PurposeRow(is_automatic=True), _("reminder")
    ESCALATION = "escalation", PurposeRow(), _("escalation")
    # To the police only, before any other recipient is notified.
    CLEARANCE = "clearance", PurposeRow(comes_first=True), _("clearance request")
    # To everybody who was written to, once what was written is no longer so (`notices.corrections`).
    CORRECTION = "correction", PurposeRow(asks=False), _("correction")
    # Letters that answer a reply.
    BACK = "back", PurposeRow(answers_reply=True), _("answer to a question")
    OUTCOME = "outcome", PurposeRow(answers_reply=True), _("outcome of an appeal")
    # A report says that a child is in danger (`takedown.alerts`).
    ALERT = "alert", PurposeRow(asks=False, is_unassessed=True), _("alert before a verdict")


class NoticeTemplate(models.Model):
    """A notice text for one type of recipient and language. Never changed: a new version supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("type of recipient"), max_length=10, choices=RecipientKind)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.FIRST)
    language = models.CharField(_("language"), max_length=12)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), max_length=5000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("notice text")
        verbose_name_plural = _("notice texts")
        ordering = ["kind", "purpose", "language", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "purpose", "language", "version"], name="notice_template_version")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_purpose_display()} ({self.language})"
