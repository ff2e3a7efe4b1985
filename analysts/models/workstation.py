"""Isolated workstations, which batches are drawn for."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Workstation(models.Model):
    """An isolated workstation, identified by the public key that verifies its signed results."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=60, unique=True)
    # Ed25519, 32 bytes.
    public_key = models.BinaryField(_("public key"), max_length=32, unique=True)
    # The key that batches are sealed to (`reports.sealing.PublicKey`); empty: it takes no batches.
    sealing_key = models.BinaryField(_("sealing key"), max_length=1216, default=b"", db_default=b"", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    closed_on = models.DateField(_("not in use since"), null=True, blank=True)

    class Meta:
        verbose_name = _("isolated workstation")
        verbose_name_plural = _("isolated workstations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
