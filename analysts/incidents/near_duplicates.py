"""Normalised shapes of addresses and texts, from which the blind index of near-duplicates is computed.

An exact index over a coarser text, not a similarity hash (simhash, minhash): those need a distance search, which an
ordinary index cannot serve, and a stolen database would reveal how similar reports are. An exact index reveals equality
only, as the other fingerprints do. A flood in which whole words change is found by its site instead.
Reports without an address whose words change at random are not found.
"""

import re
import unicodedata

from reports.addresses import Address, AddressKind

# Tokens in paths that are longer than this are treated as machine-generated.
LONGEST_WORD = 20
# Replaces the parts that vary within a flood.
GAP = "0"

_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_TOKEN = re.compile(_UUID + r"|(?:%[0-9A-Fa-f]{2}|[^\W_])+")
_GAPS = re.compile(r"0(?:[-_.~+]0)+")
_DIGITS = re.compile(r"\d+")


def shape_of_address(address: Address) -> str:
    """Site and path with numbers and random parts replaced: equal for `/album/17` and `/album/18`.

    Names of people or channels are kept, so that reports of two of them on one service differ.
    """
    _, _, tail = address.key.partition("://")[2].partition("/")
    site = address.site or address.host
    if address.kind == AddressKind.WEB:
        # Numbered sites. Onion and IP addresses are kept: they consist of such characters.
        site = _DIGITS.sub(GAP, site)
    return f"{site}/{_GAPS.sub(GAP, _TOKEN.sub(_without_chance, tail))}"


def shape_of_words(text: str) -> str:
    """The words in lower case, without accents and punctuation, leaving out words with a digit."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(word for word in re.findall(r"\w+", plain) if not _DIGITS.search(word))


def _without_chance(token: re.Match[str]) -> str:
    """The token, or GAP if it contains a digit, has mixed case or is longer than LONGEST_WORD."""
    text = token[0]
    made_up = len(text) > LONGEST_WORD or any(character.isdigit() for character in text) or _is_mixed(text)
    return GAP if made_up else text.casefold()


def _is_mixed(text: str) -> bool:
    return not (text.islower() or text.isupper() or text.istitle())
