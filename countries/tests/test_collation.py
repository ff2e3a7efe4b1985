"""Names of countries in the order of their language. The expected orders are those of ICU 76."""

import pytest

from countries.collation import sort_key
from countries.languages import country_names


@pytest.mark.parametrize(
    ("tag", "names"),
    [
        ("en", ["Côte d’Ivoire", "Croatia", "Türkiye", "U.S. Virgin Islands", "Uganda"]),
        # An accent changes nothing, ñ is a letter of its own, and a space comes before a hyphen.
        ("es", ["Canadá", "Cañas", "Catar", "Emiratos Árabes Unidos", "Guinea Ecuatorial", "Guinea-Bisáu"]),
        ("fr", ["Égypte", "Émirats arabes unis", "Équateur", "Érythrée", "Espagne", "États-Unis"]),
        ("pt", ["Áustria", "Azerbaijão", "Guiné Equatorial", "Guiné-Bissau", "Índia", "Indonésia"]),
        ("ar", ["آيسلندا", "إثيوبيا", "أذربيجان", "أرمينيا", "باكستان"]),
        ("ur", ["اردن", "آرمینیا", "پاکستان", "تھائی لینڈ", "ٹوگو", "سوئٹزر لینڈ", "سویڈن"]),
        ("ur", ["بیلاروس", "بینن", "بھارت", "بھوٹان"]),
        ("hi", ["क़तर", "कनाडा", "कांगो - किंशासा", "कांगो – ब्राज़ाविल", "जापान", "ज़ाम्बिया"]),
    ],
)
def test_names_are_in_the_order_of_their_language(tag: str, names: list[str]) -> None:
    names_reversed = list(reversed(names))

    assert sorted(names_reversed, key=lambda name: sort_key(name, tag)) == names


def test_lists_of_countries_have_that_order() -> None:
    names = [name for _code, name in country_names("fr")]

    assert names.index("Égypte") < names.index("Espagne") < names.index("Zambie")
