"""Initial values of the assessment form: only from exact statements of the reporter."""

import pytest
from django.conf import settings
from django.utils.translation import override

from analysts.assessment.suggestions import guess_found_on, guess_kind
from analysts.codes import ContentKind, Fact, FoundOn
from reports.places import PlaceKind


def test_found_on_is_what_the_reporter_can_be_suggested() -> None:
    assert [*FoundOn] == [FoundOn.NOT_DETERMINED, *PlaceKind]
    assert FoundOn.labels[1:] == PlaceKind.labels


@pytest.mark.parametrize("language", [tag for tag, _ in settings.LANGUAGES])
def test_every_suggestion_is_recognised_in_every_language(language: str) -> None:
    with override(language):
        suggested = {place: str(place.label) for place in PlaceKind}
    assert {place: guess_found_on(words) for place, words in suggested.items()} == {
        place: FoundOn(place) for place in PlaceKind
    }


def test_capitals_and_blanks_do_not_matter() -> None:
    assert guess_found_on("  app or\u00a0PRIVATE chat\n") == FoundOn.CHAT


@pytest.mark.parametrize("text", ["", " ", "a forum", "Forum.", "forum.example.net", "web_page", "x" * 100_000, "\0"])
def test_anything_else_is_left_to_the_analyst(text: str) -> None:
    assert guess_found_on(text) == FoundOn.NOT_DETERMINED


def test_live_stream_is_the_only_content_kind_guessed_from_ticks() -> None:
    assert guess_kind([Fact.LOGIN_NEEDED, Fact.LIVE_STREAM]) == ContentKind.LIVE_STREAM
    assert guess_kind([fact for fact in Fact if fact != Fact.LIVE_STREAM]) == ContentKind.NOT_DETERMINED
    assert guess_kind([]) == ContentKind.NOT_DETERMINED
