"""Which addresses and texts count as near-duplicates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysts.incidents.contents.plaintexts import Payload
from analysts.incidents.near_duplicates import shape_of_address, shape_of_envelope, shape_of_words
from reports.addresses import find_addresses


def shape(text: str) -> str:
    (address,) = find_addresses(text)
    return shape_of_address(address)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("example.org/album/17", "https://www.example.org/album/1800"),
        ("a1.example.org/x", "b22.example.org/x"),
        ("site1.example/x", "site27.example/x"),
        ("example.org/view?id=1&page=2", "example.org/view?id=77&page=3"),
        ("example.org/p/CxYzAbQw", "example.org/p/DdEfGhIj"),
        ("example.org/0b9f7c1e-8a31-4d2b-9c3d-aaaaaaaaaaaa/x", "example.org/1-2/x"),
        ("example.org/qwertyuiopasdfghjklzxcvbn", "example.org/mnbvcxzlkjhgfdsapoiuytrewq"),
        ("example.org/Gallery/1", "example.org/gallery/2"),
        ("example.org/%D8%A7%31/1", "example.org/%D8%A8%32/1"),
    ],
)
def test_addresses_that_differ_by_number_or_chance_are_alike(one: str, other: str) -> None:
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("example.org/album/17", "example.net/album/17"),
        ("example.org/album/17", "example.org/forum/17"),
        ("example.org/ana/status/17", "example.org/ben/status/17"),
        ("192.0.2.17/a", "192.0.2.18/a"),
        (f"{'a' * 55}2.onion/x", f"{'b' * 55}2.onion/x"),
        ("example.org/", "example.org/1"),
        ("ana.example.org/17", "ben.example.org/17"),
        ("example.org:8080/17", "example.org:8081/17"),
        ("example.org/ana17", "example.org/ben17"),
        ("example.org/@AnaMaria", "example.org/@BenJonas"),
        ("example.org/view?name=ana&id=1", "example.org/view?name=ben&id=1"),
        ("tg://resolve?domain=ana", "tg://resolve?domain=ben"),
        ("example.org/альбом/1", "example.org/форум/1"),
        ("example.org/صورة/1", "example.org/فيديو/1"),
        ("example.org/चित्र/1", "example.org/समूह/1"),
        ("example.org/相册/1", "example.org/视频/1"),
    ],
)
def test_addresses_of_different_places_are_not_alike(one: str, other: str) -> None:
    assert shape(one) != shape(other)


@given(st.text(max_size=60))
def test_any_address_has_a_shape(tail: str) -> None:
    for address in find_addresses(f"https://example.org/{tail}"):
        assert shape_of_address(address).encode("utf-8", "surrogatepass")


def test_words_are_alike_if_only_numbers_case_and_spaces_differ() -> None:
    assert shape_of_words("It was in Group 17, árbol!") == shape_of_words("it  was in\ngroup 9001: ÁRBOL")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("it was in a group", "it was in a chat"),
        ("user ana17 on the app", "user ben17 on the app"),
        ("यह समूह में था", "यह समूह से था"),
        ("الصورة في المجموعة", "الفيديو في المجموعة"),
    ],
)
def test_other_words_are_not_alike(one: str, other: str) -> None:
    assert shape_of_words(one) != shape_of_words(other)


def test_envelopes_are_alike_if_only_numbers_differ() -> None:
    one: Payload = {"description": "Page 1 of 20", "found_on": "forum", "facts": ["live_stream"], "message": "7f"}
    assert shape_of_envelope(one) == shape_of_envelope(
        {"description": "page 3 of 99!", "found_on": "Forum", "facts": ["live_stream"], "message": "8a", "seen_on": ""}
    )
    for other in (
        {"description": "page one"},
        {"found_on": "chat"},
        {"facts": ["child_in_danger"]},
        {"seen_on": "now"},
    ):
        assert shape_of_envelope(one) != shape_of_envelope({**one, **other})


@given(st.text())
def test_any_words_have_a_shape(text: str) -> None:
    assert isinstance(shape_of_words(text), str)
