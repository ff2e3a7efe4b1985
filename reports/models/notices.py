"""Links of notices, and replies through them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports import sealing
from reports.models.fields import DIGEST_BYTES, WholeMinute, at_most_bytes, erased_with_digest
from reports.models.keys import SealingKey

LARGEST_REPLY = sealing.LARGEST_REPLY_CLASS + sealing.OVERHEAD_BYTES


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
