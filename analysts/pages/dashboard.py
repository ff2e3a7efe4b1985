"""The index of the admin site: what waits, what is mine, what is due, and whether all is well."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.answers_section import answers
from analysts.assessment.forms import View
from analysts.assessment.notes_section import given_with_a_note
from analysts.assessment.permissions import check_can_see_agreement, check_can_see_codes
from analysts.codes import Role
from analysts.incidents import volume_alert
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.priority import HIGHEST
from analysts.incidents.table import MOST_COUNTED, Row, age, count, counted, rows
from analysts.models import Assessment, Incident, User
from analysts.models.incident import LOWEST
from analysts.retention import anchoring, policy
from analysts.retention.permissions import check_can_see_keys
from analysts.states import State
from analysts.takedown.chasing.lists import kinds
from analysts.takedown.notices.text_permissions import check_can_read_texts
from analysts.takedown.recipients.performance import wanted
from analysts.takedown.recipients.permissions import check_may_verify
from analysts.takedown.url_list.entries import to_review
from analysts.takedown.url_list.permissions import check_can_see_list
from analysts.welfare import viewing
from audit.permissions import allowed
from countries.staff.staff_pages import staff_page
from reports import keys
from reports.models import Arrival, KeyClass

MOST_LISTED = 10
# Among how many of the longest open incidents one's own are looked for.
MOST_SEARCHED = 50

# Names and lowest and highest priority of each band.
BANDS = (
    (_("A child may be in danger"), HIGHEST, HIGHEST),
    (_("High"), 5, HIGHEST - 1),
    (_("Other"), LOWEST + 1, 4),
)

WHAT_A_ROLE_DOES = {
    Role.ANALYST: _("You assess what is reported to your portals and have it taken down."),
    Role.SENIOR: _("You assess what is reported to your portals, and may take over or hand over any claim."),
    Role.OPERATOR: _("You open portals and keep what they say right. Reports are not open to you."),
    Role.PARTNER: _("You see your portals as they are set up. Reports are not open to you."),
    Role.AUDITOR: _("You read the record of what staff saw and did. Reports are not open to you."),
    Role.WELFARE: _("You look after the people who look at reports. Reports are not open to you."),
    Role.ADMINISTRATOR: _("You make accounts and give roles and portals. Reports are not open to you."),
}

HEALTH_ROLES = frozenset({Role.ANALYST, Role.SENIOR, Role.OPERATOR, Role.ADMINISTRATOR})
# Who is told that a portal gets far more reports than usual.
ALARM_ROLES = frozenset({Role.ANALYST, Role.SENIOR, Role.OPERATOR})
# Who is told that the audit record needs a look.
RECORD_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Band:
    name: str
    # Narrows the queue down to the band.
    query: str
    waiting: str


@dataclass(frozen=True, slots=True)
class Health:
    """Counts and times only. `keys_wanting` names each class whose key is missing or not this month's."""

    longest_waiting: str
    not_taken_in: str
    keys_wanting: list[str]
    # How many wait longer than `overdue_days`; empty where none does.
    overdue: str
    overdue_days: int


def dashboard(request: StaffRequest, app_list: list[dict[str, Any]]) -> TemplateResponse:
    now = timezone.now()
    role = Role(request.user.role)
    context: dict[str, Any] = {
        "title": _("Dashboard"),
        "app_list": app_list,
        "what_you_do": WHAT_A_ROLE_DOES[role],
        "health": health(now) if role in HEALTH_ROLES else None,
        "record_trouble": anchoring.trouble(now) if role in RECORD_ROLES else "",
        "sees_keys": allowed(check_can_see_keys, request.user),
        "sees_codes": allowed(check_can_see_codes, request.user),
        "sees_list": allowed(check_can_see_list, request.user),
        "sees_texts": allowed(check_can_read_texts, request.user),
        "sees_agreement": allowed(check_can_see_agreement, request.user),
        "unverified": wanted().count() if allowed(check_may_verify, request.user) else 0,
        "portals": request.user.portals.all(),
        "unusual": volume_alert.unusual(request.user.portals.all(), now=now) if role in ALARM_ROLES else [],
        "bands": None,
        "answers": [],
    }
    if allowed(check_can_see_queue, request.user):
        context |= {
            "bands": bands(request.user),
            "answers": answers(request.user),
            "mine": mine(request.user, now),
            "due": due(request.user, now),
            "due_kinds": kinds(request.user, now),
            "reviews": counted(to_review(request.user, on=now.date())[:MOST_COUNTED].count()),
            "now": now,
        }
        viewing.view_queue(by=request.user, filters={"view": "dashboard"}, now=now)
    return staff_page(request, "analysts/pages/dashboard.html", context)


def bands(user: User) -> list[Band]:
    waiting = Incident.objects.visible_to(user).waiting()
    by_priority = [
        Band(str(name), f"priority={lowest}", count(waiting.filter(priority__range=(lowest, highest))))
        for name, lowest, highest in BANDS
    ]
    folded = waiting.alike()
    return [
        *by_priority,
        Band(gettext("Many nearly alike"), f"view={View.ALIKE}", count(folded)),
        # The view of danger shows them last.
        Band(gettext("Of these, a child may be in danger"), f"view={View.DANGER}", count(folded.in_danger())),
    ]


def mine(user: User, now: datetime) -> list[Row]:
    """What the user has claimed, the claim that ends first before the others."""
    claims = Incident.objects.claimed_by(user, now=now).select_related("key").order_by("claimed_until")
    givers = given_with_a_note(user)
    return [
        replace(row, handed_over_by=givers.get(row.incident.pk, "")) for row in rows(claims[:MOST_LISTED], user, now)
    ]


def due(user: User, now: datetime) -> list[Row]:
    """Illegal and not yet closed: those the user assessed before the others, the longest untouched first."""
    longest = (
        Incident.objects.visible_to(user)
        .select_related("key")
        .filter(state__in=[State.ASSESSED, State.ACTING])
        .annotate(mine=Exists(Assessment.objects.filter(incident=OuterRef("pk"), by=user)))
        .order_by("last_sighted")[:MOST_SEARCHED]
    )
    own_first = sorted(longest, key=lambda incident: not incident.mine)  # type: ignore[attr-defined] # annotated
    return rows(own_first[:MOST_LISTED], user, now)


def health(now: datetime) -> Health:
    oldest = oldest_waiting()
    # Asked only where there can be any: nothing that waits is older.
    too_long = oldest is not None and oldest < now - timedelta(days=settings.UNASSESSED_DAYS)
    return Health(
        longest_waiting=age(oldest, now) if oldest else "",
        overdue=count(policy.unassessed_too_long(now=now)) if too_long else "",
        overdue_days=settings.UNASSESSED_DAYS,
        not_taken_in=counted(Arrival.objects.all()[:MOST_COUNTED].count()),
        keys_wanting=[str(key_class.label) for key_class in KeyClass if not sealed_by_current_key(key_class, now)],
    )


def oldest_waiting() -> datetime | None:
    """Since when the longest waiting incident waits: one descent of the queue's index for each priority."""
    first, *others = [
        Incident.objects.waiting().filter(priority=priority).order_by("waiting_since").values_list("waiting_since")[:1]
        for priority in range(HIGHEST + 1)
    ]
    return min((hour for (hour,) in first.union(*others, all=True)), default=None)


def sealed_by_current_key(key_class: KeyClass, now: datetime) -> bool:
    try:
        return keys.is_of_month(keys.public_key(now, key_class).id, now)
    except keys.NoOpenKey:
        return False
