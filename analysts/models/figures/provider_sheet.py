"""The quarterly sheet of a provider, and the statement of independence in the yearly report."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.models.figures.period import PeriodClose
from analysts.models.recipient import Recipient

LONGEST_STATEMENT = 5_000


class SheetWithdrawal(models.TextChoices):
    """Why a released sheet was withdrawn. Its numbers are those of the period: a correction is in the next one."""

    BY_MISTAKE = "by_mistake", _("released by mistake")
    WRONG_PROVIDER = "wrong_provider", _("notices were counted for the wrong provider")
    DISPUTED = "disputed", _("the provider disputes the numbers")
    STATEMENT = "statement", _("the provider’s statement cannot stay")


class ProviderSheet(models.Model):
    """The sheet of one provider for one closed period: released by a senior analyst, and what the provider says to it.

    It can be withdrawn, and released again, which clears the withdrawal; the audit log keeps each.

    Its numbers are those of the period. `statement`: the provider's own words for publication, without names of people.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    period = models.ForeignKey(PeriodClose, models.PROTECT, related_name="sheets", db_index=False)
    provider = models.ForeignKey(Recipient, models.PROTECT, related_name="sheets")
    statement = models.TextField(_("statement of the provider"), max_length=LONGEST_STATEMENT, blank=True)
    statement_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawal = models.CharField(_("reason for withdrawal"), max_length=14, choices=SheetWithdrawal, blank=True)

    objects: ClassVar[models.Manager["ProviderSheet"]] = models.Manager()

    class Meta:
        verbose_name = _("provider sheet")
        verbose_name_plural = _("provider sheets")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["period", "provider"], name="provider_sheet_once"),
            models.CheckConstraint(
                condition=Q(released_by=None, released_at=None)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="provider_sheet_released_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawal="")
                | Q(
                    released_at__isnull=False,
                    withdrawn_by__isnull=False,
                    withdrawn_at__isnull=False,
                    withdrawal__in=SheetWithdrawal.values,
                ),
                name="provider_sheet_withdrawn_for_reason",
            ),
            models.CheckConstraint(
                condition=Q(statement="") | Q(statement_by__isnull=False), name="provider_sheet_statement_by_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {str(self.provider_id)[:8]}"

    @property
    def is_released(self) -> bool:
        return self.released_at is not None and self.withdrawn_at is None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


class IndependenceStatement(models.Model):
    """How the hotline keeps its independence of providers, for the yearly report of trusted flaggers. One row.

    It is frozen with the figures of each period that is closed.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    text = models.TextField(_("text"), max_length=LONGEST_STATEMENT)

    objects: ClassVar[models.Manager["IndependenceStatement"]] = models.Manager()

    class Meta:
        verbose_name = _("statement of independence")
        verbose_name_plural = _("statements of independence")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="independence_one_row")]

    def __str__(self) -> str:
        return self.text[:40]
