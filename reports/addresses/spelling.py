"""The spelling of addresses: characters and patterns that the other modules share, and `ReadableText`."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

# A longer host is not valid in the domain name system. The limit for the part before "@" keeps the search linear.
LONGEST_HOST = 253
LONGEST_USERINFO = 300
HIGHEST_PORT = 65_535

# Invisible characters: soft hyphen, zero-width characters, direction marks. Not the joiners U+200C and U+200D: they are
# letters of Persian, Urdu and Indian names, and hold emoji together.
_INVISIBLE = frozenset(
    "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)

# Characters that end an address anywhere, as members of a character class: white space, control characters, lone
# surrogates, angle brackets, double quotes, and the sentence punctuation of other scripts. A browser copies an address
# with all of these encoded.
END = (
    r'\s\x00-\x1f\x7f-\x9f\ud800-\udfff<>"`'
    "\u00ab\u00bb\u2018\u201a-\u201f\u2026\u2039\u203a"  # quotation marks but the apostrophe; the ellipsis
    "\u055d\u060c\u061b\u061f\u06d4\u0964\u0965"  # Armenian, Arabic, Urdu, Devanagari
    "\u104a\u104b\u1361-\u1368\u17d4\u17d5"  # Burmese, Ethiopic, Khmer
    "\u3001\u3002\u3008-\u3011\u3014\u3015\uff01\uff08\uff09\uff0c\uff1b\uff3b\uff3d\uff5b\uff5d\uff61-\uff64"
)
END_IN_PLAIN = END + "\uff0e\uff1a\uff1f"  # separators of an address typed in full width, else punctuation
JOINERS = "\u200c\u200d"
_PUNCTUATION = r"!#$&'()*+,./:;=?@\[\\\]^{|}~%\u2010-\u205e"
# A label of a host: letters, digits and marks of any script, hyphen, underscore. Without a scheme no symbols: bullets,
# arrows and emoji stand in front of an address more often than inside it.
_SYMBOLS = r"\xa0-\xa9\xab-\xb9\xbb-\xbf\xd7\xf7\u2070-\u2bff\u3000-\u3004\u3008-\u3020\U0001f000-\U0001faff"
# The middle dot is a letter between two l, as in Catalan.
LABEL = rf"(?:[^{END}{_PUNCTUATION}{_SYMBOLS}]|(?<=[lL])\xb7(?=[lL]))"
WEB_LABEL = rf"(?:[^{END}{_PUNCTUATION}]|%[0-9a-fA-F]{{2}})"
IPV6 = r"\[(?=:*[0-9a-fA-F])[0-9a-fA-F:.]{2,45}\]"
GAP = r"[ \t]{0,2}"
_ANY_DOT = r" ?(?:\.|(?i:dot)) ?"
DOT = rf"(?:\.|{GAP}(?:\[{_ANY_DOT}\]|\({_ANY_DOT}\)|\{{{_ANY_DOT}\}}){GAP})"
COLON = r"(?:\[:\]|\(:\)|\{:\}|:)"
HTTP = r"(?i:h(?:tt|xx)ps?)"

WITHOUT_JOINERS = str.maketrans(dict.fromkeys(JOINERS))

PLAIN_SCHEME = re.compile(HTTP)
BARE = re.compile(rf"{IPV6}|{LABEL}++(?:{DOT}{LABEL}++)++")
DOTS = re.compile(DOT)
COLONS = re.compile(COLON)
AUTHORITY = re.compile(rf"[^{END}/?#\\]*")


class ReadableText(NamedTuple):
    """A text without invisible characters. `folded` is as long as `typed`, with full-width and decorated ASCII made
    plain; `places` maps each of its characters to its position in the `original` text."""

    typed: str
    folded: str
    places: Sequence[int]
    original: str

    def cut_original(self, start: int, end: int) -> str:
        """Characters `start` to `end` of `typed`, with the invisible ones between them."""
        return self.original[self.places[start] : self.places[end - 1] + 1] if start < end else ""


def readable_text(text: str) -> ReadableText:
    if text.isascii():
        return ReadableText(text, text, range(len(text)), text)
    places = [place for place, character in enumerate(text) if character not in _INVISIBLE]
    typed = "".join(text[place] for place in places)
    return ReadableText(typed, "".join(map(_fold_character, typed)), places, text)


def _fold_character(character: str) -> str:
    """The plain ASCII of a full-width, half-width or mathematical letter. Other compatibility forms stay, or the
    footnote in "example.com²" would become part of the host."""
    if character.isascii():
        return character
    if character in "\u3002\uff61":
        return "."
    if unicodedata.decomposition(character).startswith(("<wide>", "<narrow>", "<font>")):
        plain = unicodedata.normalize("NFKC", character)
        return plain if plain.isascii() else character
    return character


def end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
