"""The catalogue of known portals: valid, loaded once, and never over an operator's changes."""

from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from audit.models import AuditEvent
from countries import catalogue
from countries.brand import readable_under_white, too_close
from countries.models import (
    Contact,
    ContactKind,
    HelpService,
    Partner,
    Picture,
    Portal,
    PortalState,
    PortalText,
    TextReview,
)
from countries.public.frame_picture import MOST_BYTES
from countries.staff.workspace import actions

pytestmark = pytest.mark.django_db

SLUGS = ["bz", "gh", "gt", "in", "km", "ky", "mz", "pk", "sn", "tz", "ug", "world", "zm"]


def load(*options: str) -> str:
    output = StringIO()
    call_command("load_catalogue", *options, stdout=output)
    return output.getvalue()


def test_catalogue_loads_every_portal_as_a_draft() -> None:
    load()
    assert list(Portal.objects.order_by("slug").values_list("slug", "state")) == [
        (slug, PortalState.DRAFT) for slug in SLUGS
    ]


def test_catalogue_loads_every_portal_live_for_a_demonstration() -> None:
    load("--live")
    assert set(Portal.objects.values_list("state", flat=True)) == {PortalState.LIVE}


def test_catalogue_loaded_again_changes_nothing() -> None:
    load()
    before = [list(model.objects.order_by("pk").values()) for model in (Portal, PortalText, Contact, Partner)]
    assert load("--live") == ""
    after = [list(model.objects.order_by("pk").values()) for model in (Portal, PortalText, Contact, Partner)]
    assert after == before


def test_catalogue_never_undoes_what_an_operator_did() -> None:
    load()
    belize = Portal.objects.get(slug="bz")
    belize.brand_colour = "#123456"
    belize.save()
    belize.texts.filter(language="en").update(title="Changed")
    belize.contacts.all().delete()
    Portal.objects.get(slug="ky").delete()

    assert load() == "Added Cayman Islands (ky), draft.\n"

    belize.refresh_from_db()
    assert belize.brand_colour == "#123456"
    assert belize.texts.get(language="en").title == "Changed"
    assert belize.contacts.count() == 0


def test_catalogue_verifies_only_what_a_public_page_named() -> None:
    load()
    assert sorted(
        Contact.objects.exclude(verified_on=None).values_list("portal__slug", "phone", "verified_on", "verified_by")
    ) == [
        ("ky", "+1 345 949 4222", date(2026, 11, 24), "catalogue"),
        ("ug", "116", date(2026, 11, 24), "catalogue"),
        ("zm", "116", date(2026, 11, 24), "catalogue"),
        ("zm", "7070", date(2026, 11, 24), "catalogue"),
    ]
    assert not Contact.objects.filter(verified_on=None).exclude(source__startswith="unverified: ").exists()
    assert not Partner.objects.filter(confirmed=True, source="").exists()
    assert not Portal.objects.filter(launched_on__isnull=False, launch_source="").exists()
    assert not TextReview.objects.exists()


def test_catalogue_offers_the_languages_known_of_each_portal() -> None:
    load()
    assert {portal.slug: [text.language for text in portal.texts.all()] for portal in Portal.objects.all()} == {
        "bz": ["en", "es"],
        "gh": ["en", "fr"],
        "gt": ["es"],
        "in": ["hi", "en"],
        "km": ["fr", "ar"],
        "ky": ["en"],
        "mz": ["pt"],
        "pk": ["en", "ur"],
        "sn": ["fr"],
        "tz": ["sw", "en"],
        "ug": ["en"],
        "world": ["en", "es", "fr", "pt", "ar", "hi", "sw", "ur"],
        "zm": ["en"],
    }


def test_catalogue_names_a_harmless_page_to_leave_to_for_every_portal() -> None:
    load()
    assert not Portal.objects.filter(leave_to="").exists()


def test_catalogue_colours_carry_white_words() -> None:
    unreadable = [
        entry.portal["slug"] for entry in catalogue.entries() if not readable_under_white(entry.portal["brand_colour"])
    ]
    assert unreadable == []


def test_catalogue_gives_each_country_a_look_of_its_own() -> None:
    looks = [
        (entry.portal["brand_colour"], entry.portal["pattern"], entry.portal["header_layout"])
        for entry in catalogue.entries()
    ]
    assert len({(pattern, layout) for _brand, pattern, layout in looks}) >= 10
    assert len({brand for brand, _pattern, _layout in looks}) == len(looks) == len(SLUGS)
    close = [
        entry for entry in catalogue.entries() if too_close(entry.portal["accent_colour"], entry.portal["brand_colour"])
    ]
    assert close == []


def test_demonstration_has_made_up_marks_and_an_installation_has_none() -> None:
    load()
    assert not Picture.objects.exists()
    Portal.objects.all().delete()
    load("--live")
    pictures = [row for portal in Portal.objects.all() for row in (portal.logo, portal.crest) if row]
    assert len({picture.digest for picture in pictures}) == 2 * len(SLUGS)
    logos = [partner.logo for partner in Partner.objects.select_related("logo")]
    assert len(logos) > 10
    assert max(len(logo.content) if logo else 1_000 for logo in logos) < 500
    assert max(len(picture.content) for picture in pictures) < MOST_BYTES / 2


def test_demonstration_has_samples_of_the_contacts_that_a_launch_needs() -> None:
    load()
    assert not Contact.objects.filter(source__startswith="made up").exists()
    Portal.objects.all().delete()
    load("--live")
    for portal in Portal.objects.prefetch_related("contacts"):
        assert {*ContactKind.needed_by(portal)} <= {contact.kind for contact in portal.contacts.all()}, portal.slug
    assert not Contact.objects.filter(source__startswith="made up", verified_on__isnull=False).exists()


def test_load_records_each_new_portal() -> None:
    load()
    found = AuditEvent.objects.filter(action="portal.load")
    assert sorted(found.values_list("action", "actor", "portal", "details")) == [
        ("portal.load", "", slug, {"state": "draft"}) for slug in SLUGS
    ]


def test_help_services_of_the_catalogue_are_unverified_with_a_source() -> None:
    load()
    assert HelpService.objects.count() == len(catalogue.services())
    assert not HelpService.objects.exclude(verified_on=None, source__startswith="unverified: ").exists()
    HelpService.objects.filter(key="stopncii").update(name="Changed")
    assert load() == ""
    assert HelpService.objects.get(key="stopncii").name == "Changed"


def test_load_refuses_an_entry_an_operator_could_not_save() -> None:
    entry = catalogue.Entry(portal={"slug": "admin", "name": "Nowhere"}, texts=[], contacts=[], partners=[])
    with pytest.raises(ValidationError):
        actions.load_portal(entry, state=PortalState.DRAFT)
    assert not Portal.objects.exists()
