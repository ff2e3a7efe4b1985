"""The operators' dashboard card: contacts that are due for a check, texts for a review, services to be verified."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import User
from countries.models import HelpService
from countries.staff.checklist_counts import visible_texts_due
from countries.staff.contact_checks import visible_contacts_due


@dataclass(frozen=True, slots=True)
class PortalCare:
    """How many contacts, and texts in one language, of portals that the public sees; and unverified help services."""

    contacts: int
    texts: int
    services: int


def show_portal_care(user: User, now: datetime, counts: Counts) -> PageSection | None:
    if user.role != Role.OPERATOR:
        return None
    today = timezone.localdate(now)
    care = PortalCare(
        contacts=visible_contacts_due(today).count(),
        texts=visible_texts_due(today),
        services=HelpService.objects.filter(verified_on=None).count(),
    )
    is_due = care.contacts or care.texts or care.services
    return PageSection("analysts/incidents/_dashboard_portal_care.html", care) if is_due else None
