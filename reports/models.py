"""The tables of everything the public sends and gets back. Nothing here knows of staff.

Ids are random (or derived from a random code), never serial: the order of rows must not reveal the order of arrival.
"""

import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from countries.models import Portal, Source, SourceKey
from reports import sealing

# Limits in bytes that hold for the public surface's database role too, should an attacker use it.
LARGEST_SUBMISSION = sealing.LARGEST_CLASS + sealing.OVERHEAD_BYTES
LARGEST_REPLY = sealing.LARGEST_REPLY_CLASS + sealing.OVERHEAD_BYTES
DIGEST_BYTES = 32
# As portals' texts are tagged (countries.models.text).
LANGUAGE_TAG = r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"


def the_hour(now: datetime) -> datetime:
    """`now` cut to the hour: the finest time that is ever stored about a reporter's action."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def the_minute(now: datetime) -> datetime:
    """`now` cut to the minute, the finest time that is stored about what a host or another organisation does."""
    return now.astimezone(UTC).replace(second=0, microsecond=0)


class WholeHour(models.Func):
    """True where a timestamp has no minutes; independent of any time zone."""

    template = "(MOD(EXTRACT(EPOCH FROM %(expressions)s)::numeric, 3600) = 0)"
    arity = 1
    output_field = models.BooleanField()


class WholeMinute(WholeHour):
    """True where a timestamp has no seconds; independent of any time zone."""

    template = "(MOD(EXTRACT(EPOCH FROM %(expressions)s)::numeric, 60) = 0)"


def at_most_bytes(field: str, most: int) -> LessThanOrEqual:
    """Condition on a binary field, which has no limit of its own in PostgreSQL."""
    return LessThanOrEqual(Length(field), most)


def erased_with_digest() -> models.Q:
    """Condition that a text and its digest are erased together: a digest that stayed would refuse the same text."""
    return models.Q(sealed=b"", digest=None) | (~models.Q(sealed=b"") & models.Q(digest__isnull=False))


class KeyClass(models.TextChoices):
    WORDS = "words", _("what reporters typed")
    ADDRESSES = "addresses", _("addresses kept until they are gone")


class KeyState(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed: opens what is there, takes nothing new")
    DESTROYED = "destroyed", _("destroyed")


class SealingKeyQuerySet(models.QuerySet["SealingKey"]):
    def locked(self) -> "SealingKeyQuerySet":
        """Lock the rows until the transaction ends, but not their ids: a public transaction that refers to a key, and
        stays open, must not hold up staff."""
        return self.select_for_update(no_key=True)


class SealingKey(models.Model):
    """One month's key of one class. The halves themselves are files in the keyring, named after `id`.

    The database refuses an envelope under a key that is not open, and any way back from destroyed (triggers in the
    migrations).
    """

    id = models.CharField(primary_key=True, max_length=40)
    key_class = models.CharField(_("class"), max_length=10, choices=KeyClass)
    month = models.DateField(_("month"))
    state = models.CharField(_("state"), max_length=10, choices=KeyState, default=KeyState.OPEN)
    # Since when it seals nothing that must still be read; it is destroyed once a backup was made after that.
    emptied_on = models.DateField(_("emptied on"), null=True, blank=True)
    destroyed_on = models.DateField(_("destroyed on"), null=True, blank=True)
    # How many were sealed again under a later key, by reason; counted here so that a run cut short loses no count.
    resealed = models.JSONField(_("resealed"), default=dict, blank=True)

    objects = SealingKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("sealing key")
        verbose_name_plural = _("sealing keys")
        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="sealing_key_first_of_month"),
            models.CheckConstraint(condition=models.Q(state__in=KeyState.values), name="sealing_key_state_known"),
            models.CheckConstraint(condition=models.Q(key_class__in=KeyClass.values), name="sealing_key_class_known"),
            models.CheckConstraint(
                condition=models.Q(state=KeyState.DESTROYED, destroyed_on__isnull=False)
                | (~models.Q(state=KeyState.DESTROYED) & models.Q(destroyed_on__isnull=True)),
                name="sealing_key_destroyed_has_date",
            ),
        ]

    def __str__(self) -> str:
        return self.id


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


class NoticeLink(models.Model):
    """The secret link in a notice, as far as the server knows it: nothing here leads back to the secret.

    Made by staff. The public surface finds it by the id that follows from the secret, through one function
    (`reports_look_up_notice`).
    """

    # Derived from the secret by HKDF, so that only the secret finds the row.
    id = models.UUIDField(primary_key=True, editable=False)
    expires_on = models.DateField(_("valid until"))
    # Reference and defanged host, to the key that only the secret opens; empty once the link accepts no more replies,
    # or the addresses of its notice are erased.
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("link of a notice")
        verbose_name_plural = _("links of notices")
        default_permissions = ()
        indexes = [
            models.Index(fields=["expires_on"], name="notice_link_readable", condition=~models.Q(sealed=b"")),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NoticeAnswer(models.Model):
    """A reply through the link of a notice, sealed like an envelope. No data about its sender is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Found by the index `notice_answer_once`.
    link = models.ForeignKey(NoticeLink, models.PROTECT, related_name="answers", db_index=False)
    # To the minute: it is no reporter's. The column has the name of the hour that it held, so that public servers of
    # the release before go on storing during an upgrade.
    received_at = models.DateTimeField(_("received at"), db_column="received_hour")
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # Keyed by the secret: the same reply twice is one. None once it is erased.
    digest = models.BinaryField(max_length=32, null=True)
    # {"kind": ..., "text": ...} under a `words` key; empty once it is erased.
    sealed = models.BinaryField()
    # Set once staff have been notified of it.
    taken_in = models.BooleanField(_("taken in"), default=False, db_default=False)

    class Meta:
        verbose_name = _("answer to a notice")
        verbose_name_plural = _("answers to notices")
        default_permissions = ()
        indexes = [
            models.Index(fields=["key", "id"], name="notice_answer_readable", condition=~models.Q(sealed=b"")),
            models.Index(fields=["id"], name="notice_answer_new", condition=models.Q(taken_in=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["link", "digest"], name="notice_answer_once"),
            models.CheckConstraint(condition=erased_with_digest(), name="notice_answer_erased_with_digest"),
            models.CheckConstraint(condition=WholeMinute("received_at"), name="notice_answer_whole_minute"),
            models.CheckConstraint(condition=at_most_bytes("sealed", LARGEST_REPLY), name="notice_answer_size"),
            models.CheckConstraint(condition=at_most_bytes("digest", DIGEST_BYTES), name="notice_answer_digest_size"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SourceItem(models.Model):
    """A report that a source sent, by the source's own reference. Its content is the receipt's envelope alone."""

    receipt = models.OneToOneField(Receipt, models.PROTECT, primary_key=True, related_name="source_item")
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    key = models.ForeignKey(SourceKey, models.PROTECT, related_name="+", db_index=False)
    # Hash of the source and its reference, which is sealed with the rest.
    reference = models.BinaryField(max_length=32)
    # Keyed by the source's key: the same item again is no other one, and guesses cannot be tested. None after a while.
    digest = models.BinaryField(max_length=32, null=True)
    received_on = models.DateField(_("received on"))
    # As the source may see it: written by the daily batch of receipts, and never taken back.
    is_closed = models.BooleanField(_("closed"), default=False, db_default=False)

    class Meta:
        verbose_name = _("report of a source")
        verbose_name_plural = _("reports of sources")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "reference"], name="source_item_once")]
        indexes = [
            models.Index(fields=["received_on"], name="source_item_compared", condition=models.Q(digest__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SourceRequest(models.Model):
    """An answered request of a source, by its Idempotency-Key: repeated, it gets the same answer and stores nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    # Both keyed by the source's key.
    key_digest = models.BinaryField(max_length=32)
    body_digest = models.BinaryField(max_length=32)
    # For each item its number, the outcome and the reason; nothing that was sent.
    answer = models.JSONField(_("answer"), default=list)
    received_on = models.DateField(_("received on"))

    class Meta:
        verbose_name = _("request of a source")
        verbose_name_plural = _("requests of sources")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "key_digest"], name="source_request_once")]
        indexes = [models.Index(fields=["received_on"], name="source_request_old")]

    def __str__(self) -> str:
        return str(self.pk)


class SourceDay(models.Model):
    """How many addresses a source has reported on a day: what is left of its quota."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    addresses = models.PositiveIntegerField(_("addresses"), default=0)

    class Meta:
        verbose_name = _("day of a source")
        verbose_name_plural = _("days of sources")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="source_day_once")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"
