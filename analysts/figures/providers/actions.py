"""Releasing and withdrawing the sheet of a provider, what it says to it, and the statement of independence."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.figures.closing import figures_of
from analysts.figures.permissions import check_can_see_figures, check_can_set_independence
from analysts.models import IndependenceStatement, PeriodClose, ProviderSheet, Recipient, SheetWithdrawal, User
from audit.actions import JSON, record_event
from audit.permissions import Denied, Late

WITHDRAWAL = ["withdrawn_by", "withdrawn_at", "withdrawal"]


def lock_sheet(by: User, close: PeriodClose, provider: Recipient) -> ProviderSheet:
    """The sheet, locked until the transaction ends; created if it is the first act on it.

    Raises Denied unless `by` may see figures, the period is confirmed and the provider has numbers in it.
    """
    check_can_see_figures(by)
    if not close.is_confirmed:
        raise Denied(_("The figures of this period are not confirmed yet."))
    if str(provider.pk) not in figures_of(close)["names"]:
        raise Denied(_("This provider has no figures in this period."))
    ProviderSheet.objects.bulk_create([ProviderSheet(period=close, provider=provider)], ignore_conflicts=True)
    return ProviderSheet.objects.select_for_update().get(period=close, provider=provider)


@transaction.atomic
def release_sheet(*, by: User, close: PeriodClose, provider: Recipient, now: datetime | None = None) -> ProviderSheet:
    """Release the sheet, also after a withdrawal: it can be sent to the provider; operators and auditors see it,
    protected.
    """
    now = now or timezone.now()
    sheet = lock_sheet(by, close, provider)
    if sheet.is_released:
        raise Late(_("This sheet has already been released."))
    sheet.released_by, sheet.released_at = by, now
    sheet.withdrawn_by, sheet.withdrawn_at, sheet.withdrawal = None, None, ""
    sheet.save(update_fields=["released_by", "released_at", *WITHDRAWAL])
    details: dict[str, JSON] = {"period": close.period, "provider": str(provider.pk)}
    record_event(by=by, action="sheet.release", on=sheet, details=details, at=now)
    return sheet


@transaction.atomic
def withdraw_sheet(
    *, by: User, close: PeriodClose, provider: Recipient, reason: SheetWithdrawal, now: datetime | None = None
) -> ProviderSheet:
    """Take a release back: others see that it was withdrawn and when, and no number. The period's figures stay."""
    now = now or timezone.now()
    sheet = lock_sheet(by, close, provider)
    if not sheet.is_released:
        raise Late(_("This sheet is not released."))
    sheet.withdrawn_by, sheet.withdrawn_at, sheet.withdrawal = by, now, reason
    sheet.save(update_fields=WITHDRAWAL)
    details: dict[str, JSON] = {"period": close.period, "provider": str(provider.pk), "reason": reason.value}
    record_event(by=by, action="sheet.withdraw", on=sheet, details=details, at=now)
    return sheet


@transaction.atomic
def write_statement(
    *, by: User, close: PeriodClose, provider: Recipient, text: str, now: datetime | None = None
) -> ProviderSheet:
    """Put what the provider says beside its sheet; an empty text takes it away."""
    now = now or timezone.now()
    sheet = lock_sheet(by, close, provider)
    sheet.statement, sheet.statement_by = text, by
    sheet.save(update_fields=["statement", "statement_by"])
    details: dict[str, JSON] = {"period": close.period, "provider": str(provider.pk), "characters": len(text)}
    record_event(by=by, action="sheet.statement", on=sheet, details=details, at=now)
    return sheet


@transaction.atomic
def write_independence(*, by: User, text: str, now: datetime | None = None) -> IndependenceStatement:
    """Write how the hotline keeps its independence. Periods that are closed keep the statement of then."""
    check_can_set_independence(by)
    statement, _is_new = IndependenceStatement.objects.update_or_create(pk=1, defaults={"text": text})
    record_event(
        by=by,
        action="figures.independence",
        details={"characters": len(text)},
        at=now or timezone.now(),
    )
    return statement
