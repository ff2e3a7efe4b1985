"""Signs in a text that translations may not add: markup, placeholders, numbers, and characters that no reader sees."""

import re
import unicodedata
from collections import Counter
from fractions import Fraction

# Linear: neither part can contain the sign that begins it.
TAG = re.compile(r"<[^<>]{0,300}>")
ENTITY = re.compile(r"&#?\w{0,40};?")
_MARKUP = re.compile(rf"{TAG.pattern}|{ENTITY.pattern}|[<>&\"]")
_ESCAPED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}

# A conversion of Python's `%` operator, or a per cent sign that is none.
_PERCENT = r"%(?:(?:\([^()%]{0,60}\))?[#0 +-]{0,5}(?:\*|\d{1,5})?(?:\.(?:\*|\d{1,5}))?[hlL]?[diouxXeEfFgGcrsa%])?"
_BRACES = r"\{[^{}]{0,60}\}|[{}]"
# Parts that are filled in later, with per cent signs and braces that are part of none.
PLACEHOLDER = re.compile(f"{_PERCENT}|{_BRACES}")

# Digits with signs between them that group thousands or begin decimals: 1,000 and 1.000, 2,5 and 2.5.
_DIGITS = re.compile(r"\d+(?:[.,٫٬’'\u00a0\u202f]\d+)*+")
_SINGLE = {"No", "Nl"}
# Three or more ideographs of digits in a row are read out as a telephone number is; one or two are words as well.
_IDEOGRAPHS = "〇零一二三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖"
_IDEOGRAPHIC = re.compile(rf"[{_IDEOGRAPHS}](?:[\s-]?[{_IDEOGRAPHS}]){{2,}}+")

# Control, surrogate, private use (`countries.public.page_cache`), unassigned, and the separators of lines.
_HIDDEN_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
# Default_Ignorable_Code_Point of Unicode: characters that are not drawn, joiners and variation selectors included.
_IGNORABLE_RANGES = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
IGNORABLE = dict.fromkeys(point for first, last in _IGNORABLE_RANGES for point in range(first, last + 1))
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def fold_visible(text: str) -> str:
    """The text as its reader sees it: without characters that are not drawn and marks that are stacked on others, and
    with plain letters and signs in place of their compatibility forms (full width, circled, one dot leader)."""
    drawn = unicodedata.normalize("NFKC", text.translate(IGNORABLE))
    return "".join(sign for sign in drawn if unicodedata.category(sign)[0] != "M")


def count_markup(text: str) -> Counter[str]:
    """How often the text has each tag, entity, lone `<`, `>` and `&`, and straight quotation mark."""
    return Counter(_MARKUP.findall(text))


def make_safe(source: str, text: str) -> str:
    """The text as HTML: its markup is escaped, except for as many of the source's own tags, entities and signs.

    `source` is trusted: it is part of the code. A straight quotation mark would end an attribute, so that it counts as
    markup; an apostrophe is left alone, because templates write no attribute in apostrophes.
    """
    remaining = count_markup(source)

    def keep_or_escape(match: re.Match[str]) -> str:
        if remaining[match[0]] > 0:
            remaining[match[0]] -= 1
            return match[0]
        return "".join(_ESCAPED.get(character, character) for character in match[0])

    return _MARKUP.sub(keep_or_escape, text)


def count_numbers(text: str) -> Counter[str]:
    """How often the text has each number, as ASCII digits without signs between them.

    The signs are left out because languages exchange the meanings of full stop and comma. Signs such as ½, ④ and Ⅷ, and
    the numerals of Ethiopic, count by their value; ideographs where they are digits in a row.
    """
    numbers = Counter(_read_digits(number[0]) for number in _DIGITS.finditer(text))
    numbers.update(
        str(Fraction(unicodedata.numeric(character)).limit_denominator(1_000))
        for character in text
        if not character.isascii() and unicodedata.category(character) in _SINGLE
    )
    numbers.update(_read_ideographs(number[0]) for number in _IDEOGRAPHIC.finditer(text))
    return numbers


def _read_digits(number: str) -> str:
    digits = "".join(str(unicodedata.decimal(character)) for character in number if character.isdecimal())
    return digits.lstrip("0") or "0"


def _read_ideographs(number: str) -> str:
    return "".join(str(int(unicodedata.numeric(sign))) for sign in number if sign in _IDEOGRAPHS)


def is_hidden(sign: str) -> bool:
    """Whether the character hides or reorders text. Joiners, single marks of direction and line ends do not."""
    return sign != "\n" and (unicodedata.category(sign) in _HIDDEN_CATEGORIES or _HIDDEN.match(sign) is not None)
