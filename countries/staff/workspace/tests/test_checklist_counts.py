"""Counts for sorting: the database's numbers are those of the checklist, for every way in which an item is open."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from analysts.models import User
from countries.models import (
    Contact,
    HelpService,
    Partner,
    Portal,
    PortalState,
    PortalText,
    Region,
    ServiceKind,
    TextReview,
    WithdrawnItem,
)
from countries.public.standard_texts import standard_text
from countries.public.withdrawn import row_item
from countries.staff.workspace.checklist import build_checklist
from countries.staff.workspace.checklist_counts import visible_texts_due, with_contacts_due, with_open_items
from countries.staff.workspace.portal_list import portal_rows
from countries.tests.factories import (
    HelpServiceFactory,
    PortalFactory,
    complete_portal,
    name_in_languages,
    open_portal,
    review_texts,
    store_verified,
)
from tests.rig.fixtures import client_of
from tests.rig.public_pages import roll_back_afterwards

TODAY = date(2026, 5, 4)


@pytest.fixture
def ghana(db: None) -> Portal:
    PortalFactory.create(slug="xx", name="Without anything")
    return complete_portal("gh", "Ghana", "en", "fr", today=TODAY)


def counts_of(portals: QuerySet[Portal], name: str) -> dict[int, int]:
    return {portal.pk: getattr(portal, name) for portal in portals}


def move_services(country: str) -> None:
    for service in HelpService.objects.all():
        service.countries = country
        store_verified(service)


def withdraw_services() -> None:
    for item in map(row_item, HelpService.objects.all()):
        WithdrawnItem.objects.create(kind=item.kind, key=item.key, digest=item.digest)


OPENINGS: dict[str, Callable[[Portal], object]] = {
    "nothing": lambda portal: None,
    "contact removed": lambda portal: portal.contacts.filter(kind="police").delete(),
    "contact unverified": lambda portal: portal.contacts.update(verified_on=None, verified_by=""),
    "contact changed": lambda portal: portal.contacts.update(phone="911"),
    "partner changed": lambda portal: portal.partners.update(website="https://other.example.org/"),
    "contact old": lambda portal: portal.contacts.update(verified_on=TODAY - timedelta(days=366)),
    "contact of tomorrow": lambda portal: portal.contacts.update(verified_on=TODAY + timedelta(days=1)),
    "contact without source": lambda portal: portal.contacts.update(source=""),
    "contact without number": lambda portal: portal.contacts.update(phone="", website=""),
    "second contact incomplete": lambda portal: portal.contacts.create(kind="police", name="Another"),
    "default language": lambda portal: Portal.objects.filter(pk=portal.pk).update(default_language="es"),
    "text empty": lambda portal: portal.texts.filter(language="fr").update(law=" \n"),
    "text changed": lambda portal: portal.texts.update(law="Another law."),
    "text not reviewed": lambda portal: TextReview.objects.filter(part="about").delete(),
    "review of tomorrow": lambda portal: TextReview.objects.update(reviewed_on=TODAY + timedelta(days=1)),
    "language without words": lambda portal: portal.texts.filter(language="fr").update(language="ny"),
    "language without words of crisis": lambda portal: portal.texts.filter(language="fr").update(language="pl"),
    "text in English": lambda portal: portal.texts.update(about=standard_text("GH", "Ghana", "en")["about"]),
    "country variant": lambda portal: portal.texts.filter(language="fr").update(language="fr-ca"),
    "names missing": lambda portal: Contact.objects.get(portal=portal, kind="police").texts.all().delete(),
    "names of partners missing": lambda portal: portal.partners.get().texts.all().delete(),
    "name of its own language": lambda portal: Partner.objects.update(name_language="fr"),
    "name of another language": lambda portal: Partner.objects.update(name_language="es"),
    "law": lambda portal: Portal.objects.update(legal_source=" "),
    "colours": lambda portal: Portal.objects.update(brand_colour="#ffc533"),
    "button": lambda portal: Portal.objects.update(button_colour="#ffc533"),
    "accent": lambda portal: Portal.objects.update(accent_colour="#1d5fa8"),
    "partners": lambda portal: portal.partners.all().delete(),
    "partner unconfirmed": lambda portal: portal.partners.create(name="Another"),
    "door without a service": lambda portal: HelpService.objects.update(verified_on=None, verified_by=""),
    "door with a service of another country": lambda portal: move_services("ZM"),
    "door with a withdrawn service": lambda portal: withdraw_services(),
    "all countries": lambda portal: Portal.objects.update(country="", region=Region.WORLD),
    "all countries, with a service": lambda portal: (
        Portal.objects.update(country="", region=Region.WORLD),
        HelpServiceFactory.create(kind=ServiceKind.LISTENING, verified_on=TODAY, verified_by="Olga"),
    ),
    "coverage": lambda portal: User.objects.update(is_active=False),
    "test report": lambda portal: Portal.objects.update(tested_on=None),
}


def test_database_counts_the_open_items_of_the_checklist(ghana: Portal) -> None:
    for name, opening in OPENINGS.items():
        with roll_back_afterwards():
            opening(ghana)
            counted = counts_of(with_open_items(Portal.objects.all(), TODAY), "open_items")
            listed = {portal.pk: len(build_checklist(portal, TODAY).open) for portal in Portal.objects.all()}
            assert counted == listed, name


def test_list_is_sorted_by_open_items_contacts_to_check_and_state(ghana: Portal, olga: User) -> None:
    for portal, due in ((ghana, 1), (open_portal("zm", "Zambia", "en", state=PortalState.SUSPENDED), 0)):
        portal.contacts.update(verified_on=timezone.localdate())
        portal.contacts.filter(pk__in=list(portal.contacts.values_list("pk", flat=True))[:due]).update(
            verified_on=date(2020, 1, 1)
        )
    client = client_of(olga)

    def order(column: str) -> list[str]:
        answer = client.get("/admin/countries/portal/", {"o": column})
        return [portal.slug for portal in answer.context["cl"].result_list]

    rows = portal_rows(Portal.objects.all())
    by_items = sorted(Portal.objects.all(), key=lambda portal: len(rows[portal.pk].checklist.open))
    assert order("2") == [portal.slug for portal in by_items]
    assert order("-2") == [portal.slug for portal in reversed(by_items)]
    assert order("-5")[0] == "gh"
    counted = counts_of(with_contacts_due(Portal.objects.all(), timezone.localdate()), "contacts_due")
    assert counted == {pk: row.stale for pk, row in rows.items()}
    assert order("1")[-1] == "zm"


def test_texts_due_are_counted_by_part_and_language(ghana: Portal) -> None:
    Portal.objects.exclude(pk=ghana.pk).update(state=PortalState.DRAFT)
    assert visible_texts_due(TODAY) == 0
    PortalText.objects.filter(language="fr").update(law="Another law.", about="Another text.", title="")
    assert visible_texts_due(TODAY) == 2
    review_texts(ghana, on=TODAY)
    assert visible_texts_due(TODAY) == 0
    TextReview.objects.all().delete()
    assert visible_texts_due(TODAY) == 11
    Portal.objects.update(state=PortalState.DRAFT)
    assert visible_texts_due(TODAY) == 0


def test_names_of_a_language_are_enough_for_its_country_variants(ghana: Portal) -> None:
    name_in_languages(ghana, "pt")
    PortalText.objects.filter(language="fr").update(language="pt-br")
    counted = counts_of(with_open_items(Portal.objects.filter(slug="gh"), TODAY), "open_items")
    assert counted == {ghana.pk: len(build_checklist(ghana, TODAY).open)}
