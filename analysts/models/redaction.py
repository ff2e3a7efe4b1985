"""Confirmed redactions of addresses before they are sent."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident
from reports.addresses.identifying import TokenKind
from reports.models import SealingKey


class Redaction(models.Model):
    """The address of an incident as it may be sent, in full or redacted, as an analyst decided.

    An address without parts that may identify a person has no row: it is sent normalised, without tracking parameters.
    """

    incident = models.OneToOneField(Incident, models.PROTECT, primary_key=True, related_name="redaction")
    # The kinds of identifying parts in the reported address.
    found = ArrayField(models.CharField(max_length=10, choices=TokenKind), verbose_name=_("found"))
    is_shortened = models.BooleanField(_("redacted"))
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # {"address": ...} under an `addresses` key; empty once it is erased.
    sealed = models.BinaryField(default=b"")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("redaction address")
        verbose_name_plural = _("redaction addresses")
        default_permissions = ()
        indexes = [models.Index(fields=["key", "incident"], name="redaction_readable", condition=~Q(sealed=b""))]
        constraints = [
            models.CheckConstraint(condition=Q(found__contained_by=TokenKind.values), name="redaction_found_known")
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
