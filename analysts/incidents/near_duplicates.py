"""What nearly equal reports have in common, as text that a keyed blind index is made of.

An exact index over a coarser text, not a similarity hash (simhash, minhash): those need a search by distance, which no
plain index serves, and what is stored tells whoever takes the database which reports are alike and how much. An exact
one tells only "these are equal", as the fingerprints beside it do. What it misses, such as a flood in which whole words
change, is caught by its site; words that change at random are not caught.
"""

import re
import unicodedata

from reports.addresses import Address, AddressKind

# Longer than words in paths are: made by a machine.
LONGEST_WORD = 20
# Stands where something that changes from one of a flood to the next was taken out.
GAP = "0"

_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_TOKEN = re.compile(_UUID + r"|(?:%[0-9A-Fa-f]{2}|[^\W_])+")
_GAPS = re.compile(r"0(?:[-_.~+]0)+")
_DIGITS = re.compile(r"\d+")


def shape_of_address(address: Address) -> str:
    """Site and path with numbers and random parts taken out: equal for `/album/17` and `/album/18`.

    The name of a person or a channel stays, so that reports of two of them at one service differ.
    """
    _, _, tail = address.key.partition("://")[2].partition("/")
    site = address.site or address.host
    if address.kind == AddressKind.WEB:
        # Numbered sites. An onion address or IP address is a number by itself and stays.
        site = _DIGITS.sub(GAP, site)
    return f"{site}/{_GAPS.sub(GAP, _TOKEN.sub(_without_chance, tail))}"


def shape_of_words(text: str) -> str:
    """The words alone: without capitals, accents, punctuation, white space, and whatever holds a digit."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(word for word in re.findall(r"\w+", plain) if not _DIGITS.search(word))


def _without_chance(token: re.Match[str]) -> str:
    """The token, or GAP for one that holds a digit, has capitals in its middle or is longer than words are."""
    text = token[0]
    made_up = len(text) > LONGEST_WORD or any(character.isdigit() for character in text) or _is_mixed(text)
    return GAP if made_up else text.casefold()


def _is_mixed(text: str) -> bool:
    return not (text.islower() or text.isupper() or text.istitle())
