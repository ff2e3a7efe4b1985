"""Reports and requests of sources, and what is left of their quotas."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models import Source, SourceKey
from reports.models.envelopes import Receipt


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
