"""Normalised shapes of addresses and texts, from which the blind index of near-duplicates is computed.

An exact index over a coarser text, not a similarity hash (simhash, minhash): those need a distance search, which an
ordinary index cannot serve, and a stolen database would reveal how similar reports are. An exact index reveals equality
only, as the other fingerprints do.

Only numbers and machine-made names are replaced, never a word: a page or a text with another word has another shape, so
that no flood can hide it (`analysts.assessment.flood`). Reports whose words change at random are therefore not found.
"""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote

from reports.addresses import Address, AddressKind
from reports.report_text import SealedTick

# Tokens in paths that are longer than this are treated as machine-generated.
LONGEST_WORD = 20
# Replaces the parts that vary within a flood.
GAP = "0"
# Fields of an envelope that differ in each: the message that an answer belongs to.
NOT_COMPARED = frozenset({"message"})

_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_TOKEN = re.compile(_UUID + r"|[^\W_]+")
_GAPS = re.compile(r"0(?:[-_.~+]0)+")
_DIGITS = re.compile(r"\d+")
# A name with a number, such as `anna17`: the name is kept.
_NUMBERED_NAME = re.compile(r"([^\W\d_]{3,})\d+")
# Words written together, such as `MyAlbum`, are words; `xQzAbW` is not.
_JOINED_WORDS = re.compile(r"[a-z]*(?:[A-Z][a-z]{2,})+")


def shape_of_address(address: Address) -> str:
    """The address with numbers and machine-made names replaced: equal for `/album/17` and `/album/18`.

    Hosts, subdomains, ports and every word of the path, query and fragment are kept, in any script, so that two pages,
    people or channels of one service differ.
    """
    scheme, _, rest = address.key.partition(":")
    if address.kind == AddressKind.APP:
        return f"{scheme}:{_shape_of_text(rest)}"
    authority, _, tail = rest.removeprefix("//").partition("/")
    if address.kind == AddressKind.WEB:
        # Onion and IP addresses are kept: they consist of digits.
        subdomain, site, port = authority.rpartition(address.site)
        authority = _shape_of_text(subdomain.removeprefix("www.")) + _DIGITS.sub(GAP, site) + port
    return f"{authority}/{_shape_of_text(tail)}"


def shape_of_words(text: str) -> str:
    """The words in lower case, without punctuation; numbers are replaced as in addresses."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    spaced = "".join(character if unicodedata.category(character)[0] in "LMN" else " " for character in plain)
    return " ".join(_TOKEN.sub(_without_chance, word) for word in spaced.split())


def shape_of_envelope(payload: Mapping[str, str | list[str]]) -> str:
    """The shape of what an envelope says besides the report: each text by its words, ticks as they are.

    Without sealed ticks: the blind index of a shape outlives the words, and would show to whom has the key that one
    was set.
    """
    shapes = {
        name: shape_of_words(value) if isinstance(value, str) else ",".join(sorted({*value} - {*SealedTick.values}))
        for name, value in sorted(payload.items())
        if value and name not in NOT_COMPARED
    }
    return "\n".join(f"{name}={shape}" for name, shape in shapes.items() if shape or isinstance(payload[name], str))


def _shape_of_text(text: str) -> str:
    # Bytes that are no text stay what they are.
    return _GAPS.sub(GAP, _TOKEN.sub(_without_chance, unquote(text, errors="surrogateescape")))


def _without_chance(token: re.Match[str]) -> str:
    """The token in lower case, or GAP if it is machine-made: with digits or mixed case, or over LONGEST_WORD."""
    text = token[0]
    if len(text) <= LONGEST_WORD and (match := _NUMBERED_NAME.fullmatch(text)):
        return match[1].casefold() + GAP
    made_up = len(text) > LONGEST_WORD or any(character.isdigit() for character in text) or _is_mixed(text)
    return GAP if made_up else text.casefold()


def _is_mixed(text: str) -> bool:
    has_cases = text != text.lower() and text != text.upper()
    return has_cases and not text.istitle() and not _JOINED_WORDS.fullmatch(text)
