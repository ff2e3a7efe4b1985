"""Creating portals: origins, what is not copied, and permissions."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied
from countries import catalogue
from countries.models import ApprovalRequest, Portal, PortalState, TextReview
from countries.staff.document.exchange import build_export
from countries.staff.document.portal_document import document_of
from countries.staff.workspace import starting
from countries.staff.workspace.country_facts import catalogue_rows
from countries.tests.factories import review_texts
from tests.rig.fixtures import client_of

NEW = "/admin/countries/portal/new/"
COMMONWEALTH = (
    "AG AU BS BD BB BZ BW BN CM CA CY DM SZ FJ GA GM GH GD GY IN JM KE KI LS MW MY MV MT MU MZ NA NR NZ NG PK PG RW KN "
    "LC VC WS SC SL SG SB ZA LK TZ TG TO TT TV UG GB VU ZM"
)
OTHERS = "AI BM VG KY GI MS PN TC SH CD AO LR KM ZW UA HT ML ID MN SN MG SV GT MA AR"
WITHOUT_CODE = {"akrotiri-dhekelia", "ascension", "tristan-da-cunha", "icmec", "world"}


def events() -> list[tuple[str, str, str, dict[str, Any]]]:
    return list(AuditEvent.objects.order_by("number").values_list("action", "actor", "portal", "details"))


def test_catalogue_knows_every_member_of_the_commonwealth_and_every_portal_named() -> None:
    rows = catalogue_rows()
    assert sorted(row["country"] for row in rows.values() if row.get("commonwealth")) == sorted(COMMONWEALTH.split())
    assert {row["country"] for row in rows.values()} == {*COMMONWEALTH.split(), *OTHERS.split(), ""}
    assert {slug for slug, row in rows.items() if not row["country"]} == WITHOUT_CODE
    assert {path.stem for path in catalogue.files()} < rows.keys()


def test_every_row_starts_a_draft_with_nothing_verified(db: None, olga: User) -> None:
    Portal.objects.all().delete()
    for slug in catalogue_rows():
        check_start(slug, olga)


def check_start(slug: str, olga: User) -> None:
    portal = starting.start_portal(by=olga, document=starting.from_catalogue(slug), how="known", source=slug)

    assert portal.state == PortalState.DRAFT
    assert portal.region == catalogue_rows()[slug]["region"]
    assert portal.texts.filter(language=portal.default_language).exists()
    assert not TextReview.objects.exists()
    assert not portal.contacts.exclude(verified_on=None, verified_by="").exists()
    assert not portal.partners.filter(confirmed=True).exists()
    assert not portal.launched_on or portal.launch_source
    if slug not in {path.stem for path in catalogue.files()}:
        assert not portal.contacts.exclude(source__startswith="unverified: ").exists()
        assert not portal.partners.exclude(confirmed=False, source__startswith="unverified: ").exists()


def test_country_takes_three_clicks(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    page = client.get("/admin/countries/portal/add/", follow=True)
    assert page.redirect_chain == [(NEW, 302)]
    assert '<a href="?from=known:mu">Mauritius</a>' in page.content.decode()
    form = client.get(f"{NEW}?from=known:mu").context["form"]
    answer = client.post(f"{NEW}?from=known:mu", {name: form[name].value() for name in form.fields})

    mauritius = Portal.objects.get(slug="mu")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/admin/countries/portal/{mauritius.pk}/change/"
    assert (mauritius.country, mauritius.region, mauritius.state) == ("MU", "africa", "draft")
    assert [contact.phone for contact in mauritius.contacts.all()] == ["116"]
    assert mauritius.leave_to == "https://fr.wikipedia.org/"
    [(action, by, slug, details)] = events()
    changes = details.pop("changes")
    assert (action, by, slug, details) == ("portal.start", "olga", "mu", {"from": "known", "source": "mu"})
    assert changes["country"] == {"before": None, "after": "MU"}


def test_file_of_the_catalogue_wins_over_its_row() -> None:
    assert starting.from_catalogue("bz")["texts"][0]["title"] == "Belize Reporting Portal"
    assert starting.from_catalogue("bz")["region"] == "americas"


def test_start_from_another_portal_takes_nothing_that_is_true_of_its_country_alone(belize: Portal, olga: User) -> None:
    Portal.objects.update(
        leave_to="https://example.org/", legal_source="Act 1", access_phrase="secret", button_colour="#123456"
    )
    belize.texts.update(law="The law of Belize", about="About Belize")
    review_texts(belize)
    response = client_of(olga).post(
        f"{NEW}?from=portal:bz",
        {"name": "Elsewhere", "slug": "xe", "country": "", "region": "asia", "languages": ["en", "es", "fr"],
         "default_language": "es"},
    )  # fmt: skip

    assert response.status_code == 302
    copy = document_of(Portal.objects.get(slug="xe"))
    assert (copy["brand_colour"], copy["button_colour"]) == ("#003f87", "#123456")
    assert [text["language"] for text in copy["texts"]] == ["es", "en", "fr"]
    assert copy["contacts"] == []
    assert [(partner["name"], partner["confirmed"]) for partner in copy["partners"]] == [("Police", False)]
    said = str(copy)
    assert "Belize" not in said
    assert "Amina" not in said
    assert "secret" not in said
    assert (copy["leave_to"], copy["legal_source"], copy["region"]) == ("", "", "asia")


@pytest.mark.parametrize("slug", ["admin", "static", "network", "bz", "Belize!", ""])
def test_address_that_is_reserved_taken_or_odd_is_refused_and_what_was_typed_kept(
    belize: Portal, olga: User, slug: str
) -> None:
    response = client_of(olga).post(
        f"{NEW}?from=blank",
        {"name": "Typed name", "slug": slug, "region": "asia", "languages": ["en"], "default_language": "en"},
    )
    assert response.status_code == 422
    assert 'value="Typed name"' in response.content.decode()
    assert Portal.objects.count() == 1
    assert events() == []


def upload(belize: Portal, *changes: tuple[str, str], **fields: str) -> dict[str, Any]:
    content = build_export(document_of(belize))
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    return {"file": SimpleUploadedFile("portal.toml", content.encode()), **fields}


def test_start_from_a_file_believes_its_marks_only_where_they_were_checked(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    renamed = ('slug = "bz"', 'slug = "b1"')
    assert client.post(NEW, upload(belize, renamed)).status_code == 302
    assert client.post(NEW, upload(belize, (renamed[0], 'slug = "b2"'), checked="on")).status_code == 302
    assert Portal.objects.get(slug="b1").contacts.get().verified_on is None
    assert Portal.objects.get(slug="b2").contacts.get().verified_on is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('slug = "bz"', 'slug = "admin"'), "taken by the site itself"),
        (('slug = "bz"', 'slug = "bz"'), "portal with the address"),
        (('slug = "bz"', "slug = bz"), "line 2"),
        (('slug = "bz"', 'slug = "b1"\nstate = "live"'), "state: no such key"),
    ],
)
def test_file_that_cannot_be_a_new_portal_says_why(
    belize: Portal, olga: User, change: tuple[str, str], message: str
) -> None:
    response = client_of(olga).post(NEW, upload(belize, change))
    assert response.status_code == 422
    assert message in str(response.context["form"].errors)
    assert Portal.objects.count() == 1


@pytest.mark.parametrize("name", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_only_operators_can_start_export_or_import_portals(
    belize: Portal, name: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    client = client_of(user)
    before = Portal.objects.count()
    for page in (NEW, f"{NEW}?from=known:mu", f"/admin/countries/portal/{belize.pk}/export/"):
        assert client.get(page).status_code == 403
    assert client.post(f"{NEW}?from=blank", {"slug": "xx"}).status_code == 403
    assert client.post(f"/admin/countries/portal/{belize.pk}/import/", upload(belize)).status_code == 403
    with pytest.raises(Denied):
        starting.start_portal(by=user, document=starting.blank_document() | {"slug": "xx", "name": "X"}, how="blank")
    assert Portal.objects.count() == before
    assert events() == []


@pytest.mark.parametrize("origin", ["known:xx", "portal:xx", "else", "known:../bz"])
def test_start_from_what_is_not_there_is_not_found(belize: Portal, olga: User, origin: str) -> None:
    assert client_of(olga).get(NEW, {"from": origin}).status_code == 404


def test_export_is_on_the_record_and_without_the_access_phrase(belize: Portal, olga: User) -> None:
    Portal.objects.update(access_phrase="open sesame")
    answer = client_of(olga).get(f"/admin/countries/portal/{belize.pk}/export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="bz.toml"'
    assert 'name = "Belize"' in answer.content.decode()
    assert "sesame" not in answer.content.decode()
    assert events() == [("portal.export", "olga", "bz", {})]


def test_import_onto_a_visible_portal_is_requested(belize: Portal, olga: User) -> None:
    Portal.objects.update(access_phrase="open sesame")
    page = f"/admin/countries/portal/{belize.pk}/import/"
    file = upload(belize, ('name = "Belize"', 'name = "Belize again"'), checked="on", reason="Corrected elsewhere")
    assert client_of(olga).post(page, file).status_code == 302
    belize.refresh_from_db()
    assert belize.name == "Belize"
    document = ApprovalRequest.objects.get().payload["document"]
    assert document == {**document_of(belize), "name": "Belize again"}
    assert document["access_phrase"] == "open sesame"
    assert events()[0][3]["changes"] == {"name": {"before": "Belize", "after": "Belize again"}}


def test_import_onto_a_draft_replaces_it(belize: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.DRAFT)
    page = f"/admin/countries/portal/{belize.pk}/import/"
    file = upload(belize, ('name = "Belize"', 'name = "Belize again"'), reason="Corrected elsewhere")
    assert client_of(olga).post(page, file).status_code == 302
    belize.refresh_from_db()
    assert belize.name == "Belize again"
    assert belize.contacts.get().verified_on is None
    [event] = events()
    assert event[0] == "portal.import"
    assert event[3]["changes"]["name"] == {"before": "Belize", "after": "Belize again"}
    other = upload(belize, ('slug = "bz"', 'slug = "gh"'), reason="Wrong file")
    response = client_of(olga).post(page, other)
    assert response.status_code == 422
    assert "cannot change" in response.content.decode()
