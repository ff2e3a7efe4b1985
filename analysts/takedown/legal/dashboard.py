"""The operators' notice on the dashboard: legal texts to check, and portals that lack a ground of their country."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, F, Func, Model, Q, QuerySet

from analysts.codes import Severity
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import LegalText, LegalTextKind, User
from analysts.takedown.legal.permissions import check_can_write_law
from audit.permissions import is_allowed
from countries.models import Portal, PortalState

COUNTRIES = Func(F("countries"), function="unnest", output_field=CharField())


@dataclass(frozen=True, slots=True)
class LawToDo:
    """`portals`: how many have a category without a ground of their country, so that letters cite the general one."""

    unchecked: int
    portals: int


def count_law(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    if not is_allowed(check_can_write_law, user):
        return {}
    active = LegalText.objects.filter(is_active=True)
    grounds = active.filter(kind=LegalTextKind.GROUND, flags=[])
    lacks_ground = Q()
    for severity in Severity:
        of_severity = grounds.filter(Q(severities=[]) | Q(severities__contains=[severity]))
        lacks_ground |= ~Q(country__in=of_severity.values_list(COUNTRIES, flat=True))
    portals = Portal.objects.filter(state__in=[state for state in PortalState if state.takes_reports])
    return {
        "legal_texts_unchecked": active.filter(LegalText.unverified()),
        "portals_without_ground": portals.exclude(country="").filter(lacks_ground),
    }


def show_law(user: User, now: datetime, counts: Counts) -> PageSection | None:
    to_do = LawToDo(counts.get("legal_texts_unchecked", 0), counts.get("portals_without_ground", 0))
    if not to_do.unchecked and not to_do.portals:
        return None
    return PageSection("analysts/takedown/legal/_dashboard.html", to_do)
