"""The operators' dashboard card: contacts that are due for a check, and texts that are due for a review."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import User
from countries.staff.checklist_counts import visible_texts_due
from countries.staff.contact_checks import visible_contacts_due


@dataclass(frozen=True, slots=True)
class PortalCare:
    """How many contacts, and how many texts in one language, of portals that the public sees."""

    contacts: int
    texts: int


def show_portal_care(user: User, now: datetime, counts: Counts) -> PageSection | None:
    if user.role != Role.OPERATOR:
        return None
    today = timezone.localdate(now)
    care = PortalCare(contacts=visible_contacts_due(today).count(), texts=visible_texts_due(today))
    return PageSection("analysts/incidents/_dashboard_portal_care.html", care) if care.contacts or care.texts else None
