"""The public data of portals in memory: how fresh it is, what it costs, and what it never contains."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse

from countries.models import ContactKind, Portal, PortalState
from countries.public import published
from countries.public.page_cache import CachedPage
from countries.public.published_portal import PublishedContact
from countries.tests.factories import ContactFactory, PartnerFactory, open_portal, store_verified


@contextmanager
def database_away() -> Iterator[None]:
    def refuse(*args: Any) -> None:
        raise OperationalError("The server is away.")

    with connection.execute_wrapper(refuse):
        yield


class Clock:
    """The monotonic clock of `published`; time-machine moves only the other one."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def shift(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(published, "monotonic", clock)
    return clock


def suspend(portal: Portal) -> None:
    Portal.objects.filter(pk=portal.pk).update(state=PortalState.SUSPENDED)


def test_portals_ask_nothing_while_fresh(
    belize: Portal, clock: Clock, django_assert_num_queries: Callable[..., Any]
) -> None:
    published.portals_by_slug()
    clock.shift(2)
    with django_assert_num_queries(0):
        assert list(published.portals_by_slug()) == ["bz"]


@pytest.mark.parametrize("count", [1, 30])
def test_portals_texts_and_the_banner_are_read_with_fifteen_queries(
    db: None, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        open_portal(f"p{number}", f"Portal {number}", "en", "fr", country="")
    with django_assert_num_queries(15):
        assert len(published.portals_by_slug()) == count


def test_portals_show_a_change_within_five_seconds(belize: Portal, clock: Clock) -> None:
    assert published.portals_by_slug()["bz"].state is PortalState.LIVE
    suspend(belize)
    clock.shift(1)
    assert published.portals_by_slug()["bz"].state is PortalState.LIVE
    clock.shift(4)
    assert published.portals_by_slug()["bz"].state is PortalState.SUSPENDED


def test_forget_shows_a_change_at_once(belize: Portal) -> None:
    published.portals_by_slug()
    suspend(belize)
    published.clear_cache()
    assert published.portals_by_slug()["bz"].state is PortalState.SUSPENDED


def test_portals_keep_the_last_copy_while_the_database_is_away(belize: Portal, clock: Clock) -> None:
    before = published.portals_by_slug()
    clock.shift(3600)
    with database_away():
        assert published.portals_by_slug() is before
        clock.shift(1)
        assert published.portals_by_slug() is before
    suspend(belize)
    clock.shift(4)
    assert published.portals_by_slug()["bz"].state is PortalState.SUSPENDED


def test_portals_ask_a_database_that_is_away_once_in_a_while_only(belize: Portal, clock: Clock) -> None:
    asked = []

    def refuse(*args: Any) -> None:
        asked.append(1)
        raise OperationalError("The server is away.")

    published.portals_by_slug()
    clock.shift(60)
    with connection.execute_wrapper(refuse):
        for _ in range(10):
            published.portals_by_slug()
    assert len(asked) == 1


def test_portals_without_any_copy_fail_with_the_database(belize: Portal) -> None:
    with database_away(), pytest.raises(OperationalError):
        published.portals_by_slug()
    assert published.in_memory() == {}


def test_portals_go_on_with_the_old_copy_while_another_thread_reads(
    belize: Portal, clock: Clock, django_assert_num_queries: Callable[..., Any]
) -> None:
    before = published.portals_by_slug()
    clock.shift(4)
    with published._lock, django_assert_num_queries(0):
        assert published.portals_by_slug() is before


def test_pages_stay_while_nothing_changes_and_go_with_a_change(belize: Portal, clock: Clock) -> None:
    page = CachedPage.of(HttpResponse("page"))
    published.portals_by_slug()["bz"].pages["home", "en"] = page
    clock.shift(60)
    assert published.portals_by_slug()["bz"].pages == {("home", "en"): page}
    suspend(belize)
    clock.shift(60)
    assert published.portals_by_slug()["bz"].pages == {}


def test_contacts_are_published_only_after_verification(belize: Portal, settings: Any) -> None:
    ContactFactory.create(
        portal=belize, kind=ContactKind.POLICE, name="Police", phone="911", verified_on=None, verified_by=""
    )
    helpline = PublishedContact(
        ContactKind.CHILD_HELPLINE, "Child helpline", "116", "", verified=True, name_language="en"
    )
    sample = PublishedContact(ContactKind.POLICE, "Police", "911", "", verified=False, name_language="en")

    assert published.portals_by_slug()["bz"].contacts == (helpline,)

    settings.DEMO = True
    published.clear_cache()
    assert published.portals_by_slug()["bz"].contacts == (helpline, sample)


def test_partners_are_published_only_after_confirmation(belize: Portal) -> None:
    PartnerFactory.create(portal=belize, name="Not asked yet", confirmed=False)
    assert [partner.name for partner in published.portals_by_slug()["bz"].partners] == ["Police"]


@pytest.mark.parametrize(
    ("tag", "name", "note", "lang"),
    [
        ("en", "Child helpline", "", ""),
        ("es", "Ayuda a la infancia", "Gratis", ""),
        ("es-gt", "Ayuda a la infancia", "Gratis", ""),
        # No text of its own, on a page whose words are French.
        ("fr", "Child helpline", "", "en"),
        # No catalogue: the page around it is English.
        ("ps", "مرستندویه کرښه", "", "ps"),
    ],
)
def test_contacts_and_partners_are_named_in_the_language_of_the_page(
    belize: Portal, tag: str, name: str, note: str, lang: str
) -> None:
    for row in (belize.contacts.get(), belize.partners.get()):
        row.name = "Child helpline"
        row.save()
        row.texts.create(language="es", name="Ayuda a la infancia", note="Gratis")
        row.texts.create(language="ps", name="مرستندویه کرښه")
        store_verified(row)
    portal = published.as_stored(belize.pk).in_language(tag)
    found = [(row.name, row.note, row.name_language) for row in portal.contacts]
    found += [(row.name, row.note, row.name_language) for row in portal.partners]
    assert found == [(name, note, lang)] * 2
    assert portal.in_language(tag) is portal


def test_country_is_named_in_each_language_of_its_portal(belize: Portal, pakistan: Portal) -> None:
    names = [[each.name for each in published.as_stored(row.pk).country_names()] for row in (belize, pakistan)]
    assert names == [["Belize", "Belice"], ["Pakistan", "پاکستان"]]


def test_access_phrase_is_not_in_what_a_log_may_print(belize: Portal) -> None:
    Portal.objects.filter(pk=belize.pk).update(access_phrase="open sesame")
    assert "open sesame" not in repr(published.portals_by_slug())


def test_first_language_is_one_that_has_a_text(belize: Portal) -> None:
    assert published.portals_by_slug()["bz"].first_language == "en"
    belize.texts.filter(language="en").delete()
    published.clear_cache()
    assert published.portals_by_slug()["bz"].first_language == "es"
    belize.texts.all().delete()
    published.clear_cache()
    assert published.portals_by_slug()["bz"].first_language is None


@pytest.mark.parametrize(
    ("phone", "dialled"), [("116", "116"), ("+1 345 949 4222", "+13459494222"), (" 0800 (00) 12-3", "080000123")]
)
def test_contact_is_dialled_without_decoration(phone: str, dialled: str) -> None:
    assert PublishedContact(ContactKind.OTHER, "Service", phone, "", verified=True).dialled == dialled


def test_warming_reads_once_and_survives_a_database_that_is_away(
    belize: Portal, django_assert_num_queries: Callable[..., Any]
) -> None:
    published.clear_cache()
    with database_away():
        published.warm_cache()
    assert published.in_memory() == {}
    with django_assert_num_queries(15):
        published.warm_cache()
    assert published.in_memory()["bz"].name == belize.name
