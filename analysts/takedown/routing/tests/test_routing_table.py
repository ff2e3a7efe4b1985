"""Editing of the routing rules: examples, audit events, permissions and pages."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from analysts.models import Hosted, RouteExample, RouteRule, RouteStep, User
from analysts.takedown.routing import catalogue, table
from analysts.takedown.routing.rules import propose_route
from audit.changes import describe_text
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.languages import country_in_words
from tests.rig.fixtures import client_of

PAGE, EXAMPLES = "/admin/analysts/routerule/", "/admin/analysts/routeexample/"
COUNTRIES_ONLY = "List countries if the rule applies to these countries, and only then."
HOTLINE, POLICE, LIST = RouteStep.HOTLINE, RouteStep.POLICE, RouteStep.URL_LIST


@pytest.fixture(autouse=True)
def _rules(db: None) -> None:
    catalogue.load_rules()


def rule(hosted: Hosted) -> RouteRule:
    return RouteRule.objects.get(hosted=hosted)


def changed(hosted: Hosted, *steps: RouteStep, **fields: Any) -> RouteRule:
    """The stored rule for countries of this kind, changed and not saved."""
    changed_rule = rule(hosted)
    for name, value in {"steps": list(steps or [HOTLINE]), "reason": "r", **fields}.items():
        setattr(changed_rule, name, value)
    return changed_rule


def new(hosted: Hosted, *steps: RouteStep, **fields: Any) -> RouteRule:
    return RouteRule(hosted=hosted, steps=list(steps), reason="r", **fields)


def entered(**more: Any) -> dict[str, Any]:
    """Form data of the rule for countries with a hotline."""
    values = {"hosted": "hotline", "countries": "", "steps": ["hotline"], "after_hours": "48", "reason": "r"}
    return values | {"position": "2"} | more


def broken_by(changed_rule: RouteRule) -> list[tuple[str, list[RouteStep]]]:
    results = table.find_broken_examples(changed_rule)
    return [(result.example.country, result.steps) for result in results]


def rows(page: Any) -> list[list[str]]:
    """The text of the cells of a list."""
    cells = [re.findall(r"<t[dh] [^>]*class=\"field-[^>]*>(.*?)</t[dh]>", row) for row in said_rows(page)]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells if row]


def said_rows(page: Any) -> list[str]:
    return re.findall(r"<tr>(.*?)</tr>", page.content.decode(), re.DOTALL)


def said(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def last_event() -> tuple[str, str, Any]:
    event = AuditEvent.objects.order_by("-number")[0]
    return event.action, event.actor, event.details


# --- Examples ---------------------------------------------------------------------------------------


def test_change_that_breaks_examples_is_not_saved(olga: User) -> None:
    changed_rule = changed(Hosted.HOTLINE, HOTLINE, POLICE)
    assert broken_by(changed_rule) == [
        ("DE", [HOTLINE, POLICE, LIST]),
        ("US", [HOTLINE, POLICE, LIST]),
    ]
    with pytest.raises(Denied):
        table.write_rule(by=olga, rule=changed_rule)
    assert rule(Hosted.HOTLINE).steps == [HOTLINE]
    assert propose_route("DE").steps == [HOTLINE, LIST]


def test_change_that_breaks_examples_is_saved_when_asked_for_and_says_so_on_record(olga: User) -> None:
    table.write_rule(by=olga, rule=changed(Hosted.HOTLINE, HOTLINE, POLICE), anyway=True)

    assert propose_route("DE").steps == [HOTLINE, POLICE, LIST]
    action, actor, details = last_event()
    assert (action, actor, details["broken"]) == ("route_rule.change", "olga", ["DE", "US"])
    # The reason is typed text.
    assert details["changes"].pop("reason")["after"] == describe_text("r")
    assert details["changes"] == {"steps": {"before": ["hotline"], "after": ["hotline", "police"]}}


def test_rule_can_be_changed_while_an_example_already_fails(olga: User) -> None:
    RouteExample.objects.filter(country__in=["DE", "US"]).update(steps=[POLICE])
    table.write_rule(by=olga, rule=changed(Hosted.HOTLINE, HOTLINE, POLICE))

    assert rule(Hosted.HOTLINE).steps == [HOTLINE, POLICE]


def test_order_of_steps_breaks_no_example(olga: User) -> None:
    own = rule(Hosted.OWN)
    table.write_rule(by=olga, rule=changed(Hosted.OWN, *reversed([RouteStep(step) for step in own.steps])))
    table.move_rule(by=olga, rule=own, place=2)

    assert all(each.passes for each in table.try_examples(RouteRule.objects.all(), RouteExample.objects.all()))


@pytest.mark.parametrize(
    ("about", "broken"),
    [
        (new(Hosted.COUNTRIES, POLICE, countries=["US", "FR"]), ["US"]),
        (new(Hosted.ANYWHERE, RouteStep.NOTICE_OWNER), ["BZ", "DE", "GB", "US"]),
    ],
)
def test_new_rule_that_breaks_examples_is_not_added(olga: User, about: RouteRule, broken: list[str]) -> None:
    with pytest.raises(Denied):
        table.write_rule(by=olga, rule=about)

    assert [country for country, _steps in broken_by(about)] == broken
    assert RouteRule.objects.count() == 4


@pytest.mark.parametrize(
    "about",
    [
        # The immediate notice makes the later one redundant.
        new(Hosted.OWN, RouteStep.NOTICE_HOST_LATER),
        new(Hosted.COUNTRIES, POLICE, countries=["FR"]),
        new(Hosted.ANYWHERE, POLICE, is_active=False),
    ],
)
def test_new_rule_that_breaks_nothing_comes_last(olga: User, about: RouteRule) -> None:
    table.write_rule(by=olga, rule=about)

    assert (about.position, list(RouteRule.objects.all())[-1]) == (5, about)
    assert last_event()[0] == "route_rule.add"


def test_rule_that_is_switched_off_is_missed_by_its_examples(olga: User) -> None:
    switched_off = changed(Hosted.ANYWHERE, LIST, is_active=False)
    with pytest.raises(Denied):
        table.write_rule(by=olga, rule=switched_off)
    assert [country for country, _steps in broken_by(switched_off)] == ["BZ", "DE", "GB", "US"]


def test_newer_example_of_a_country_counts_and_a_removed_one_does_not(olga: User) -> None:
    germany = RouteExample.objects.get(country="DE")
    germany.steps = [POLICE]
    table.write_example(by=olga, example=germany)
    assert last_event()[2] == {"country": "DE", "before": ["hotline", "url_list"], "after": ["police"]}
    table.remove_example(by=olga, example=RouteExample.objects.get(country="US"))
    assert last_event()[2] == {"country": "US", "before": ["hotline", "url_list"], "after": None}

    assert {each.country: each.steps for each in RouteExample.objects.exclude(country__in=["GB", "BZ"])} == {
        "DE": [POLICE]
    }


def test_moved_rule_gives_its_steps_earlier(olga: User) -> None:
    table.move_rule(by=olga, rule=rule(Hosted.ANYWHERE), place=3)
    assert propose_route("BZ").steps == [LIST, POLICE, RouteStep.NOTICE_HOST_LATER]
    assert last_event() == ("route_rule.move", "olga", {"before": 4, "after": 3})
    for place, position in ((0, 1), (99, 4)):
        table.move_rule(by=olga, rule=rule(Hosted.ANYWHERE), place=place)
        assert rule(Hosted.ANYWHERE).position == position
    assert sorted(RouteRule.objects.values_list("position", flat=True)) == [1, 2, 3, 4]


# --- Permissions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_only_operators_change_the_table(who: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(who)
    hotline, example = rule(Hosted.HOTLINE), RouteExample.objects.get(country="DE")
    acts: list[Callable[[], object]] = [
        lambda: table.write_rule(by=person, rule=hotline),
        lambda: table.write_rule(by=person, rule=new(Hosted.HOTLINE, HOTLINE)),
        lambda: table.move_rule(by=person, rule=hotline, place=1),
        lambda: table.write_example(by=person, example=RouteExample(country="FR", steps=[HOTLINE])),
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
    client = client_of(request.getfixturevalue(who))
    for path in (PAGE, EXAMPLES):
        page = client.get(path)
        assert page.status_code == status
        # Only users who may change the rules see the buttons.
        assert ("Add rout" in said(page)) is (who == "olga")
        assert bool(re.search(rf"{path}[0-9a-f-]+/change/", page.content.decode())) is (who == "olga")
    form_page = client.get(f"{PAGE}{rule(Hosted.OWN).pk}/change/")
    assert form_page.status_code == status
    assert ('name="_save"' in form_page.content.decode()) is (who == "olga")


# --- The pages --------------------------------------------------------------------------------------


def test_page_shows_rules_with_reasons_and_what_examples_say(olga: User) -> None:
    RouteExample.objects.filter(country="US").update(steps=[POLICE])
    page = client_of(olga).get(PAGE)

    assert rows(page)[2][:2] == [
        "A country without a hotline",
        "Referral to the national police; Notice to the hosting provider after 48 hours",
    ]
    assert [row[2] for row in rows(page)] == [default_rule.reason for default_rule in catalogue.RULES]
    assert {country: result for country, _expected, result in rows(client_of(olga).get(EXAMPLES))} == {
        "Belize": "Passes",
        "Germany": "Passes",
        "United Kingdom": "Passes",
        "United States": "Fails: Referral to the country’s hotline; Entry on the URL list",
    }


def test_country_is_tried_and_says_why(ana: User) -> None:
    page = client_of(ana).get(PAGE, {"country": "BZ"})

    assert page.context["country"] == "Belize"
    assert page.context["steps"] == [
        ("Referral to the national police", (catalogue.RULES[2].reason,)),
        ("Notice to the hosting provider after 48 hours", (catalogue.RULES[2].reason,)),
        ("Entry on the URL list", (catalogue.RULES[3].reason,)),
    ]
    assert "steps" not in client_of(ana).get(PAGE, {"country": "nonsense"}).context


def test_rule_that_breaks_an_example_is_shown_before_it_is_saved(olga: User) -> None:
    client, path = client_of(olga), f"{PAGE}{rule(Hosted.HOTLINE).pk}/change/"
    assert 'type="checkbox" name="anyway"' not in client.get(path).content.decode()
    page = client.post(path, entered(steps=["police"], reason="They asked for it", is_active="on"))

    assert 'type="checkbox" name="anyway"' in page.content.decode()
    assert "Nothing has been saved yet." in said(page)
    germany, usa = (
        f"{country_in_words(code)} would fail. Expected: Referral to the country’s hotline; Entry on the URL list."
        for code in ("DE", "US")
    )
    assert f"{germany} With this change: Referral to the national police; Entry on the URL list." in said(page)
    assert usa in said(page)
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
        ({"hosted": "countries"}, "__all__", COUNTRIES_ONLY),
        ({"countries": "Germany"}, "__all__", COUNTRIES_ONLY),
        ({"hosted": "countries", "countries": "Atlantis, FR"}, "countries", "Unknown countries: Atlantis."),
        ({"reason": ""}, "reason", "This field is required."),
        ({"after_hours": "0"}, "after_hours", "Ensure this value is greater than or equal to 1."),
    ],
)
def test_rule_that_says_nothing_is_refused(olga: User, sent: dict[str, Any], field: str, error: str) -> None:
    page = client_of(olga).post(f"{PAGE}add/", entered(**sent))

    assert page.context["adminform"].form.errors[field] == [error]
    assert RouteRule.objects.count() == 4


def test_countries_are_named_in_words_or_codes(olga: User) -> None:
    sent = entered(hosted="countries", countries="france, Côte d’Ivoire; NL be", is_active="on")
    assert client_of(olga).post(f"{PAGE}add/", sent).status_code == 302
    added = rule(Hosted.COUNTRIES)

    assert added.countries == ["BE", "CI", "FR", "NL"]
    assert rows(client_of(olga).get(PAGE))[-1][0] == "Belgium, Côte d’Ivoire, France, Netherlands"
    page = client_of(olga).get(f"{PAGE}{added.pk}/change/")
    assert 'value="Belgium, Côte d’Ivoire, France, Netherlands"' in page.content.decode()


def test_position_moves_the_rule(olga: User) -> None:
    client, path = client_of(olga), f"{PAGE}{rule(Hosted.HOTLINE).pk}/change/"
    client.post(path, entered(is_active="on", position="1"))

    assert [each.hosted for each in RouteRule.objects.all()][:2] == [Hosted.HOTLINE, Hosted.OWN]
    assert last_event() == ("route_rule.move", "olga", {"before": 2, "after": 1})


def test_table_without_rules_offers_the_usual_ones(olga: User, ana: User) -> None:
    RouteRule.objects.all().delete()
    assert "Load the default rules" not in said(client_of(ana).get(PAGE))
    assert "Load the default rules" in said(client_of(olga).get(PAGE))
    client_of(olga).post("/admin/routing/load/")

    assert propose_route("DE").steps == [HOTLINE, LIST]
    with pytest.raises(Denied):
        table.load_usual(by=olga)
