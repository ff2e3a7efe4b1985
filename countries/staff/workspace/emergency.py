"""Emergency suspension: one operator suspends a live portal at once, a second one confirms or lifts it.

It is the one exception to the rule of two operators (docs/decisions/portals.md), so it can only stop reports: no text
is typed for the public, and pages show reviewed messages or the product's own sentence. The worker alarms until it is
decided (`analysts.accounts.operator_mails`).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied, HasPermissions, Late
from countries.languages import language_name, text_direction, words_language
from countries.models import EmergencyOutcome, EmergencySuspension, Portal, PortalState
from countries.models.text_review import emergency_message
from countries.public import published
from countries.public.standard_texts import suspended_sentence
from countries.staff.requests.approvals import StaffMember, check_is_operator, check_is_second_person


@dataclass(frozen=True, slots=True)
class EmergencyMessage:
    """The message of pages in one language meanwhile. `is_own`: the portal's reviewed message, not the product's."""

    language: str
    language_name: str
    text: str
    text_language: str
    direction: str
    is_own: bool


def emergency_messages(portal: Portal) -> list[EmergencyMessage]:
    """The message in each of the portal's languages, in their order."""
    return [
        _build_message(text.language, emergency_message(text))
        for text in sorted(portal.texts.all(), key=lambda text: (text.position, text.pk))
    ]


def _build_message(tag: str, message: str) -> EmergencyMessage:
    shown_in = tag if message else words_language(tag)
    with translation.override(words_language(tag)):
        text = message or suspended_sentence()
    return EmergencyMessage(tag, language_name(tag), text, shown_in, text_direction(shown_in), bool(message))


def check_can_suspend_at_once(user: HasPermissions, portal: Portal) -> None:
    """Raises Denied."""
    check_is_operator(user)
    if portal.state != PortalState.LIVE:
        raise Denied(_("Not possible while the portal is %(state)s.") % {"state": PortalState(portal.state).label})


def check_can_decide_suspension(user: StaffMember, suspension: EmergencySuspension) -> None:
    """Raises Denied, Late if another person was faster."""
    check_is_operator(user)
    if suspension.outcome:
        raise Late(_("Another operator has already confirmed or lifted the suspension."))
    refusal = _("Another operator must confirm or lift your suspension.")
    check_is_second_person(user, suspension.suspended_by_id, suspension.suspended_at, refusal=refusal)


@transaction.atomic
def suspend_at_once(
    *, by: StaffMember, portal: Portal, reason: str, now: datetime | None = None
) -> EmergencySuspension:
    """Suspend a live portal without a second operator, until one confirms or lifts it. Raises Denied."""
    now = now or timezone.now()
    portal = Portal.objects.locked().get(pk=portal.pk)
    check_can_suspend_at_once(by, portal)
    if not reason.strip():
        raise Denied(_("Give a reason."))
    suspension = EmergencySuspension.objects.create(
        portal=portal, reason=reason.strip(), suspended_by_id=by.pk, suspended_at=now
    )
    details: dict[str, JSON] = {"reason": reason.strip(), **_move_portal(portal, PortalState.SUSPENDED)}
    record_event(by=by, action="portal.suspend_alone", on=portal, portal=portal.slug, details=details, at=now)
    return suspension


@transaction.atomic
def decide_suspension(
    *, by: StaffMember, suspension: EmergencySuspension, outcome: str, now: datetime | None = None
) -> EmergencySuspension:
    """Confirm the suspension, which then lasts like any other, or lift it: the portal is live again.

    Raises Denied, Late; ValueError for an unknown outcome.
    """
    now, outcome = now or timezone.now(), EmergencyOutcome(outcome)
    portal = Portal.objects.locked().get(pk=suspension.portal_id)
    suspension = EmergencySuspension.objects.select_for_update(of=("self",)).get(pk=suspension.pk)
    check_can_decide_suspension(by, suspension)
    suspension.outcome, suspension.decided_by_id, suspension.decided_at = outcome, by.pk, now
    suspension.save(update_fields=["outcome", "decided_by", "decided_at"])
    details: dict[str, JSON] = {
        "requested_by": AccountId(suspension.suspended_by_id),
    }
    if outcome is EmergencyOutcome.LIFTED:
        details |= _move_portal(portal, PortalState.LIVE)
        record_event(by=by, action="portal.lift_suspension", on=portal, portal=portal.slug, details=details, at=now)
    else:
        record_event(by=by, action="portal.confirm_suspension", on=portal, portal=portal.slug, details=details, at=now)
    return suspension


def _move_portal(portal: Portal, state: PortalState) -> dict[str, JSON]:
    """Save the state; the old and new one, for the event."""
    before = str(portal.state)
    portal.state, portal.emergency_suspended = state, state is PortalState.SUSPENDED
    portal.save(update_fields=["state", "emergency_suspended"])
    # This process shows the change at once, the others within seconds.
    transaction.on_commit(published.clear_cache)
    return {"from": before, "to": state.value}
