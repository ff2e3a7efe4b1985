"""The default routing rules and examples of a new installation; operators can change them later."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analysts.models import Hosted, RouteExample, RouteRule, RouteStep, User
from audit.actions import JSON, record_event
from audit.changes import describe_text

RULES = (
    RouteRule(
        hosted=Hosted.OWN,
        steps=[RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST],
        reason="Hosted in our own country: the police decide first whether a notice could warn a suspect.",
    ),
    RouteRule(
        hosted=Hosted.HOTLINE,
        steps=[RouteStep.HOTLINE],
        reason="That country has its own hotline, which works with its hosting providers and police.",
    ),
    RouteRule(
        hosted=Hosted.OTHER,
        steps=[RouteStep.POLICE, RouteStep.NOTICE_HOST_LATER],
        after_hours=48,
        reason="No hotline there: the national police first, and the hosting provider two days later.",
    ),
    RouteRule(
        hosted=Hosted.ANYWHERE,
        steps=[RouteStep.URL_LIST],
        reason="Members block it for as long as it is online.",
    ),
)
_IN_OWN = (RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST, RouteStep.URL_LIST)
_WITH_HOTLINE = (RouteStep.HOTLINE, RouteStep.URL_LIST)
_WITHOUT_HOTLINE = (RouteStep.POLICE, RouteStep.NOTICE_HOST_LATER, RouteStep.URL_LIST)


def build_examples(own_country: str) -> list[RouteExample]:
    """One example for the hotline's own country, two for countries with a hotline and one for a country without."""
    with_hotline = [country for country in ("DE", "US", "GB") if country != own_country][:2]
    without_hotline = next(country for country in ("BZ", "ZM") if country != own_country)
    expected = {own_country: _IN_OWN, **dict.fromkeys(with_hotline, _WITH_HOTLINE), without_hotline: _WITHOUT_HOTLINE}
    return [RouteExample(country=country, steps=[*steps]) for country, steps in expected.items()]


@transaction.atomic
def load_rules(*, by: User | None = None, now: datetime | None = None) -> bool:
    """Load the default rules and examples; returns False, without changes, if there are rules. Checks no permission.

    A command calls this, not a migration, because test databases are flushed after migrations have run.
    """
    if RouteRule.objects.exists():
        return False
    rules = [
        RouteRule.objects.create(
            position=position, hosted=rule.hosted, steps=rule.steps, after_hours=rule.after_hours, reason=rule.reason
        )
        for position, rule in enumerate(RULES, 1)
    ]
    examples: dict[str, JSON] = {}
    for example in build_examples(settings.HOTLINE_COUNTRY):
        steps = [str(step) for step in example.steps]
        if RouteExample.objects.get_or_create(country=example.country, defaults={"steps": steps})[1]:
            examples[example.country] = steps
    details: dict[str, JSON] = {
        "before": None,
        "after": {"rules": [rule_codes(rule) for rule in rules], "examples": examples},
    }
    record_event(by=by, action="route_rule.load", details=details, at=now or timezone.now())
    return True


def rule_codes(rule: RouteRule) -> dict[str, JSON]:
    """The rule as audit events record it: codes and numbers, and its typed reason by length and digest."""
    return {
        "hosted": str(rule.hosted),
        "countries": list(rule.countries),
        "steps": [str(step) for step in rule.steps],
        "after_hours": rule.after_hours,
        "reason": describe_text(rule.reason),
        "is_active": rule.is_active,
    }
