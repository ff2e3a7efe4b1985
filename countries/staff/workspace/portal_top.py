"""State, launch checklist and test report of a portal, as the steps of its workspace show them."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from audit.permissions import HasPermissions, is_allowed
from countries.models import ApprovalRequest, Portal, PortalState
from countries.staff.document.checklist_item import Checklist
from countries.staff.requests.staff_pages import format_day
from countries.staff.workspace.checklist import PREFETCHED, build_checklist
from countries.staff.workspace.lifecycle import TEST_SITE
from countries.staff.workspace.permissions import check_can_change_portal
from countries.staff.workspace.portal_list import state_label
from countries.staff.workspace.state_page import StateButton, state_buttons


@dataclass(frozen=True, slots=True)
class Top:
    # The stored row, which a form that was refused does not change.
    portal: Portal
    state: str
    # Whether the portal did not open on its scheduled day.
    missed: bool
    checklist: Checklist
    buttons: list[StateButton]
    may_change: bool
    # The portal's public address; "" if PUBLIC_URL is not set.
    public_address: str
    test_address: str
    tested_on: str
    is_covered: bool
    # Whether the public can send reports or hold receipts.
    is_known: bool
    # Address of the waiting approval request; "" if none.
    approval_address: str
    # Whether the test report can be sent now.
    takes_test: bool


def portal_top(user: HasPermissions, portal: Portal) -> Top:
    """Build the part from the stored row of `portal`."""
    stored = Portal.objects.prefetch_related(*PREFETCHED).get(pk=portal.pk)
    may_change = is_allowed(check_can_change_portal, user, stored)
    waiting = ApprovalRequest.objects.waiting_about(stored).first() if may_change else None
    checklist = build_checklist(stored, timezone.localdate())
    return Top(
        portal=stored,
        state=state_label(stored),
        missed=stored.opening_missed_on is not None,
        checklist=checklist,
        buttons=state_buttons(user, stored) if may_change else [],
        may_change=may_change,
        public_address=f"{settings.PUBLIC_URL}/{stored.slug}/" if settings.PUBLIC_URL else "",
        test_address=f"https://{stored.test_code}{TEST_SITE}/",
        tested_on=format_day(stored.tested_on),
        is_covered=all(item.key != "coverage" for item in checklist.open),
        is_known=PortalState(stored.state).visible,
        approval_address=reverse("admin:approval", args=[waiting.pk]) if waiting else "",
        takes_test=PortalState(stored.state).takes_reports,
    )
