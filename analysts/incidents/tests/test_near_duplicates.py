"""Which addresses and texts count as near-duplicates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysts.incidents.near_duplicates import shape_of_address, shape_of_words
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
    ],
)
def test_addresses_of_different_places_are_not_alike(one: str, other: str) -> None:
    assert shape(one) != shape(other)


@given(st.text(max_size=60))
def test_any_address_has_a_shape(tail: str) -> None:
    for address in find_addresses(f"https://example.org/{tail}"):
        assert shape_of_address(address).encode("utf-8", "surrogatepass")


def test_words_are_alike_whatever_their_numbers_accents_and_spaces() -> None:
    assert shape_of_words("It was in Group 17, árbol!") == shape_of_words("it  was in\ngroup 9001: ARBOL")
    assert shape_of_words("it was in a group") != shape_of_words("it was in a chat")


@given(st.text())
def test_any_words_have_a_shape(text: str) -> None:
    assert isinstance(shape_of_words(text), str)
