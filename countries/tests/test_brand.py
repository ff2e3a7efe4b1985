import pytest

from countries.brand import contrast_ratio, readable_under_white


def test_contrast_runs_from_one_to_twenty_one() -> None:
    assert contrast_ratio("#ffffff", "#ffffff") == 1
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)


def test_contrast_is_the_same_either_way_round() -> None:
    assert contrast_ratio("#1d3b5c", "#ffffff") == contrast_ratio("#ffffff", "#1d3b5c")


@pytest.mark.parametrize(
    ("colour", "readable"),
    [
        # The two greys on either side of WCAG's 4.5:1 on white.
        ("#767676", True),
        ("#777777", False),
        ("#1d3b5c", True),
        ("#ffc533", False),
    ],
)
def test_readable_under_white_asks_for_four_and_a_half_to_one(colour: str, readable: bool) -> None:
    assert readable_under_white(colour) is readable


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "1d3b5c#"])
def test_contrast_refuses_what_is_no_colour(colour: str) -> None:
    with pytest.raises(ValueError, match=r"colour|invalid literal"):
        contrast_ratio(colour, "#ffffff")
