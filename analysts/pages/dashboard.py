"""The dashboard: the rooms' notices, cards and lists, in the order of the page."""

from collections.abc import Sequence
from datetime import datetime

from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import dashboard as assessment
from analysts.codes import Role
from analysts.incidents import coverage_section, danger_grants, portal_care_section, volume_alert
from analysts.incidents.page_kit import PageSection, ShowCard
from analysts.incidents.permissions import check_can_see_queue
from analysts.models import User
from analysts.retention import page_section as retention
from analysts.takedown.chasing import page_section as chasing
from analysts.takedown.recipients import performance_page as recipients
from analysts.takedown.url_list import page_section as url_list
from analysts.welfare import page_section as welfare
from analysts.welfare import viewing
from audit.permissions import is_allowed
from countries.staff.staff_pages import staff_page

NOTICES: tuple[ShowCard, ...] = (
    danger_grants.show_grants,
    coverage_section.show_uncovered,
    retention.show_audit_trouble,
    welfare.show_welfare,
    recipients.show_unverified,
    assessment.show_answers,
    assessment.show_closings_asked,
    volume_alert.show_unusual,
)
CARDS: tuple[ShowCard, ...] = (
    assessment.show_waiting,
    chasing.show_due,
    retention.show_health,
    portal_care_section.show_portal_care,
    url_list.show_list,
    assessment.show_rules,
)
LISTS: tuple[ShowCard, ...] = (assessment.show_claims, assessment.show_open)

WHAT_A_ROLE_DOES = {
    Role.ANALYST: _("You assess reports to your portals and arrange takedowns."),
    Role.SENIOR: _("You assess reports to your portals, and can release or hand over any claim."),
    Role.OPERATOR: _("You launch portals and maintain their texts. You have no access to reports."),
    Role.PARTNER: _("You view the configuration of your portals. You have no access to reports."),
    Role.AUDITOR: _("You read the audit log of what staff viewed and did. You have no access to reports."),
    Role.WELFARE: _("You look after the welfare of the people who view reports. You have no access to reports."),
    Role.ADMINISTRATOR: _("You create accounts and assign roles and portals. You have no access to reports."),
}


def dashboard_page(request: StaffRequest, app_list: list[dict[str, object]]) -> TemplateResponse:
    user, now = request.user, timezone.now()
    context = {
        "title": _("Dashboard"),
        "app_list": app_list,
        "what_you_do": WHAT_A_ROLE_DOES[Role(user.role)],
        "portals": user.visible_portals(),
        "notices": visible_sections(NOTICES, user, now),
        "cards": visible_sections(CARDS, user, now),
        "lists": visible_sections(LISTS, user, now),
    }
    if is_allowed(check_can_see_queue, user):
        viewing.view_queue(by=user, filters={"view": "dashboard"}, now=now)
    return staff_page(request, "analysts/pages/dashboard.html", context)


def visible_sections(offered: Sequence[ShowCard], user: User, now: datetime) -> list[PageSection]:
    return [card for show in offered if (card := show(user, now)) is not None]
