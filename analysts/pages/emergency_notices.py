"""The dashboard's notices about exceptions that wait for a second person: emergency suspensions, a banner."""

from dataclasses import dataclass
from datetime import datetime

from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import User
from countries.models import EmergencySuspension, InstallationMode, ModeKind, Withdrawal

EMERGENCY_ROLES = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class EmergencyLists:
    """Stops by one operator that no second one has decided."""

    suspensions: list[EmergencySuspension]
    withdrawals: list[Withdrawal]


def show_emergencies(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The suspensions and withdrawals by one operator that no second operator has confirmed or lifted."""
    if user.role not in EMERGENCY_ROLES:
        return None
    lists = EmergencyLists(
        list(EmergencySuspension.objects.waiting().select_related("portal", "suspended_by")),
        list(Withdrawal.objects.waiting().select_related("portal", "withdrawn_by")),
    )
    if not (lists.suspensions or lists.withdrawals):
        return None
    return PageSection("analysts/pages/_dashboard_emergencies.html", lists)


def show_waiting_banner(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The banner that waits for a second administrator."""
    if user.role != Role.ADMINISTRATOR:
        return None
    banner = InstallationMode.objects.open().filter(kind=ModeKind.BANNER).select_related("started_by").first()
    return PageSection("analysts/pages/_dashboard_banner.html", banner) if banner and banner.is_waiting else None
