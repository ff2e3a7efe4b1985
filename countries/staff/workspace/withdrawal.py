"""Withdrawal: one operator takes something wrong off the public pages at once, a second one confirms or lifts it.

Nothing is typed for the public: pages fall back to what two operators approved before, or leave the sentence out. The
last telephone number of a help page or of the danger box goes only with a stand-in, or with a second operator's
agreement. The worker alarms until it is decided (`analysts.accounts.operator_mails`).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied, HasPermissions, Late
from countries.models import ItemKind, Portal, PortalState, Withdrawal, WithdrawalOutcome, WithdrawnItem
from countries.public import published
from countries.public.published_portal import PublishedPortal
from countries.public.withdrawn import Withdrawn, read_withdrawn
from countries.staff.requests.approvals import StaffMember, check_is_operator, check_is_second_person
from countries.staff.workspace.withdrawal_items import (
    OfferedItem,
    find_current,
    find_emptied,
    offered_items,
    possible_stand_ins,
)


class LastNumber(Denied):
    """Refused because pages would lose their last number; with a stand-in or a second operator it is possible."""

    def __init__(self, pages: Sequence[str]) -> None:
        super().__init__(
            _(
                "It is the last telephone number of: %(pages)s. Choose a number in its place, or ask another operator "
                "first."
            )
            % {"pages": get_text_list(list(pages), gettext("and"))}
        )


def check_can_withdraw(user: HasPermissions, portal: Portal) -> None:
    """Raises Denied."""
    check_is_operator(user)
    if not PortalState(portal.state).visible:
        raise Denied(_("The public cannot see this portal: change it directly."))


def check_can_decide_withdrawal(user: StaffMember, withdrawal: Withdrawal) -> None:
    """Raises Denied, Late if another person was faster."""
    check_is_operator(user)
    if withdrawal.outcome:
        raise Late(_("This withdrawal has already been decided."))
    refusal = _("Another operator must confirm or lift your withdrawal.")
    check_is_second_person(user, withdrawal.withdrawn_by_id, withdrawal.withdrawn_at, refusal=refusal)


@transaction.atomic
def withdraw_item(
    *,
    by: StaffMember,
    portal: Portal,
    item: str,
    reason: str,
    stand_in: int | None = None,
    asks_second: bool = False,
    now: datetime | None = None,
) -> Withdrawal:
    """Withdraw the item (`OfferedItem.value`) from every page that shows it, until it changes or that is lifted.

    `stand_in`: the id of the contact that takes a contact's place. `asks_second`: leave it on the pages until a second
    operator agrees. Raises Denied; LastNumber if a page would lose its last number at once.
    """
    now = now or timezone.now()
    portal = Portal.objects.locked().get(pk=portal.pk)
    check_can_withdraw(by, portal)
    if not reason.strip():
        raise Denied(_("Give a reason."))
    offered = _find_offered(portal, item)
    if stand_in is not None:
        _check_stand_in(portal, offered, stand_in)
    if not asks_second:
        before = _pages_with(portal, offered)
        _store_item(offered, stand_in)
        _check_numbers(before, _pages_with(portal, offered))
    withdrawal = _store_withdrawal(by, portal, offered, reason.strip(), stand_in, is_at_once=not asks_second, now=now)
    details: dict[str, JSON] = {"item": str(offered.item.kind), "name": offered.name, "reason": reason.strip()}
    if asks_second:
        record_event(by=by, action="portal.request_withdrawal", on=portal, portal=portal.slug, details=details, at=now)
    else:
        record_event(by=by, action="portal.withdraw_item", on=portal, portal=portal.slug, details=details, at=now)
    return withdrawal


@transaction.atomic
def decide_withdrawal(
    *, by: StaffMember, withdrawal: Withdrawal, outcome: str, now: datetime | None = None
) -> Withdrawal:
    """Confirm the withdrawal, which then lasts until two operators approve another value, or lift it.

    Raises Denied, Late; ValueError for an outcome that no person decides.
    """
    now, outcome = now or timezone.now(), WithdrawalOutcome(outcome)
    if outcome is WithdrawalOutcome.REPLACED:
        raise ValueError(outcome)
    portal = Portal.objects.locked().get(pk=withdrawal.portal_id)
    withdrawal = Withdrawal.objects.select_for_update(of=("self",)).get(pk=withdrawal.pk)
    check_can_decide_withdrawal(by, withdrawal)
    if outcome is WithdrawalOutcome.LIFTED:
        _items_of(withdrawal).delete()
    elif not withdrawal.is_at_once:
        values = {"digest": withdrawal.digest, "stand_in": withdrawal.stand_in}
        WithdrawnItem.objects.update_or_create(kind=withdrawal.kind, key=withdrawal.key, defaults=values)
    withdrawal.outcome, withdrawal.decided_by_id, withdrawal.decided_at = outcome, by.pk, now
    withdrawal.save(update_fields=["outcome", "decided_by", "decided_at"])
    # This process shows the change at once, the others within seconds.
    transaction.on_commit(published.clear_cache)
    details: dict[str, JSON] = {
        "item": str(withdrawal.kind),
        "name": withdrawal.name,
        "requested_by": AccountId(withdrawal.withdrawn_by_id),
    }
    if outcome is WithdrawalOutcome.LIFTED:
        record_event(by=by, action="portal.lift_withdrawal", on=portal, portal=portal.slug, details=details, at=now)
    else:
        record_event(by=by, action="portal.confirm_withdrawal", on=portal, portal=portal.slug, details=details, at=now)
    return withdrawal


@transaction.atomic
def end_replaced(*, now: datetime | None = None) -> int:
    """End waiting withdrawals whose item two operators have changed or removed meanwhile; returns their number."""
    now, number = now or timezone.now(), 0
    waiting = Withdrawal.objects.waiting().select_related("portal")
    for withdrawal in waiting.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        current = find_current(withdrawal.kind, withdrawal.key)
        if current is not None and current.digest == withdrawal.digest:
            continue
        _items_of(withdrawal).delete()
        withdrawal.outcome, withdrawal.decided_at = WithdrawalOutcome.REPLACED, now
        withdrawal.save(update_fields=["outcome", "decided_at"])
        details: dict[str, JSON] = {"item": str(withdrawal.kind), "name": withdrawal.name}
        portal = withdrawal.portal
        record_event(by=None, action="portal.end_withdrawal", on=portal, portal=portal.slug, details=details, at=now)
        number += 1
    return number


def shown_stand_ins(portal: Portal, withdrawn: Withdrawn | None = None) -> list[tuple[int, str]]:
    """The contacts that may take another one's place: id, and name with number."""
    contacts = possible_stand_ins(portal, withdrawn or read_withdrawn())
    return [(contact.pk, f"{contact.name}: {contact.phone}") for contact in contacts]


