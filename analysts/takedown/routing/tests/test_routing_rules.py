"""Evaluation of the routing rules, mostly without a database."""

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from analysts.models import Hosted, RouteExample, RouteRule, RouteStep
from analysts.takedown.routing import catalogue
from analysts.takedown.routing.rules import Proposal, Proposed, build_proposal, propose_route

HOLD, HOST, LATER = RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST, RouteStep.NOTICE_HOST_LATER
HOTLINE, POLICE, LIST = RouteStep.HOTLINE, RouteStep.POLICE, RouteStep.URL_LIST
OWN = [HOLD, HOST, LIST]
REFERRED = [HOTLINE, LIST]
DIRECT = [POLICE, LATER, LIST]


def rule(hosted: Hosted, *steps: RouteStep, reason: str = "r", **more: object) -> RouteRule:
    return RouteRule(hosted=hosted, steps=list(steps), reason=reason, **more)


@pytest.mark.parametrize(
    ("country", "steps"),
    [
        ("GB", OWN),
        ("DE", REFERRED),
        ("US", REFERRED),
        ("NL", REFERRED),
        ("JP", REFERRED),
        ("TW", REFERRED),
        ("CY", REFERRED),
        ("BZ", DIRECT),
        ("ZM", DIRECT),
        ("RU", DIRECT),
        ("CN", DIRECT),
        ("IN", DIRECT),
        # Overseas territories of the own country are not the own country.
        ("KY", DIRECT),
        ("AI", DIRECT),
        # Unknown codes count as countries without a hotline.
        ("", DIRECT),
        ("gb", DIRECT),
    ],
)
def test_usual_rules_propose(country: str, steps: list[RouteStep]) -> None:
    assert build_proposal(catalogue.RULES, country, own_country="GB").steps == steps


@pytest.mark.parametrize(("country", "steps"), [("DE", OWN), ("GB", REFERRED), ("BZ", DIRECT)])
def test_own_country_is_a_setting(country: str, steps: list[RouteStep]) -> None:
    assert build_proposal(catalogue.RULES, country, own_country="DE").steps == steps


def test_own_country_without_a_hotline_is_still_its_own() -> None:
    assert build_proposal(catalogue.RULES, "BZ", own_country="BZ").steps == OWN


def test_proposal_combines_the_steps_and_reasons_of_all_matching_rules() -> None:
    rules = [
        rule(Hosted.HOTLINE, HOTLINE, reason="has a hotline"),
        rule(Hosted.COUNTRIES, POLICE, HOTLINE, reason="asked for it", countries=["DE", "FR"]),
        rule(Hosted.COUNTRIES, HOST, reason="not this one", countries=["NL"]),
        rule(Hosted.ANYWHERE, LIST, reason="always"),
    ]
    assert build_proposal(rules, "DE", own_country="GB") == Proposal(
        "DE",
        (
            Proposed(HOTLINE, ("has a hotline", "asked for it")),
            Proposed(POLICE, ("asked for it",)),
            Proposed(LIST, ("always",)),
        ),
    )


def test_rule_that_is_off_counts_for_nothing() -> None:
    rules = [rule(Hosted.ANYWHERE, POLICE, is_active=False), rule(Hosted.ANYWHERE, LIST)]
    assert build_proposal(rules, "DE", own_country="GB").steps == [LIST]


def test_steps_come_in_the_order_of_the_rules() -> None:
    first, second = rule(Hosted.ANYWHERE, LIST), rule(Hosted.ANYWHERE, POLICE, HOTLINE)
    assert build_proposal([first, second], "DE", own_country="GB").steps == [LIST, POLICE, HOTLINE]
    assert build_proposal([second, first], "DE", own_country="GB").steps == [POLICE, HOTLINE, LIST]


def test_sooner_notice_to_the_host_counts() -> None:
    slow = rule(Hosted.ANYWHERE, LATER, reason="slow", after_hours=72)
    quick = rule(Hosted.ANYWHERE, LATER, reason="quick", after_hours=24)
    assert build_proposal([slow, quick], "DE", own_country="GB").proposed == (Proposed(LATER, ("slow", "quick"), 24),)
    assert build_proposal([slow, rule(Hosted.ANYWHERE, HOST)], "DE", own_country="GB").steps == [HOST]


def test_no_rule_proposes_nothing() -> None:
    assert build_proposal([], "DE", own_country="GB") == Proposal("DE", ())


OWN_COUNTRIES = ["GB", "DE", "US", "FR", "BZ", "ZM"]


@pytest.mark.parametrize("own", OWN_COUNTRIES)
def test_usual_rules_pass_the_usual_examples_wherever_the_hotline_is(own: str) -> None:
    steps = {example.country: example.steps for example in catalogue.build_examples(own)}

    assert steps == {country: build_proposal(catalogue.RULES, country, own_country=own).steps for country in steps}
    # The own country, two with a hotline and one without.
    assert steps[own] == OWN
    assert sorted(steps.values()) == sorted([OWN, REFERRED, REFERRED, DIRECT])


@pytest.mark.parametrize("own", OWN_COUNTRIES)
@pytest.mark.parametrize("without", range(len(catalogue.RULES)))
def test_removing_any_catalogue_rule_breaks_an_example(own: str, without: int) -> None:
    rules = [rule for number, rule in enumerate(catalogue.RULES) if number != without]
    said = {
        each.country: build_proposal(rules, each.country, own_country=own).steps
        for each in catalogue.build_examples(own)
    }
    assert said != {each.country: each.steps for each in catalogue.build_examples(own)}


def test_loaded_once_and_never_over_what_operators_changed(db: None) -> None:
    assert propose_route("DE").steps == []
    call_command("load_routing", verbosity=0, stdout=None)
    assert propose_route("DE").steps == REFERRED
    assert propose_route("GB").steps == OWN
    assert propose_route("BZ").of(LATER) == Proposed(LATER, (catalogue.RULES[2].reason,), 48)

    RouteRule.objects.filter(hosted=Hosted.HOTLINE).update(is_active=False)
    RouteExample.objects.filter(country="DE").delete()
    assert not catalogue.load_rules()
    assert propose_route("DE").steps == [LIST]
    assert RouteRule.objects.count() == len(catalogue.RULES)
    assert not RouteExample.objects.filter(country="DE").exists()


def test_table_is_read_in_one_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    catalogue.load_rules()
    with django_assert_num_queries(1):
        propose_route("DE")
