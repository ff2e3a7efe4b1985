"""Actions on the routing rules and on the examples that check them."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.models import Hosted, RouteExample, RouteRule, RouteStep, User
from analysts.takedown.routing import catalogue
from analysts.takedown.routing.permissions import check_can_change_rules
from analysts.takedown.routing.rules import build_proposal
from audit.actions import JSON, record_event
from audit.changes import describe_changes
from audit.permissions import Denied


@dataclass(frozen=True, slots=True)
class Tried:
    """An example with the steps that the rules propose for its country. The order of steps does not matter."""

    example: RouteExample
    steps: list[RouteStep]

    @property
    def passes(self) -> bool:
        return set(self.steps) == set(self.example.steps)


class Breaks(Denied):
    """The change would make examples fail that pass now."""

    def __init__(self, broken: Sequence[Tried]) -> None:
        super().__init__(_("With this change, examples that pass now would fail."))
        self.broken = broken


@dataclass(frozen=True, slots=True)
class RuleDetails:
    """The values of a rule that operators enter."""

    hosted: Hosted
    countries: list[str]
    steps: list[RouteStep]
    after_hours: int
    reason: str
    is_active: bool


def try_examples(rules: Iterable[RouteRule], examples: Iterable[RouteExample]) -> list[Tried]:
    rules = list(rules)
    return [Tried(example, build_proposal(rules, example.country).steps) for example in examples]


@transaction.atomic
def write_rule(
    *, by: User, rule: RouteRule | None, words: RuleDetails, anyway: bool = False, now: datetime | None = None
) -> RouteRule:
    """Change a rule, or add one at the end. Raises `Breaks` if a passing example would fail, unless `anyway`."""
    check_can_change_rules(by)
    rules = _lock_rules()
    changed = next((other for other in rules if rule and other.pk == rule.pk), None)
    if rule and changed is None:
        raise Denied(_("This rule no longer exists."))
    before = catalogue.rule_codes(changed) if changed else {}
    examples = list(RouteExample.objects.all())
    passed = {result.example.pk for result in try_examples(rules, examples) if result.passes}
    if changed is None:
        changed = RouteRule(id=uuid.uuid4(), position=max((other.position for other in rules), default=0) + 1)
        rules.append(changed)
    changed.hosted, changed.countries, changed.steps = words.hosted, words.countries, [*words.steps]
    changed.after_hours, changed.reason, changed.is_active = words.after_hours, words.reason, words.is_active
    broken = [result for result in try_examples(rules, examples) if result.example.pk in passed and not result.passes]
    if broken and not anyway:
        raise Breaks(broken)
    changed.save()
    details: dict[str, JSON] = {
        "changes": describe_changes(before, catalogue.rule_codes(changed)),
        "broken": sorted(result.example.country for result in broken),
    }
    action = "route_rule.change" if before else "route_rule.add"
    record_event(by=by, action=action, on=changed, details=details, at=now or timezone.now())
    return changed


@transaction.atomic
def move_rule(*, by: User, rule: RouteRule, up: bool, now: datetime | None = None) -> None:
    """Swap the rule with the one above or below. Steps are proposed in the order of the rules."""
    check_can_change_rules(by)
    rules = _lock_rules()
    place = next((number for number, other in enumerate(rules) if other.pk == rule.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(rules):
        raise Denied(_("This rule cannot be moved any further."))
    rules[place], rules[other] = rules[other], rules[place]
    for position, ordered_rule in enumerate(rules, 1):
        ordered_rule.position = position
    RouteRule.objects.bulk_update(rules, ["position"])
    details: dict[str, JSON] = {"before": place + 1, "after": other + 1}
    record_event(by=by, action="route_rule.move", on=rule, details=details, at=now or timezone.now())


@transaction.atomic
def write_example(*, by: User, country: str, steps: Sequence[RouteStep], now: datetime | None = None) -> RouteExample:
    """Save the expected steps for a country; replaces the country's previous example."""
    check_can_change_rules(by)
    # Serialises with rule changes, so that a concurrent change is checked against this example.
    _lock_rules()
    existing = RouteExample.objects.filter(country=country).first()
    before = list(existing.steps) if existing else None
    example, _made = RouteExample.objects.update_or_create(country=country, defaults={"steps": [*steps]})
    details: dict[str, JSON] = {"country": country, "before": before, "after": [str(step) for step in steps]}
    record_event(by=by, action="route_example.write", on=example, details=details, at=now or timezone.now())
    return example


@transaction.atomic
def remove_example(*, by: User, example: RouteExample, now: datetime | None = None) -> None:
    check_can_change_rules(by)
    details: dict[str, JSON] = {"country": example.country, "before": list(example.steps), "after": None}
    on = RouteExample(id=example.pk, country=example.country)
    if not RouteExample.objects.filter(pk=example.pk).delete()[0]:
        raise Denied(_("This example no longer exists."))
    record_event(by=by, action="route_example.remove", on=on, details=details, at=now or timezone.now())


@transaction.atomic
def load_usual(*, by: User, now: datetime | None = None) -> None:
    """Load the default rules. Raises `Denied` if there are rules."""
    check_can_change_rules(by)
    if not catalogue.load_rules(by=by, now=now):
        raise Denied(_("There are already routing rules."))


def _lock_rules() -> list[RouteRule]:
    """Return all rules in order, locked, so that concurrent changes check the examples one after the other."""
    return list(RouteRule.objects.select_for_update().order_by("position", "pk"))
