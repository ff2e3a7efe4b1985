"""The operators' notice on the dashboard: legal texts to check, and portals whose country has no legal ground."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, F, Func, Model, QuerySet

from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import LegalText, LegalTextKind, User
from analysts.takedown.legal.permissions import check_can_write_law
from audit.permissions import is_allowed
from countries.models import Portal, PortalState


@dataclass(frozen=True, slots=True)
class LawToDo:
    unchecked: int
    portals: int


def count_law(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    if not is_allowed(check_can_write_law, user):
        return {}
    active = LegalText.objects.filter(is_active=True)
    countries = active.filter(kind=LegalTextKind.GROUND).values_list(
        Func(F("countries"), function="unnest", output_field=CharField()), flat=True
    )
    portals = Portal.objects.filter(state__in=[state for state in PortalState if state.takes_reports])
    return {
        "legal_texts_unchecked": active.filter(LegalText.unverified()),
        "portals_without_ground": portals.exclude(country="").exclude(country__in=countries),
    }


def show_law(user: User, now: datetime, counts: Counts) -> PageSection | None:
    to_do = LawToDo(counts.get("legal_texts_unchecked", 0), counts.get("portals_without_ground", 0))
    if not to_do.unchecked and not to_do.portals:
        return None
    return PageSection("analysts/takedown/legal/_dashboard.html", to_do)
