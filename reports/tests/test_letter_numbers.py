"""Numbers of a letter's addresses, in the ways that people write them."""

import pytest

from reports.letter_numbers import LONGEST_LIST, NotANumber, NotInLetter, read_numbers, write_numbers

TEN = range(1, 11)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1, 4-7", (1, 4, 5, 6, 7)),
        ("7;4 4", (4, 7)),
        ("2 – 3", (2, 3)),
        ("1,4-7.", (1, 4, 5, 6, 7)),
        ("١، ٣-٤", (1, 3, 4)),
        ("१-२", (1, 2)),
        ("۲۔ ۳", (2, 3)),
        ("10", (10,)),
        (" \n", ()),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, numbers: tuple[int, ...]) -> None:
    assert read_numbers(text, among=TEN) == numbers


@pytest.mark.parametrize(
    ("text", "part"), [("all", "all"), ("1, x-3", "x-3"), ("-1", "-1"), ("1-2-3", "1-2-3"), ("99999", "99999")]
)
def test_other_text_is_named(text: str, part: str) -> None:
    with pytest.raises(NotANumber) as refused:
        read_numbers(text, among=TEN)
    assert (type(refused.value), refused.value.part) == (NotANumber, part)


@pytest.mark.parametrize("text", ["0", "11", "7-4", "9-11", "1-9999"])
def test_numbers_that_the_letter_has_not_are_named(text: str) -> None:
    with pytest.raises(NotInLetter) as refused:
        read_numbers(text, among=TEN)
    assert refused.value.part == text


def test_range_stands_for_the_numbers_that_are_left_in_the_letter() -> None:
    assert read_numbers("1-4", among=[1, 2, 4]) == (1, 2, 4)
    with pytest.raises(NotInLetter):
        read_numbers("1-3", among=[1, 2, 4])


@pytest.mark.parametrize("numbers", [(), (1,), (1, 2), (1, 3), (1, 4, 5, 6, 7, 10), tuple(range(1, 501))])
def test_written_numbers_are_read_again(numbers: tuple[int, ...]) -> None:
    assert read_numbers(write_numbers(numbers), among=range(1, 501)) == numbers


def test_any_choice_of_a_full_letter_fits_into_the_field() -> None:
    assert len(write_numbers(range(1, 501, 2))) < LONGEST_LIST
