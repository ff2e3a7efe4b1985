"""Incidents that wait for the same route: one country, one provider, and so the same steps and recipients."""

import uuid
from collections import Counter
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.codes import Severity
from analysts.incidents.bulk_actions import MOST_AT_ONCE
from analysts.incidents.table import MOST_COUNTED
from analysts.models import Chase, Incident, Recipient, RecipientKind, RouteStep, User
from analysts.takedown.facts.redaction import needs_confirmation
from analysts.takedown.routing import permissions
from analysts.takedown.routing.destinations import national_recipients
from analysts.takedown.routing.proposing import describe_recipient
from analysts.takedown.routing.rules import Proposal, propose_route
from analysts.takedown.tracing.page_section import place_label
from analysts.takedown.url_list.permissions import NOT_LISTED
from audit.permissions import Denied

# The largest groups; the others are confirmed one by one, or once these are done.
MOST_GROUPS = 30

ONE_BY_ONE = gettext_lazy("This step needs a recipient that is chosen for each incident. Confirm these one by one.")
NO_RULE = gettext_lazy("No routing rule covers this country. Confirm these one by one.")


@dataclass(frozen=True, slots=True)
class LikeRoutes:
    """A group of incidents without a confirmed route. `number`: how many of the longest waiting."""

    country: str
    provider: uuid.UUID
    place: str
    number: int


@dataclass(frozen=True, slots=True)
class PlannedRouteStep:
    """A step that the route would have: its recipient ("" for the URL list), its delay in hours, and the reasons."""

    label: str
    to: str
    after_hours: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupRoute:
    """The route of a group. `why_not`: why it cannot be confirmed for all at once; ""."""

    place: str
    proposal: Proposal
    steps: list[PlannedRouteStep]
    why_not: str | Promise

    @property
    def mark(self) -> str:
        """The steps as text: the confirmation compares them, because a rule may have changed meanwhile."""
        return " ".join(self.proposal.steps)


def group_unrouted(user: User) -> list[LikeRoutes]:
    """The largest groups among the first MOST_COUNTED incidents without a route. Two queries."""
    waiting = Chase.objects.visible_to(user).unrouted().values_list("country", "provider")[:MOST_COUNTED]
    largest = Counter(waiting).most_common(MOST_GROUPS)
    providers = Recipient.objects.in_bulk([provider for (_country, provider), _number in largest])
    return [
        LikeRoutes(country, provider, place_label(country, providers[provider]), number)
        for (country, provider), number in largest
        if provider in providers
    ]


def waiting_of_group(user: User, country: str, provider: Recipient) -> list[uuid.UUID]:
    """The first MOST_AT_ONCE incidents of the group, longest waiting first."""
    waiting = Chase.objects.visible_to(user).unrouted().filter(country=country, provider=provider)
    return list(waiting.values_list("incident", flat=True)[:MOST_AT_ONCE])


def build_group_route(country: str, provider: Recipient) -> GroupRoute:
    proposal = propose_route(country)
    national = national_recipients(country)
    steps: list[PlannedRouteStep] = []
    why_not: str | Promise = "" if proposal.steps else NO_RULE
    for proposed in proposal.proposed:
        recipient = _recipient_of(proposed.step, provider, national)
        if recipient is None and proposed.step.recipient_kind:
            why_not = ONE_BY_ONE
        to = describe_recipient(recipient) if recipient else ""
        steps.append(PlannedRouteStep(str(proposed.step.label), to, proposed.after_hours, proposed.reasons))
    return GroupRoute(place_label(country, provider), proposal, steps, why_not)


def _recipient_of(
    step: RouteStep, provider: Recipient, national: dict[RecipientKind, list[Recipient]]
) -> Recipient | None:
    """The recipient that the route takes without a choice, as `referrals.recipients_of` does."""
    kind = step.recipient_kind
    if kind is None:
        return None
    if kind.row.is_traced:
        return provider
    return next(iter(national.get(kind, [])), None)


def check_can_take(user: User, incident: Incident, route: GroupRoute) -> None:
    """Raise Denied if the incident, once traced, cannot take the route of its group."""
    if route.why_not:
        raise Denied(route.why_not)
    permissions.check_can_route_once_traced(user, incident)
    if incident.severity and not Severity(incident.severity).row.is_listed:
        raise Denied(NOT_LISTED)


def describe_route_effect(user: User, incident: Incident, route: GroupRoute) -> str:
    """The difference for this incident once its route is confirmed; "". Raises Denied if it cannot be confirmed."""
    permissions.check_can_route(user, incident)
    check_can_take(user, incident, route)
    return describe_hold(incident)


def describe_hold(incident: Incident) -> str:
    """Why a confirmed route notifies no one yet; ""."""
    if needs_confirmation(incident):
        return _("Nothing is sent until the redaction of its address is confirmed.")
    return ""
