"""The search for a country, and what is known of every country of the world."""

import pytest
from django.conf import settings
from django.utils.translation import override

from analysts.models import User
from countries import catalogue
from countries.languages import country_names, is_known
from countries.models import Portal, PortalState
from countries.public.network.country_search import name_key
from countries.staff.workspace.country_facts import PARTS_OF_COUNTRIES, catalogue_rows, suggest_languages, world_rows
from countries.staff.workspace.country_finder import find_countries, keys_by_slug
from countries.tests.factories import PortalFactory
from tests.rig.fixtures import client_of

NEW = "/admin/countries/portal/new/"


def found(typed: str) -> list[str]:
    return [country.slug for country in find_countries(typed, [])]


def test_every_country_is_found_by_its_name_in_every_language() -> None:
    for tag in dict(settings.LANGUAGES):
        names = dict(country_names(tag))
        keys = {row["country"]: keys_by_slug()[slug] for slug, row in world_rows().items() if row["country"]}
        assert [code for code in keys if name_key(names[code]) not in keys[code]] == []


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("NP", "np"),
        (" nepal ", "np"),
        ("Ivory Coast", "ci"),
        ("zaire", "cd"),
        ("the Gambia", "gm"),
        ("नेपाल", "np"),
        ("Ascension", "ascension"),
    ],
)
def test_country_is_found_by_code_other_name_and_script(typed: str, slug: str) -> None:
    assert found(typed)[0] == slug


def test_part_of_a_name_finds_all_that_have_it() -> None:
    assert {"gn", "gw", "gq", "pg"} <= set(found("guinea"))
    assert found("") == found("---") == found("no country has this name") == []


def test_world_has_every_country_once_with_its_region() -> None:
    codes = [row["country"] for row in world_rows().values() if row["country"]]
    assert sorted(codes) == sorted({code for code, _name in country_names("en")} - PARTS_OF_COUNTRIES)
    assert {code for code in codes if code not in catalogue.regions_by_country()} == {"AQ"}
    assert set(catalogue.regions_by_country()) <= set(codes)
    differing = {
        row["country"]: row["region"]
        for row in catalogue_rows().values()
        if row["country"] and row["region"] != catalogue.regions_by_country()[row["country"]]
    }
    assert differing == {}


def test_every_country_has_a_language_and_says_where_it_comes_from() -> None:
    for row in world_rows().values():
        suggestion = suggest_languages(row)
        assert suggestion.languages
        assert str(suggestion.source)
        assert all(map(is_known, suggestion.languages)) or row.get("languages"), row["slug"]
    nepal, vanuatu = suggest_languages(world_rows()["np"]), suggest_languages(world_rows()["vu"])
    assert (nepal.languages, str(nepal.source)) == (("ne",), "official languages of the country, from CLDR")
    assert vanuatu.unknown == ("Bislama",)


def test_country_outside_the_catalogue_starts_without_any_number(db: None, olga: User) -> None:
    client = client_of(olga)
    page = client.get(NEW, {"q": "Nepal"})
    assert '<a class="button" href="?from=known:np">' in page.content.decode()
    form = client.get(f"{NEW}?from=known:np").context["form"]
    assert client.post(f"{NEW}?from=known:np", {name: form[name].value() for name in form.fields}).status_code == 302
    nepal = Portal.objects.get(slug="np")
    assert (nepal.country, nepal.region, nepal.default_language) == ("NP", "asia", "ne")
    assert not nepal.contacts.exists()


def test_country_with_a_portal_leads_to_it(db: None, olga: User) -> None:
    portal = PortalFactory.create(slug="nepal", name="Nepal and more", country="NP", state=PortalState.DRAFT)
    client = client_of(olga)
    page = client.get(NEW, {"q": "np"}).content.decode()
    assert "?from=known:np" not in page
    assert page.count(f'href="/admin/countries/portal/{portal.pk}/change/"') == 2
    other = PortalFactory.create(slug="islands", name="Small islands", country="")
    assert f"/admin/countries/portal/{other.pk}/change/" in client.get(NEW, {"q": "Small isl"}).content.decode()


def test_search_without_a_result_says_what_to_do(db: None, olga: User) -> None:
    page = client_of(olga).get(NEW, {"q": "<b>Atlantis"}).content.decode()
    assert "No country has this name." in page
    assert 'value="&lt;b&gt;Atlantis"' in page


def test_names_are_in_the_readers_language(db: None) -> None:
    with override("es"):
        assert find_countries("Germany", [])[0].name == "Alemania"
