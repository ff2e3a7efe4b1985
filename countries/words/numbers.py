"""Numbers in a text by value, in the digits of any script."""

import re
import unicodedata
from collections import Counter
from fractions import Fraction

# Digits with signs between them that group thousands or begin decimals: 1,000 and 1.000, 2,5 and 2.5.
_DIGITS = re.compile(r"\d+(?:[.,٫٬’'\u00a0\u202f]\d+)*+")
_SINGLE = {"No", "Nl"}


def count_numbers(text: str) -> Counter[str]:
    """How often the text has each number, as ASCII digits without signs between them.

    The signs are left out because languages exchange the meanings of full stop and comma. Signs such as ½, ④ and Ⅷ, and
    the numerals of Ethiopic, count by their value.
    """
    numbers = Counter(_read_digits(number[0]) for number in _DIGITS.finditer(text))
    numbers.update(
        str(Fraction(unicodedata.numeric(character)).limit_denominator(1_000))
        for character in text
        if not character.isascii() and unicodedata.category(character) in _SINGLE
    )
    return numbers


def _read_digits(number: str) -> str:
    digits = "".join(str(unicodedata.decimal(character)) for character in number if character.isdecimal())
    return digits.lstrip("0") or "0"
