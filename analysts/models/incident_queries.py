"""The questions about sets of incidents."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, When
from django.db.models.lookups import Exact

from analysts.codes import ReviewStage, Role
from analysts.models.staff.user import User
from analysts.states import State
from countries.models import Portal

if TYPE_CHECKING:
    from analysts.models.incident import Incident  # noqa: F401 - the rows of the queryset

# The priority of incidents in a flood, and of no others.
LOWEST = 0
# The fingerprint of what the content warnings of an incident hold for: its site, or on a free host its host alone.
WARNED_OF = Case(When(is_on_free_host=True, then=F("host_fingerprint")), default=F("site_fingerprint"))
# How many rows of each kind an incident's page reads, newest first.
MOST_OF_A_KIND = 50


def portal_language(portal_id: int, language: str) -> str:
    """An entry of `Incident.portal_languages`: "12:en" for a report in English to the portal 12."""
    return f"{portal_id}:{language}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: User) -> Self:
        """Incidents sighted by a portal that the user works for."""
        # Ids as values, not a subquery, so that the planner can estimate how many incidents each portal has.
        return self.filter(portals__overlap=user.portal_array)

    def sighted_by(self, portal: Portal) -> Self:
        """Incidents named by at least one report to `portal`."""
        return self.filter(portals__contains=[portal.pk])

    def reported_in(self, portal_languages: Sequence[str]) -> Self:
        """Incidents with a report in one of these languages to its portal (`portal_language`)."""
        return self.filter(portal_languages__overlap=list(portal_languages))

    def open_to(self, user: User) -> Self:
        """Incidents that `user` has not assessed in this round; disagreements only for senior analysts."""
        from analysts.models.assessment import Assessment  # noqa: PLC0415 - Assessment points here

        # Undone assessments count too, except for the first review, which its author can repeat after undoing it.
        assessments = Assessment.objects.filter(incident=OuterRef("pk"), round=OuterRef("round"), by=user)
        # Excluded inside the subquery: with an OR outside, PostgreSQL reads all assessments of `user`.
        incidents = self.filter(~Exists(assessments.exclude(Exact(OuterRef("stage"), ReviewStage.FIRST))))
        return incidents if user.role == Role.SENIOR else incidents.exclude(stage=ReviewStage.SENIOR)

    def not_expecting(self, notices: Iterable[str]) -> Self:
        """Incidents without any of these content warnings, on themselves or on others of their host or site."""
        warned = self.model.objects.warning().filter(notices__overlap=[*notices])
        # Two subqueries: with an OR inside, PostgreSQL may read all incidents with warnings.
        of_site = warned.filter(Exact(WARNED_OF, OuterRef("site_fingerprint")))
        of_host = warned.filter(Exact(WARNED_OF, OuterRef("host_fingerprint")))
        return self.exclude(notices__overlap=[*notices]).filter(~Exists(of_site), ~Exists(of_host))

    def warning(self) -> Self:
        """Incidents with content warnings that hold for others as well: those of the same WARNED_OF."""
        # Conditions of the partial index `incident_warned_of`.
        return self.exclude(site_fingerprint=b"").exclude(notices=[])

    def waiting(self) -> Self:
        return self.filter(state=State.WAITING)

    def alike(self) -> Self:
        """Part of a flood of similar reports, shown as one row (`analysts.assessment.flood.folding`)."""
        return self.filter(priority=LOWEST)

    def apart(self) -> Self:
        """Not part of a flood."""
        return self.filter(priority__gt=LOWEST)

    def folded_on_sites(self) -> Self:
        """Waiting or in review, and part of a flood that was folded without a person."""
        folded = self.filter(state__in=[State.WAITING, State.CLAIMED], priority=LOWEST, flood=F("shape"))
        return folded.exclude(site_fingerprint=b"")

    def in_order(self) -> Self:
        """In the queue's order: highest priority first, then longest waiting."""
        return self.order_by("-priority", "waiting_since", "pk")

    def claimed_by(self, user: User, *, now: datetime) -> Self:
        return self.filter(state=State.CLAIMED, claimed_by=user, claimed_until__gt=now)

    def overdue(self, *, now: datetime) -> Self:
        """Claimed, with an expired lease."""
        return self.filter(state=State.CLAIMED, claimed_until__lte=now)

    def in_danger(self) -> Self:
        """Not assessed yet, with a report that says a child is in danger now."""
        return self.filter(child_in_danger=True, state__in=[State.WAITING, State.CLAIMED])
