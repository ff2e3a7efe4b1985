"""A report: its receipt, its sealed envelopes and the hotline's messages to who holds the receipt."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from countries.models import Portal
from reports import sealing
from reports.models.fields import DIGEST_BYTES, WholeHour, at_most_bytes, erased_with_digest
from reports.models.keys import SealingKey

# Limits in bytes that hold for the public surface's database role too, should an attacker use it.
LARGEST_SUBMISSION = sealing.LARGEST_CLASS + sealing.OVERHEAD_BYTES
# As portals' texts are tagged (countries.models.text).
LANGUAGE_TAG = r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"


class Receipt(models.Model):
    """A reporter's only credential, as far as the server knows it: nothing here leads back to the code."""

    # Derived from the code by HKDF, so that only the code finds the row.
    id = models.UUIDField(primary_key=True, editable=False)
    # [[public state, closed reason or "", how many addresses], ...], written by the daily batch; empty = received.
    # The public role cannot write it: the database's default is the same.
    outcomes = models.JSONField(
        _("published outcomes"), default=list, db_default=models.Value([], output_field=models.JSONField())
    )
    changed_on = models.DateField(_("changed on"))
    # Public half of the mailbox that only the code opens.
    mailbox_key = models.BinaryField(max_length=1216)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.CheckConstraint(
                condition=at_most_bytes("mailbox_key", sealing.PUBLIC_BYTES), name="receipt_mailbox_key_size"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SubmissionKind(models.TextChoices):
    REPORT = "report", _("report")
    DETAILS = "details", _("details")
    ANSWER = "answer", _("answer")
    # Why an analyst should look again at what was closed: once a receipt.
    AGAIN = "again", _("further look")


class Submission(models.Model):
    """One sealed envelope. Immutable: a trigger refuses every change but two: it is sealed again under another key, and
    blanked with its digest once its key is destroyed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Found by the index `submission_once_a_text`.
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="submissions", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=SubmissionKind)
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=12)
    received_hour = models.DateTimeField(_("received (hour)"))
    # Found by the index of readable submissions: retention never scans erased ones.
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # Keyed by the receipt's code: the same text twice is one envelope, and guesses cannot be tested. None once the text
    # is erased, so that it is stored when it is sent again.
    digest = models.BinaryField(max_length=32, null=True)
    sealed = models.BinaryField()
    # The message that it answers, so that the receipt shows it as answered at once.
    message = models.ForeignKey("Message", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [models.Index(fields=["key", "id"], name="submission_readable", condition=~models.Q(sealed=b""))]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "digest"], name="submission_once_a_text"),
            models.UniqueConstraint(
                fields=["receipt"], condition=models.Q(kind=SubmissionKind.AGAIN), name="submission_again_once"
            ),
            models.CheckConstraint(condition=erased_with_digest(), name="submission_erased_with_digest"),
            models.CheckConstraint(
                condition=models.Q(message=None) | models.Q(kind=SubmissionKind.ANSWER),
                name="submission_only_answers_answer",
            ),
            models.CheckConstraint(condition=WholeHour("received_hour"), name="submission_received_whole_hour"),
            models.CheckConstraint(condition=models.Q(kind__in=SubmissionKind.values), name="submission_kind_known"),
            models.CheckConstraint(
                condition=models.Q(language__regex=LANGUAGE_TAG), name="submission_language_well_formed"
            ),
            models.CheckConstraint(condition=at_most_bytes("sealed", LARGEST_SUBMISSION), name="submission_size"),
            models.CheckConstraint(condition=at_most_bytes("digest", DIGEST_BYTES), name="submission_digest_size"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Arrival(models.Model):
    """A submission that intake has not taken in yet; a trigger adds the row, intake deletes it.

    So neither the public role nor the immutable envelope needs a mark, and intake never searches history.
    """

    submission = models.OneToOneField(Submission, models.CASCADE, primary_key=True, related_name="arrival")
    # Copied from the submission by the trigger, so that one index answers which is the oldest.
    received_hour = models.DateTimeField(_("received (hour)"), null=True)
    # Intake may take it in before others: it says that a child is in danger, or was drawn.
    is_expedited = models.BooleanField(_("expedited"), default=False, db_default=False)

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        indexes = [
            models.Index(fields=["received_hour"], name="arrival_oldest"),
            models.Index(fields=["submission"], name="arrival_expedited", condition=models.Q(is_expedited=True)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Message(models.Model):
    """A message from the hotline to the holder of a receipt, sealed twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="messages")
    asked_on = models.DateField(_("asked on"), default=timezone.localdate)
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # To the mailbox key of the receipt: only the code opens it. Blanked when the words key is destroyed.
    sealed_for_reporter = models.BinaryField()
    # To the month's `words` key: staff can always read the question.
    sealed_for_staff = models.BinaryField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["key", "id"], name="message_readable", condition=~models.Q(sealed_for_staff=b""))
        ]

    def __str__(self) -> str:
        return str(self.id)
