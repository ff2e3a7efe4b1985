"""Finds e-mail addresses and telephone numbers in prose that may identify the reporter or another person.

A false alarm costs a tick, so a number that may be a date, a time, a page, an IP address or a chat's number passes. A
number is taken for a telephone number if it is written as one (+, 00, a leading 0, the usual groups) or if the words
before it say so. Addresses of pages are not looked at: callers mask those of a report.
"""

import re
import unicodedata
from enum import Enum, auto


class Personal(Enum):
    EMAIL = auto()
    PHONE = auto()


_WORD = re.compile(r"\S++")
_SCHEME = re.compile(r"://|\b(?i:www)\.")
_HOST = re.compile(r"[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,9}+[/?#]")
_EMAIL = re.compile(r"(?<![\w.+%@-])[\w.+%-]{1,64}+(?:@|\s?[\[(](?i:at|@)[\])]\s?)[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,9}+")
# Numbers that look like a telephone number and are none. Neighbours matter: 01.02.03.04.05 is one.
_ALONE, _ENDS = r"(?<![\w./:-])", r"(?![./:-]?\d)"
_NUMBERS = re.compile(
    rf"{_ALONE}(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}})|\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}){_ENDS}"
    rf"|{_ALONE}\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}})?{_ENDS}"
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
)
# Without a condition on what follows: a long stretch in front of a letter would be tried again from each of its digits.
_STRETCH = re.compile(r"(?<![\w+#])\(?\+?\d(?:[ ().\u2010-\u2013/-]{0,3}+\d)*+")
_LETTER = re.compile(r"\w")
_NO_DIGIT = re.compile(r"[^\d+]")
_USUAL = re.compile(
    r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"  # North America and the Caribbean
    r"|7\d \d{3} \d{2} \d{2}"  # Senegal
    r"|[6-9]\d{4}[ -]\d{5}"  # India
)
_NATIONAL = re.compile(r"0[1-9]\d{7,9}")
_ABROAD = re.compile(r"(?:\+|00)[1-9]\d{6,13}")
_CONTACT_SCHEME = re.compile(r"^(?i:mailto|tel):")
_WORDS_BEFORE = 25
# "Telephone" in the languages of the portals, without "number": chats and pages have numbers too.
_TELEPHONE = re.compile(
    r"(?i:\b(?:tel|tél|phone|telephone|téléphone|teléfono|telefone|telefono|mobile|móvil|celular|celulaire|portable|cell|call"
    r"|whatsapp|signal|sms|llama|appelle|simu)\b)|هاتف|جوال|موبايل|واتساب|فون|موبائل|واٹس ایپ|फ़ोन|फोन|मोबाइल|व्हाट्सएप"
)


def personal_in(text: str) -> list[Personal]:
    """The kinds of personal data in a text, each once. Takes linear time; callers limit the text's length."""
    plain = _WORD.sub(_no_page, "".join(map(_narrow_character, text)))
    kinds = [Personal.EMAIL] if _EMAIL.search(plain) else []
    numbers = _NUMBERS.sub(" | ", _EMAIL.sub(" | ", plain))
    if any(_is_telephone(numbers, match) for match in _STRETCH.finditer(numbers)):
        kinds.append(Personal.PHONE)
    return kinds


def is_contact(text: str) -> bool:
    """Whether the text is one e-mail address or telephone number and nothing else, with `mailto:` or `tel:` or not."""
    plain = _CONTACT_SCHEME.sub("", "".join(map(_narrow_character, text)).strip())
    return _EMAIL.fullmatch(plain) is not None or _STRETCH.fullmatch(plain) is not None


def _no_page(word: re.Match[str]) -> str:
    return " | " if _SCHEME.search(word[0]) or _HOST.match(word[0]) else word[0]


def _is_telephone(text: str, match: re.Match[str]) -> bool:
    if _LETTER.match(text, match.end()):
        return False
    number = match[0]
    # The sign may stand behind a bracket: (+501).
    digits = _NO_DIGIT.sub("", number)
    if _ABROAD.fullmatch(digits) or _NATIONAL.fullmatch(digits) or _USUAL.fullmatch(number):
        return True
    before = text[max(0, match.start() - _WORDS_BEFORE) : match.start()]
    return 6 <= len(digits) <= 13 and _TELEPHONE.search(before) is not None


def _narrow_character(character: str) -> str:
    """Digits of every script as 0 to 9, wide letters and signs as narrow ones; marks of direction fall out."""
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.category(character) == "Cf":
        return ""
    narrow = unicodedata.normalize("NFKC", character)
    return " " if narrow.isspace() and narrow not in "\r\n" else narrow if len(narrow) == 1 else character
