"""What the operator's rules propose for a country. Pure but for `propose_route`, which reads the rows."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from analysts.models import Hosted, RouteRule, RouteStep
from analysts.takedown.recipients.catalogue import HOTLINE_COUNTRIES
from audit.permissions import Denied

# After how long the host is told directly, where no rule says.
LATER_HOURS = RouteRule._meta.get_field("after_hours").default


@dataclass(frozen=True, slots=True)
class Proposed:
    """One step, the reason of every rule that asks for it, and after how many hours it is taken: 0 is at once."""

    step: RouteStep
    reasons: tuple[str, ...]
    after_hours: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that is to be done about something hosted in `country`, in the order of the rules."""

    country: str
    proposed: tuple[Proposed, ...]

    @property
    def steps(self) -> list[RouteStep]:
        return [each.step for each in self.proposed]

    def of(self, step: RouteStep) -> Proposed | None:
        return next((each for each in self.proposed if each.step == step), None)


def propose_route(country: str) -> Proposal:
    """What the rules in use say about the country (ISO 3166-1 alpha-2), as the table stands now."""
    return build_proposal(RouteRule.objects.filter(is_active=True), country)


def build_proposal(
    rules: Iterable[RouteRule],
    country: str,
    *,
    own: str | None = None,
    hotlines: Collection[str] = HOTLINE_COUNTRIES,
) -> Proposal:
    """What these rules say together, in the order given: every one counts that is in use and fits.

    A step that several ask for is taken once, with the reasons of all. A host that is told at once is not told later
    as well; of two later times the sooner counts. `own`: the hotline's own country, by default that of the settings.
    """
    own = settings.HOTLINE_COUNTRY if own is None else own
    found: dict[RouteStep, Proposed] = {}
    for rule in rules:
        if not rule.is_active or not is_rule_for(rule, country, own=own, hotlines=hotlines):
            continue
        for step in map(RouteStep, rule.steps):
            hours = rule.after_hours if step == RouteStep.NOTICE_HOST_LATER else 0
            before = found.get(step, Proposed(step, (), hours))
            found[step] = Proposed(step, (*before.reasons, rule.reason), min(before.after_hours, hours))
    return Proposal(country, tuple(_drop_later_notice(found)))


def order_steps(proposal: Proposal, steps: Collection[RouteStep], reason: str) -> list[RouteStep]:
    """The steps as the rules order them, then the others. `Denied` for none, and for others without a reason."""
    wanted = set(steps)
    if RouteStep.NOTICE_HOST in wanted:
        # The sooner one says it all.
        wanted.discard(RouteStep.NOTICE_HOST_LATER)
    if not wanted:
        raise Denied(_("Choose at least one step. If nothing can be done, close the incident and say so."))
    if wanted != set(proposal.steps) and not reason.strip():
        raise Denied(_("Say why other steps than those proposed are taken."))
    proposed = [step for step in proposal.steps if step in wanted]
    return [*proposed, *(step for step in RouteStep if step in wanted and step not in proposed)]


def wait_before(step: RouteStep, proposal: Proposal) -> timedelta:
    """How long the step waits after the route is confirmed."""
    if step != RouteStep.NOTICE_HOST_LATER:
        return timedelta()
    proposed = proposal.of(step)
    return timedelta(hours=proposed.after_hours if proposed else LATER_HOURS)


def is_rule_for(rule: RouteRule, country: str, *, own: str, hotlines: Collection[str]) -> bool:
    """Whether the rule is about what is hosted there. One's own country is never another country with a hotline."""
    match Hosted(rule.hosted):
        case Hosted.OWN:
            return country == own
        case Hosted.HOTLINE:
            return country != own and country in hotlines
        case Hosted.OTHER:
            return country != own and country not in hotlines
        case Hosted.COUNTRIES:
            return country in rule.countries
        case Hosted.ANYWHERE:
            return True
        case other:
            assert_never(other)


def _drop_later_notice(found: dict[RouteStep, Proposed]) -> Iterator[Proposed]:
    for step, proposed in found.items():
        if step != RouteStep.NOTICE_HOST_LATER or RouteStep.NOTICE_HOST not in found:
            yield proposed
