"""Evaluation of the routing rules for a country. Only `propose_route` reads the database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from analysts.codes import Severity
from analysts.models import Hosted, RouteRule, RouteStep
from analysts.takedown.recipients.catalogue import HOTLINE_COUNTRIES
from audit.permissions import Denied

# Delay of the later notice to the host if no rule sets one.
LATER_HOURS = RouteRule._meta.get_field("after_hours").default


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposed step, the reasons of all rules that propose it, and its delay in hours (0: immediately)."""

    step: RouteStep
    reasons: tuple[str, ...]
    after_hours: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """The steps proposed for an incident hosted in `country`, in the order of the rules."""

    country: str
    proposed: tuple[Proposed, ...]

    @property
    def steps(self) -> list[RouteStep]:
        return [proposed.step for proposed in self.proposed]

    def of(self, step: RouteStep) -> Proposed | None:
        return next((proposed for proposed in self.proposed if proposed.step == step), None)


def propose_route(country: str, severity: str = "") -> Proposal:
    """Return the proposal of the active rules for the country (ISO 3166-1 alpha-2).

    `severity`: of the verdict; without the URL list for one that is not listed. "": of any verdict.
    """
    proposal = build_proposal(RouteRule.objects.filter(is_active=True), country)
    if not severity or Severity(severity).row.is_listed:
        return proposal
    return replace(proposal, proposed=tuple(step for step in proposal.proposed if step.step != RouteStep.URL_LIST))


def build_proposal(
    rules: Iterable[RouteRule],
    country: str,
    *,
    own_country: str | None = None,
    hotlines: Collection[str] = HOTLINE_COUNTRIES,
) -> Proposal:
    """Combine all active rules that match the country, in the order given.

    A step of several rules is proposed once, with all their reasons. An immediate notice to the host replaces a later
    one; of several delays the shortest applies. `own_country`: the hotline's own country, by default from the settings.
    """
    own_country = settings.HOTLINE_COUNTRY if own_country is None else own_country
    proposed: dict[RouteStep, Proposed] = {}
    for rule in rules:
        if not rule.is_active or not is_rule_for(rule, country, own_country=own_country, hotlines=hotlines):
            continue
        for step in map(RouteStep, rule.steps):
            hours = rule.after_hours if step == RouteStep.NOTICE_HOST_LATER else 0
            before = proposed.get(step, Proposed(step, (), hours))
            proposed[step] = Proposed(step, (*before.reasons, rule.reason), min(before.after_hours, hours))
    if RouteStep.NOTICE_HOST in proposed:
        proposed.pop(RouteStep.NOTICE_HOST_LATER, None)
    return Proposal(country, tuple(proposed.values()))


def order_steps(proposal: Proposal, steps: Collection[RouteStep], reason: str) -> list[RouteStep]:
    """Return proposed steps in rule order, then the others. Raises `Denied` for no steps or an unexplained change."""
    chosen = set(steps)
    if RouteStep.NOTICE_HOST in chosen:
        # An immediate notice makes the later one redundant.
        chosen.discard(RouteStep.NOTICE_HOST_LATER)
    if not chosen:
        raise Denied(_("Choose at least one step. If nothing can be done, close the incident with a reason."))
    if chosen != set(proposal.steps) and not reason.strip():
        raise Denied(_("Give a reason for choosing steps other than those proposed."))
    proposed = [step for step in proposal.steps if step in chosen]
    return [*proposed, *(step for step in RouteStep if step in chosen and step not in proposed)]


def wait_before(step: RouteStep, proposal: Proposal) -> timedelta:
    """Return the delay between confirming the route and this step."""
    if step != RouteStep.NOTICE_HOST_LATER:
        return timedelta()
    proposed = proposal.of(step)
    return timedelta(hours=proposed.after_hours if proposed else LATER_HOURS)


def is_rule_for(rule: RouteRule, country: str, *, own_country: str, hotlines: Collection[str]) -> bool:
    """Return whether the rule matches the hosting country. The own country only matches OWN, COUNTRIES and ANYWHERE."""
    match Hosted(rule.hosted):
        case Hosted.OWN:
            return country == own_country
        case Hosted.HOTLINE:
            return country != own_country and country in hotlines
        case Hosted.OTHER:
            return country != own_country and country not in hotlines
        case Hosted.COUNTRIES:
            return country in rule.countries
        case Hosted.ANYWHERE:
            return True
        case other:
            assert_never(other)
