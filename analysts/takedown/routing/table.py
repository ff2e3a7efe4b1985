"""Actions on the routing rules and on the examples that check them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.models import RouteExample, RouteRule, RouteStep, User
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


def try_examples(rules: Iterable[RouteRule], examples: Iterable[RouteExample]) -> list[Tried]:
    rules = list(rules)
    return [Tried(example, build_proposal(rules, example.country).steps) for example in examples]


def find_broken_examples(rule: RouteRule) -> list[Tried]:
    """The examples that pass now and would fail once `rule` is saved. Locks the rules until the transaction ends."""
    rules, examples = _lock_rules(), list(RouteExample.objects.all())
    passing = {result.example.pk for result in try_examples(rules, examples) if result.passes}
    changed = {other.pk: other for other in rules} | {rule.pk: rule}
    results = try_examples(changed.values(), examples)
    return [result for result in results if result.example.pk in passing and not result.passes]


@transaction.atomic
def write_rule(*, by: User, rule: RouteRule, anyway: bool = False, now: datetime | None = None) -> None:
    """Save a changed rule at its position, or a new one at the end.

    Raises `Denied` if an example that passes now would fail, unless `anyway`.
    """
    check_can_change_rules(by)
    broken = find_broken_examples(rule)
    if broken and not anyway:
        raise Denied(_("With this change, examples that pass now would fail."))
    stored, last = RouteRule.objects.filter(pk=rule.pk).first(), RouteRule.objects.last()
    rule.position = stored.position if stored else (last.position if last else 0) + 1
    rule.save()
    details: dict[str, JSON] = {
        "changes": describe_changes(catalogue.rule_codes(stored) if stored else {}, catalogue.rule_codes(rule)),
        "broken": sorted(result.example.country for result in broken),
    }
    action = "route_rule.change" if stored else "route_rule.add"
    record_event(by=by, action=action, on=rule, details=details, at=now or timezone.now())


@transaction.atomic
def move_rule(*, by: User, rule: RouteRule, place: int, now: datetime | None = None) -> None:
    """Make it the rule number `place`, counted from 1. Steps are proposed in the order of the rules."""
    check_can_change_rules(by)
    rules = _lock_rules()
    before = rules.index(rule) + 1
    rules.insert(max(place, 1) - 1, rules.pop(before - 1))
    for position, ordered_rule in enumerate(rules, 1):
        ordered_rule.position = position
    RouteRule.objects.bulk_update(rules, ["position"])
    details: dict[str, JSON] = {"before": before, "after": rules.index(rule) + 1}
    record_event(by=by, action="route_rule.move", on=rule, details=details, at=now or timezone.now())


@transaction.atomic
def write_example(*, by: User, example: RouteExample, now: datetime | None = None) -> None:
    """Save the expected steps for a country, which has one example at most."""
    check_can_change_rules(by)
    # Serialises with rule changes, so that a concurrent change is checked against this example.
    _lock_rules()
    before = RouteExample.objects.filter(pk=example.pk).values_list("steps", flat=True).first()
    example.save()
    details: dict[str, JSON] = {"country": example.country, "before": before, "after": list(example.steps)}
    record_event(by=by, action="route_example.write", on=example, details=details, at=now or timezone.now())


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
