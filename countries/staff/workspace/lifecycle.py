"""Actions that change a portal's state, with permission checks, a reason and an audit event."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actions import JSON, record_event
from audit.permissions import Denied
from countries.models import Portal, PortalState
from countries.outgoing_effects import PORTAL_OPENINGS, is_held
from countries.public import published
from countries.staff.requests.approvals import StaffMember
from countries.staff.workspace.launch_date import LAUNCHING, LaunchDate, set_launch_date
from countries.staff.workspace.permissions import NotReady, check_can_be_moved, check_can_move
from countries.states import Verb, target

# Domain of the web address in a portal's test report, below its test code. It never exists.
TEST_SITE = ".test-report.invalid"


@transaction.atomic
def transition_portal(
    *,
    by: StaffMember,
    portal: Portal,
    verb: str,
    reason: str,
    opens_on: date | None = None,
    launch: LaunchDate | None = None,
    now: datetime | None = None,
) -> Portal:
    """Apply a verb of `TRANSITIONS` to the portal and return its current row.

    `opens_on`, a day after today, is for `schedule` only; `launch`, the date that the public reads, for `launch` and
    `schedule`: by default that of an earlier launch here, or the day on which the portal opens.

    Raises Denied with the reason, NotReady (a Denied) with the open items of the checklist, and ValueError for an
    unknown verb.
    """
    verb = Verb(verb)
    today = timezone.localdate(now)
    portal = Portal.objects.locked().get(pk=portal.pk)
    check_can_move(by, portal, verb, today)
    if not reason.strip():
        raise Denied(_("Give a reason."))
    if verb is Verb.SCHEDULE and (opens_on is None or opens_on <= today):
        raise Denied(_("Choose a day after today."))
    if verb in LAUNCHING:
        set_launch_date(portal, launch, today)
    return _apply_verb(portal, verb, by=by, reason=reason.strip(), opens_on=opens_on, today=today)


def open_due(now: datetime | None = None) -> int:
    """Open scheduled portals whose day has come; return the number opened.

    A portal whose checklist is no longer complete stays scheduled, which is recorded once. All stay scheduled while a
    lockdown holds openings.
    """
    if is_held(PORTAL_OPENINGS):
        return 0
    today = timezone.localdate(now)
    due = Portal.objects.filter(state=PortalState.SCHEDULED, opens_on__lte=today).order_by("pk")
    return sum(_open_scheduled(portal, today) for portal in due)


@transaction.atomic
def _open_scheduled(portal: Portal, today: date) -> bool:
    portal = Portal.objects.locked().get(pk=portal.pk)
    # The state may have changed while this waited for the lock.
    if portal.state != PortalState.SCHEDULED or portal.opens_on is None or portal.opens_on > today:
        return False
    try:
        check_can_be_moved(portal, Verb.LAUNCH, today)
    except NotReady as missing:
        if portal.opening_missed_on is None:
            portal.opening_missed_on = today
            portal.save(update_fields=["opening_missed_on"])
            details: dict[str, JSON] = {
                "opens_on": portal.opens_on.isoformat(),
                "missing": [item.key for item in missing.items],
            }
            record_event(by=None, action="portal.opening_missed", on=portal, portal=portal.slug, details=details)
        return False
    _apply_verb(portal, Verb.LAUNCH, by=None, reason="", opens_on=None, today=today)
    return True


@transaction.atomic
def note_test_report(portal_id: int, *, now: datetime | None = None) -> None:
    """Record that the portal's test report was received through its form. Later ones change nothing."""
    portal = Portal.objects.locked().get(pk=portal_id)
    if portal.tested_on is not None:
        return
    portal.tested_on = timezone.localdate(now)
    portal.save(update_fields=["tested_on"])
    record_event(by=None, action="portal.tested", on=portal, portal=portal.slug)


def _apply_verb(
    portal: Portal, verb: Verb, *, by: StaffMember | None, reason: str, opens_on: date | None, today: date
) -> Portal:
    before = portal.state
    portal.state, portal.emergency_suspended = target(verb), False
    portal.opens_on = opens_on if verb is Verb.SCHEDULE else None
    portal.opening_missed_on = None
    if verb is Verb.LAUNCH and portal.launched_on is None:
        portal.launched_on = today
    fields = ["state", "emergency_suspended", "opens_on", "opening_missed_on", "launched_on", "launch_source"]
    portal.save(update_fields=fields)
    details: dict[str, JSON] = {"from": before, "to": portal.state, "reason": reason}
    if verb is Verb.LAUNCH:
        details["launched_on"] = str(portal.launched_on)
    if portal.opens_on:
        details["opens_on"] = portal.opens_on.isoformat()
    # This process shows the change at once, the others within seconds.
    transaction.on_commit(published.clear_cache)
    record_event(by=by, action=f"portal.{verb.value}", on=portal, portal=portal.slug, details=details)
    return portal
