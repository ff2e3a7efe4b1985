"""The dashboard: the rooms' notices, cards and lists, in the order of the page."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import dashboard as assessment
from analysts.assessment.legend import LEGEND
from analysts.codes import Role
from analysts.figures.providers import precision
from analysts.incidents import danger_grants, volume_alert
from analysts.incidents import page_section as incidents
from analysts.incidents.few_open import find_few_takedowns
from analysts.incidents.page_kit import Counts, DashboardCard, PageSection
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.row_counts import count_each
from analysts.models import User
from analysts.operations import page_section as operations
from analysts.pages.approvals import count_answers, show_answers
from analysts.pages.emergency_notices import show_emergencies, show_waiting_banner
from analysts.retention import page_section as retention
from analysts.search import limits as search_limits
from analysts.takedown.chasing import page_section as chasing
from analysts.takedown.inbox import page_section as inbox
from analysts.takedown.legal import dashboard as legal
from analysts.takedown.recipients import performance_page as recipients
from analysts.takedown.systemic_cases import page_section as systemic_cases
from analysts.welfare import outcomes, unusual_reading, viewing
from analysts.welfare import page_section as welfare
from audit.permissions import is_allowed
from countries.staff.requests.staff_pages import staff_page

NOTICES = (
    DashboardCard(danger_grants.show_grants, danger_grants.count_grants),
    DashboardCard(show_emergencies),
    DashboardCard(show_waiting_banner),
    DashboardCard(show_answers, count_answers),
    DashboardCard(incidents.show_uncovered),
    DashboardCard(operations.show_setup),
    DashboardCard(retention.show_audit_trouble),
    DashboardCard(retention.show_health),
    DashboardCard(welfare.show_welfare),
    DashboardCard(outcomes.show_weekly, outcomes.count_weekly),
    DashboardCard(recipients.show_unverified, recipients.count_unverified),
    DashboardCard(legal.show_law, legal.count_law),
    DashboardCard(precision.show_alarmed, precision.count_alarmed),
    DashboardCard(inbox.show_to_confirm, inbox.count_to_confirm),
    DashboardCard(assessment.show_answers),
    DashboardCard(systemic_cases.show_answered, systemic_cases.count_answered),
    DashboardCard(assessment.show_closings_asked),
    DashboardCard(volume_alert.show_unusual, volume_alert.count_busy_hours),
    DashboardCard(search_limits.show_refused, search_limits.count_refused),
    DashboardCard(unusual_reading.show_unusual, unusual_reading.count_unusual),
)
CARDS = (
    DashboardCard(assessment.show_waiting),
    DashboardCard(chasing.show_due),
    DashboardCard(incidents.show_portal_care),
    DashboardCard(incidents.show_translations),
)
MINE = (DashboardCard(assessment.show_claims),)

WHAT_A_ROLE_DOES = {
    Role.ANALYST: _("You assess reports to your portals and arrange takedowns."),
    Role.SENIOR: _("You assess reports to your portals, and can release or hand over any claim."),
    Role.OPERATOR: _("You launch portals and maintain their texts. You have no access to reports."),
    Role.PARTNER: _("You view the configuration of your portals. You have no access to reports."),
    Role.AUDITOR: _("You read the audit log of what staff viewed and did. You have no access to reports."),
    Role.WELFARE: _("You look after the welfare of the people who view reports. You have no access to reports."),
    Role.TRANSLATOR: _("You translate or review the texts of public pages. You have no access to reports."),
    Role.RECIPIENT: _("You read and answer what was referred to your unit."),
    Role.ADMINISTRATOR: _("You create accounts and assign roles and portals. You have no access to reports."),
}


def dashboard_page(request: StaffRequest) -> TemplateResponse:
    user, now = request.user, timezone.now()
    few_ids = find_few_takedowns(user) if is_allowed(check_can_see_queue, user) else None
    counts = _count_cards(user, now, few_ids)
    longest = assessment.show_open(user, now, is_few=few_ids is not None)
    context = {
        "title": _("Dashboard"),
        "what_you_do": WHAT_A_ROLE_DOES[Role(user.role)],
        # Only for those who open pages of portals.
        "portals": user.visible_portals(),
        "mine": visible_sections(MINE, user, now, counts),
        "notices": visible_sections(NOTICES, user, now, counts),
        "cards": visible_sections(CARDS, user, now, counts),
        "lists": [longest] if longest else [],
        "legend": LEGEND,
    }
    if is_allowed(check_can_see_queue, user):
        viewing.view_queue(by=user, filters={"view": "dashboard"}, now=now)
    return staff_page(request, "analysts/pages/dashboard.html", context)


def _count_cards(user: User, now: datetime, few_ids: Sequence[UUID] | None) -> Counts:
    """The numbers that the cards need, with one statement instead of thirty. `few_ids`: as `find_few_takedowns`."""
    by_card = [card.counted(user, now) for card in (*NOTICES, *MINE, *CARDS) if card.counted]
    by_card += [assessment.count_queues(user, now, is_few=few_ids is not None), chasing.count_due(user, now, few_ids)]
    querysets = {name: rows for card in by_card for name, rows in card.items()}
    if len(querysets) != sum(map(len, by_card)):
        raise RuntimeError("Two cards count under one name.")
    return count_each(querysets)


def visible_sections(offered: Sequence[DashboardCard], user: User, now: datetime, counts: Counts) -> list[PageSection]:
    return [part for card in offered if (part := card.show(user, now, counts)) is not None]
