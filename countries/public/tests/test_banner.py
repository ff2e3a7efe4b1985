"""The banner on public pages: on every page, in its language, from memory, and gone at its time without a write."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from django.utils.translation import override

from countries.models import Banner, Portal, PortalState, ReadyText
from countries.public import published
from countries.public.banner import READY_TEXTS, PublishedBanner
from countries.public.standard_texts import closed_sentence, suspended_sentence
from countries.public.tests.test_published import Clock, database_away

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SENTENCE = "This service is being maintained today. You can report as usual."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(published, "monotonic", clock)
    return clock


def show(**values: Any) -> None:
    Banner.objects.update_or_create(pk=1, defaults={"ready_text": ReadyText.MAINTENANCE} | values)
    published.clear_cache()
    published.portals_by_slug()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/network/en/about/",
        "/network/en/privacy/",
        "/network/en/trust/",
        "/bz/en/",
        "/bz/en/about/",
        "/bz/en/help/",
        "/bz/en/report/",
        "/bz/en/status/",
        "/bz/en/no-such-page/",
    ],
)
def test_every_page_shows_the_banner(belize: Portal, visitor: Client, path: str) -> None:
    assert SENTENCE not in visitor.get(path).content.decode()
    show()
    assert SENTENCE in visitor.get(path).content.decode()


def test_banner_asks_nothing_and_disappears_at_its_time_without_a_write(
    belize: Portal, visitor: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        show(shown_until=NOW + timedelta(hours=1))
        assert SENTENCE in visitor.get("/bz/en/").content.decode()
        # The visitor's client changes the role before and after.
        with django_assert_num_queries(2):
            assert SENTENCE in visitor.get("/bz/en/").content.decode()
        traveller.move_to(NOW + timedelta(hours=1))
        with django_assert_num_queries(2):
            assert SENTENCE not in visitor.get("/bz/en/").content.decode()


def test_banner_of_another_process_is_shown_and_withdrawn_within_five_seconds(
    belize: Portal, visitor: Client, clock: Clock
) -> None:
    visitor.get("/bz/en/")
    Banner.objects.create(ready_text=ReadyText.SLOW)
    clock.shift(5)
    assert str(READY_TEXTS[ReadyText.SLOW]) in visitor.get("/bz/en/").content.decode()
    # One change to the next: no page of the first is kept.
    Banner.objects.update(ready_text=ReadyText.MAINTENANCE)
    clock.shift(5)
    assert SENTENCE in visitor.get("/bz/en/").content.decode()
    Banner.objects.all().delete()
    clock.shift(5)
    assert SENTENCE not in visitor.get("/bz/en/").content.decode()
    assert len({key[2] for key in published.portals_by_slug()["bz"].pages}) == 1


def test_banner_stays_while_the_database_is_away(belize: Portal, clock: Clock) -> None:
    show()
    assert published.banner_sentence() == SENTENCE
    clock.shift(3600)
    with database_away():
        assert published.banner_sentence() == SENTENCE
    published.clear_cache()
    with database_away():
        assert published.banner_sentence() == ""


def test_own_words_are_in_the_language_of_the_page() -> None:
    banner = PublishedBanner("", (("en", "Back at noon."), ("es", "Volvemos al mediodía.")), None)
    assert [banner.sentence(tag) for tag in ("es-gt", "es", "ps")] == [
        "Volvemos al mediodía.",
        "Volvemos al mediodía.",
        "Back at noon.",
    ]


@pytest.mark.parametrize("state", [PortalState.SUSPENDED, PortalState.CLOSED])
def test_portal_without_a_message_shows_the_sentence_of_its_state(
    belize: Portal, visitor: Client, state: PortalState
) -> None:
    Portal.objects.update(state=state)
    belize.texts.update(suspended_message="", closed_message="")
    sentences = {PortalState.SUSPENDED: suspended_sentence, PortalState.CLOSED: closed_sentence}
    for tag in dict(django_settings.LANGUAGES):
        with override(tag):
            assert sentences[state]()
    with override("es"):
        wanted = sentences[state]()
    assert wanted in visitor.get("/bz/es/").content.decode()
