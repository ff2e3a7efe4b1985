"""The verbs by which operators keep the rules table, and the examples it is held to."""

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
from audit.permissions import Denied


@dataclass(frozen=True, slots=True)
class Tried:
    """An example, and what the table says about its country. In which order is left to the rules."""

    example: RouteExample
    steps: list[RouteStep]

    @property
    def passes(self) -> bool:
        return set(self.steps) == set(self.example.steps)


class Breaks(Denied):
    """With this change examples that pass now would not pass any more."""

    def __init__(self, broken: Sequence[Tried]) -> None:
        super().__init__(_("Examples that pass now would not pass any more."))
        self.broken = broken


@dataclass(frozen=True, slots=True)
class RuleDetails:
    """What an operator enters of a rule."""

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
    """Change a rule, or add one at the end. `Breaks` where an example would not pass any more, unless `anyway`."""
    check_can_change_rules(by)
    rules = _lock_rules()
    changed = next((each for each in rules if rule and each.pk == rule.pk), None)
    if rule and changed is None:
        raise Denied(_("There is no such rule."))
    before = rule_codes(changed) if changed else None
    said = changed.reason if changed else ""
    examples = list(RouteExample.objects.all())
    passed = {each.example.pk for each in try_examples(rules, examples) if each.passes}
    if changed is None:
        changed = RouteRule(id=uuid.uuid4(), position=max((each.position for each in rules), default=0) + 1)
        rules.append(changed)
    changed.hosted, changed.countries, changed.steps = words.hosted, words.countries, [*words.steps]
    changed.after_hours, changed.reason, changed.is_active = words.after_hours, words.reason, words.is_active
    broken = [each for each in try_examples(rules, examples) if each.example.pk in passed and not each.passes]
    if broken and not anyway:
        raise Breaks(broken)
    changed.save()
    details: dict[str, JSON] = {
        "before": before,
        "after": rule_codes(changed),
        "reason_changed": said != changed.reason,
    }
    details["broken"] = sorted(each.example.country for each in broken)
    action = "route_rule.change" if before else "route_rule.add"
    record_event(by=by, action=action, on=changed, details=details, at=now or timezone.now())
    return changed


@transaction.atomic
def move_rule(*, by: User, rule: RouteRule, up: bool, now: datetime | None = None) -> None:
    """Before the rule above, or after the one below. Steps come in the order of the rules."""
    check_can_change_rules(by)
    rules = _lock_rules()
    place = next((number for number, each in enumerate(rules) if each.pk == rule.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(rules):
        raise Denied(_("It cannot be moved any further."))
    rules[place], rules[other] = rules[other], rules[place]
    for position, each in enumerate(rules, 1):
        each.position = position
    RouteRule.objects.bulk_update(rules, ["position"])
    details: dict[str, JSON] = {"before": place + 1, "after": other + 1}
    record_event(by=by, action="route_rule.move", on=rule, details=details, at=now or timezone.now())


@transaction.atomic
def write_example(*, by: User, country: str, steps: Sequence[RouteStep], now: datetime | None = None) -> RouteExample:
    """What the table has to say about the country, from now on. One example a country: the newer one counts."""
    check_can_change_rules(by)
    # Also against a rule that is being changed: it is held to this example, or this one to it.
    _lock_rules()
    known = RouteExample.objects.filter(country=country).first()
    before = list(known.steps) if known else None
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
        raise Denied(_("There is no such example."))
    record_event(by=by, action="route_example.remove", on=on, details=details, at=now or timezone.now())


@transaction.atomic
def load_usual(*, by: User, now: datetime | None = None) -> None:
    """The rules that an installation starts with, where there are none."""
    check_can_change_rules(by)
    if not catalogue.load_rules(by=by, now=now):
        raise Denied(_("There are rules already."))


def rule_codes(rule: RouteRule) -> dict[str, JSON]:
    """The rule as the record has it: codes and numbers, no typed words."""
    return {
        "hosted": str(rule.hosted),
        "countries": list(rule.countries),
        "steps": [str(step) for step in rule.steps],
        "after_hours": rule.after_hours,
        "is_active": rule.is_active,
    }


def _lock_rules() -> list[RouteRule]:
    """All rules in their order: two operators who change some at once try the examples one after the other."""
    return list(RouteRule.objects.select_for_update().order_by("position", "pk"))
