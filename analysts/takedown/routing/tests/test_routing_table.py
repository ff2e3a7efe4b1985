"""Editing of the routing rules: examples, audit events, permissions and pages."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from analysts.models import Hosted, RouteExample, RouteRule, RouteStep, User
from analysts.takedown.routing import catalogue, table
from analysts.takedown.routing.rules import propose_route
from analysts.takedown.routing.table import Breaks, RuleDetails
from audit.changes import describe_text
from audit.models import AuditEvent
from audit.permissions import Denied
from tests.rig.fixtures import client_of

PAGE = "/admin/routing/"
HOTLINE, POLICE, LIST = RouteStep.HOTLINE, RouteStep.POLICE, RouteStep.URL_LIST


@pytest.fixture(autouse=True)
def _rules(db: None) -> None:
    catalogue.load_rules()


def rule(hosted: Hosted) -> RouteRule:
    return RouteRule.objects.get(hosted=hosted)


def words(hosted: Hosted = Hosted.HOTLINE, *steps: RouteStep, **more: Any) -> RuleDetails:
    entered = RuleDetails(
        hosted, countries=[], steps=list(steps or [HOTLINE]), after_hours=48, reason="r", is_active=True
    )
    return replace(entered, **more)


def entered(**more: Any) -> dict[str, Any]:
    """Form data of the rule for countries with a hotline."""
    return {"hosted": "hotline", "countries": "", "steps": ["hotline"], "after_hours": "48", "reason": "r"} | more


def said(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def last_event() -> tuple[str, str, Any]:
    event = AuditEvent.objects.order_by("-number")[0]
    return event.action, event.actor, event.details


# --- Examples ---------------------------------------------------------------------------------------


def test_change_that_breaks_examples_is_not_saved(olga: User) -> None:
    with pytest.raises(Breaks) as breaks:
        table.write_rule(by=olga, rule=rule(Hosted.HOTLINE), words=words(Hosted.HOTLINE, HOTLINE, POLICE))

    assert [(each.example.country, each.steps) for each in breaks.value.broken] == [
        ("DE", [HOTLINE, POLICE, LIST]),
        ("US", [HOTLINE, POLICE, LIST]),
    ]
    assert rule(Hosted.HOTLINE).steps == [HOTLINE]
    assert propose_route("DE").steps == [HOTLINE, LIST]


def test_change_that_breaks_examples_is_saved_when_asked_for_and_says_so_on_record(olga: User) -> None:
    changed = words(Hosted.HOTLINE, HOTLINE, POLICE)
    table.write_rule(by=olga, rule=rule(Hosted.HOTLINE), words=changed, anyway=True)

    assert propose_route("DE").steps == [HOTLINE, POLICE, LIST]
    action, actor, details = last_event()
    assert (action, actor, details["broken"]) == ("route_rule.change", "olga", ["DE", "US"])
    # The reason is typed text.
    assert details["changes"].pop("reason")["after"] == describe_text(changed.reason)
    assert details["changes"] == {"steps": {"before": ["hotline"], "after": ["hotline", "police"]}}


def test_rule_can_be_changed_while_an_example_already_fails(olga: User) -> None:
    RouteExample.objects.filter(country__in=["DE", "US"]).update(steps=[POLICE])
    table.write_rule(by=olga, rule=rule(Hosted.HOTLINE), words=words(Hosted.HOTLINE, HOTLINE, POLICE))

    assert rule(Hosted.HOTLINE).steps == [HOTLINE, POLICE]


def test_order_of_steps_breaks_no_example(olga: User) -> None:
    own = rule(Hosted.OWN)
    table.write_rule(by=olga, rule=own, words=words(Hosted.OWN, *reversed([RouteStep(step) for step in own.steps])))
    table.move_rule(by=olga, rule=own, up=False)

    assert all(each.passes for each in table.try_examples(RouteRule.objects.all(), RouteExample.objects.all()))


@pytest.mark.parametrize(
    ("about", "broken"),
    [
        (words(Hosted.COUNTRIES, POLICE, countries=["US", "FR"]), ["US"]),
        (words(Hosted.ANYWHERE, RouteStep.NOTICE_OWNER), ["BZ", "DE", "GB", "US"]),
    ],
)
def test_new_rule_that_breaks_examples_is_not_added(olga: User, about: RuleDetails, broken: list[str]) -> None:
    with pytest.raises(Breaks) as breaks:
        table.write_rule(by=olga, rule=None, words=about)

    assert [each.example.country for each in breaks.value.broken] == broken
    assert RouteRule.objects.count() == 4


@pytest.mark.parametrize(
    "about",
    [
        # The immediate notice makes the later one redundant.
        words(Hosted.OWN, RouteStep.NOTICE_HOST_LATER),
        words(Hosted.COUNTRIES, POLICE, countries=["FR"]),
        words(Hosted.ANYWHERE, POLICE, is_active=False),
    ],
)
def test_new_rule_that_breaks_nothing_comes_last(olga: User, about: RuleDetails) -> None:
    added = table.write_rule(by=olga, rule=None, words=about)

    assert (added.position, list(RouteRule.objects.all())[-1]) == (5, added)
    assert last_event()[0] == "route_rule.add"


def test_rule_that_is_switched_off_is_missed_by_its_examples(olga: User) -> None:
    with pytest.raises(Breaks) as breaks:
        table.write_rule(by=olga, rule=rule(Hosted.ANYWHERE), words=words(Hosted.ANYWHERE, LIST, is_active=False))
    assert [each.example.country for each in breaks.value.broken] == ["BZ", "DE", "GB", "US"]


def test_newer_example_of_a_country_counts_and_a_removed_one_does_not(olga: User) -> None:
    table.write_example(by=olga, country="DE", steps=[POLICE])
    assert last_event()[2] == {"country": "DE", "before": ["hotline", "url_list"], "after": ["police"]}
    table.remove_example(by=olga, example=RouteExample.objects.get(country="US"))
    assert last_event()[2] == {"country": "US", "before": ["hotline", "url_list"], "after": None}

    assert {each.country: each.steps for each in RouteExample.objects.exclude(country__in=["GB", "BZ"])} == {
        "DE": [POLICE]
    }


def test_moved_rule_gives_its_steps_earlier(olga: User) -> None:
    table.move_rule(by=olga, rule=rule(Hosted.ANYWHERE), up=True)
    assert propose_route("BZ").steps == [LIST, POLICE, RouteStep.NOTICE_HOST_LATER]
    assert last_event() == ("route_rule.move", "olga", {"before": 4, "after": 3})
    for _ in range(2):
        table.move_rule(by=olga, rule=rule(Hosted.ANYWHERE), up=True)
    with pytest.raises(Denied) as denied:
        table.move_rule(by=olga, rule=rule(Hosted.ANYWHERE), up=True)
    assert str(denied.value.reason) == "This rule cannot be moved any further."


# --- Permissions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_only_operators_change_the_table(who: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(who)
    hotline, example = rule(Hosted.HOTLINE), RouteExample.objects.get(country="DE")
    acts: list[Callable[[], object]] = [
        lambda: table.write_rule(by=person, rule=hotline, words=words()),
        lambda: table.write_rule(by=person, rule=None, words=words()),
        lambda: table.move_rule(by=person, rule=hotline, up=True),
        lambda: table.write_example(by=person, country="FR", steps=[HOTLINE]),
        lambda: table.remove_example(by=person, example=example),
        lambda: table.load_usual(by=person),
    ]
    for act in acts:
        with pytest.raises(Denied) as denied:
            act()
        assert str(denied.value.reason) == "Only operators can change routing rules."
    assert (RouteRule.objects.count(), RouteExample.objects.count()) == (4, 4)


@pytest.mark.parametrize(
    ("who", "status"),
    [("olga", 200), ("ana", 200), ("sena", 200), ("axel", 200), ("petra", 403), ("willa", 403), ("adam", 403)],
)
def test_table_is_read_by_those_who_work_by_it(who: str, status: int, request: pytest.FixtureRequest) -> None:
    page = client_of(request.getfixturevalue(who)).get(PAGE)

    assert page.status_code == status
    # Only users who may change the rules see the buttons.
    assert ("Add a rule" in said(page)) is (who == "olga")
    assert ("Save example" in said(page)) is (who == "olga")


# --- The pages --------------------------------------------------------------------------------------


def test_page_shows_rules_with_reasons_and_what_examples_say(olga: User) -> None:
    RouteExample.objects.filter(country="US").update(steps=[POLICE])
    page = client_of(olga).get(PAGE)

    assert [(line.hosted, line.steps) for line in page.context["lines"]][2] == (
        "a country without a hotline",
        ["referral to the national police", "notice to the hosting provider after 48 hours"],
    )
    assert all(each.reason in said(page) for each in catalogue.RULES)
    assert {each.country: each.passes for each in page.context["examples"]} == {
        "Belize": True,
        "Germany": True,
        "United Kingdom": True,
        "United States": False,
    }
    assert "Fails Referral to the country’s hotline Entry on the URL list" in said(page)


def test_country_is_tried_and_says_why(ana: User) -> None:
    page = client_of(ana).get(PAGE, {"country": "BZ"})

    assert page.context["found"].country == "Belize"
    assert page.context["found"].steps == [
        ("referral to the national police", (catalogue.RULES[2].reason,)),
        ("notice to the hosting provider after 48 hours", (catalogue.RULES[2].reason,)),
        ("entry on the URL list", (catalogue.RULES[3].reason,)),
    ]
    assert client_of(ana).get(PAGE, {"country": "nonsense"}).context["found"] is None


def test_rule_that_breaks_an_example_is_shown_before_it_is_saved(olga: User) -> None:
    client, path = client_of(olga), f"{PAGE}rules/{rule(Hosted.HOTLINE).pk}/"
    assert "Save despite failing examples" not in said(client.get(path))
    page = client.post(path, entered(steps=["police"], reason="They asked for it", is_active="on"))

    assert page.status_code == 422
    assert "2 examples would fail" in said(page)
    assert "Nothing has been saved yet." in said(page)
    germany = "Germany Expected: referral to the country’s hotline; entry on the URL list."
    assert f"{germany} With this change: referral to the national police; entry on the URL list." in said(page)
    # The form keeps the typed values.
    assert 'value="They asked for it"' in page.content.decode()
    assert rule(Hosted.HOTLINE).steps == [HOTLINE]

    saved = client.post(path, entered(steps=["police"], reason="They asked for it", is_active="on", anyway="on"))
    assert (saved.status_code, saved["Location"]) == (302, PAGE)
    assert (rule(Hosted.HOTLINE).steps, rule(Hosted.HOTLINE).reason) == ([POLICE], "They asked for it")


@pytest.mark.parametrize(
    ("sent", "field", "error"),
    [
        ({"steps": []}, "steps", "Choose at least one step."),
        ({"hosted": "countries"}, "countries", "Enter at least one country."),
        (
            {"countries": "Germany"},
            "countries",
            "Enter countries only if “Hosted in” is “these countries”.",
        ),
        ({"hosted": "countries", "countries": "Atlantis, FR"}, "countries", "Unknown countries: Atlantis."),
        ({"reason": ""}, "reason", "This field is required."),
        ({"after_hours": "0"}, "after_hours", "Ensure this value is greater than or equal to 1."),
    ],
)
def test_rule_that_says_nothing_is_refused(olga: User, sent: dict[str, Any], field: str, error: str) -> None:
    page = client_of(olga).post(f"{PAGE}rules/new/", entered(**sent))

    assert (page.status_code, page.context["form"].errors[field]) == (422, [error])
    assert RouteRule.objects.count() == 4


def test_countries_are_named_in_words_or_codes(olga: User) -> None:
    sent = entered(hosted="countries", countries="france, Côte d’Ivoire; NL be", is_active="on")
    assert client_of(olga).post(f"{PAGE}rules/new/", sent).status_code == 302
    added = rule(Hosted.COUNTRIES)

    assert added.countries == ["BE", "CI", "FR", "NL"]
    line = client_of(olga).get(PAGE).context["lines"][-1]
    assert line.hosted == "Belgium, Côte d’Ivoire, France, Netherlands"


def test_table_without_rules_offers_the_usual_ones(olga: User, ana: User) -> None:
    RouteRule.objects.all().delete()
    assert "Load the default rules" not in said(client_of(ana).get(PAGE))
    assert "Load the default rules" in said(client_of(olga).get(PAGE))
    client_of(olga).post(f"{PAGE}load/")

    assert propose_route("DE").steps == [HOTLINE, LIST]
    with pytest.raises(Denied):
        table.load_usual(by=olga)