def _find_offered(portal: Portal, item: str) -> OfferedItem:
    offered = next((offered for offered in offered_items(portal.pk) if offered.value == item), None)
    if offered is None:
        raise Denied(_("The portal’s pages show no such item any more. Reload the page."))
    if offered.is_withdrawn:
        raise Denied(_("It is withdrawn already."))
    return offered


def _check_stand_in(portal: Portal, offered: OfferedItem, stand_in: int) -> None:
    if offered.item.kind != ItemKind.CONTACT or str(stand_in) == offered.item.key:
        raise Denied(_("Only another contact can stand in, and only for a contact."))
    if stand_in not in [contact.pk for contact in possible_stand_ins(portal, read_withdrawn())]:
        raise Denied(_("This contact cannot stand in: it is not shown itself, or has no telephone number."))


def _store_item(offered: OfferedItem, stand_in: int | None) -> None:
    item = offered.item
    values = {"digest": item.digest, "stand_in": stand_in}
    WithdrawnItem.objects.update_or_create(kind=item.kind, key=item.key, defaults=values)
    transaction.on_commit(published.clear_cache)


def _store_withdrawal(
    by: StaffMember,
    portal: Portal,
    offered: OfferedItem,
    reason: str,
    stand_in: int | None,
    *,
    is_at_once: bool,
    now: datetime,
) -> Withdrawal:
    try:
        with transaction.atomic():
            return Withdrawal.objects.create(
                portal=portal,
                kind=offered.item.kind,
                key=offered.item.key,
                digest=offered.item.digest,
                name=offered.name,
                stand_in=stand_in,
                is_at_once=is_at_once,
                reason=reason,
                withdrawn_by_id=by.pk,
                withdrawn_at=now,
            )
    except IntegrityError:
        # `withdrawal_one_waiting`: decided by the database, so that the loser of a race is informed.
        raise Denied(_("Another operator’s withdrawal of it is waiting for a decision.")) from None


def _pages_with(portal: Portal, offered: OfferedItem) -> dict[str, PublishedPortal]:
    """By slug, the public's portals that may show the item: a help service or a picture is on several."""
    if offered.item.kind == ItemKind.SERVICE:
        return {shown.slug: shown for shown in published.all_as_stored() if shown.state.visible}
    return {portal.slug: published.as_stored(portal.pk)}


def _check_numbers(before: dict[str, PublishedPortal], after: dict[str, PublishedPortal]) -> None:
    """Raises LastNumber; the transaction of the caller takes the withdrawal back."""
    several = len(before) > 1
    pages = [
        f"{portal.name}: {page}" if several else page
        for slug, portal in after.items()
        for page in find_emptied(before[slug], portal)
    ]
    if pages:
        raise LastNumber(pages)


def _items_of(withdrawal: Withdrawal) -> models.QuerySet[WithdrawnItem]:
    return WithdrawnItem.objects.filter(kind=withdrawal.kind, key=withdrawal.key, digest=withdrawal.digest)
